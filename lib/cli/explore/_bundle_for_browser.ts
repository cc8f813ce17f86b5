/** The library's code as one script for a browser. */
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, stop } from "esbuild";
import { exists } from "../../files/exists.ts";

/** `name.ts` in a folder of this name stands, in a browser, for `name.ts` in the folder above. */
const TWINS = "browser";

const twins: Plugin = {
  name: "twins",
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, async ({ path, resolveDir }) => {
      const asked = join(resolveDir, path);
      const folder = dirname(asked);
      const twin = join(folder, TWINS, basename(asked));
      return basename(folder) !== TWINS && await exists(twin) ? { path: twin } : undefined;
    });
  },
};

/** Without the text of licences, which the page names once. */
const OPTIONS = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  legalComments: "none",
  logLevel: "silent",
  write: false,
  metafile: true,
} as const;

/** Code that was bundled. */
export interface Bundle {
  /** One module that imports nothing. */
  readonly code: string;
  /** Paths of the files in it, relative to the checkout. */
  readonly files: readonly string[];
}

/**
 * Bundles a program of the library for a browser: the same files, with the twins in `browser` folders in
 * place of those that need Deno or TensorFlow's native library.
 *
 * @param entry A file that a page runs.
 * @returns The module, minified; a page runs it as `<script type="module">`.
 * @throws {Error} Naming file and place, if something in it cannot run in a browser, e.g. an import of
 * `node:fs`.
 */
export async function bundleForBrowser(entry: string): Promise<Bundle> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  try {
    const { outputFiles, metafile } = await build({
      ...OPTIONS,
      absWorkingDir: root,
      entryPoints: [entry],
      plugins: [twins],
    });
    return { code: outputFiles[0]!.text, files: Object.keys(metafile.inputs) };
  } finally {
    await stop(); // the bundler is a program of its own, which would outlive its use
  }
}
