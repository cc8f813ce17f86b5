import { basename } from "node:path";
import { lintNotebook } from "./lint.ts";
import { type Notebook, notebookText, readNotebook } from "./nbformat.ts";
import { megabytes } from "../../format/megabytes.ts";

const LARGEST_BYTES = 3_000_000;

/** Without what differs between two runs of the same numbers: the kernel's own version notes. */
function normalized(notebook: Notebook): Notebook {
  const metadata = {
    kernelspec: { name: "deno", display_name: "Deno", language: "typescript" },
    language_info: {
      name: "typescript",
      file_extension: ".ts",
      mimetype: "text/x.typescript",
      pygments_lexer: "typescript",
    },
  };
  const { trusted_ai_lab: _, ...others } = notebook.metadata; // when and by whom it was executed
  return { ...notebook, metadata: { ...others, ...metadata } };
}

/**
 * The text of an executed notebook as it may be committed.
 *
 * @param path The executed notebook.
 * @param root The project's folder; its path is taken out of the outputs.
 * @throws {Error} If it is too large or breaks a rule of {@linkcode lintNotebook}.
 */
export async function publishableText(path: string, root: string): Promise<string> {
  const text = notebookText(normalized(await readNotebook(path))).replaceAll(`${root}/`, "");
  const findings = lintNotebook(path, JSON.parse(text, joinSources) as Notebook);
  if (findings.length > 0) throw new Error(`It cannot be published: ${findings.join("; ")}.`);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > LARGEST_BYTES) {
    throw new Error(
      `${basename(path)} would have ${megabytes(bytes)}; at most ${
        megabytes(LARGEST_BYTES)
      } are committed: show fewer or smaller figures.`,
    );
  }
  return text;
}

function joinSources(key: string, value: unknown): unknown {
  return key === "source" && Array.isArray(value) ? value.join("") : value;
}
