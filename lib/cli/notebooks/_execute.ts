import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { SetupPaths } from "../setup/paths.ts";
import { lastLines } from "../setup/run_command.ts";
import { TextLineStream } from "../text_lines.ts";

const Event = z.discriminatedUnion("event", [
  z.object({ event: z.literal("start"), cell: z.number(), cells: z.number() }),
  z.object({
    event: z.literal("done"),
    cell: z.number(),
    cells: z.number(),
    seconds: z.number(),
  }),
  z.object({ event: z.literal("progress"), cell: z.number(), secondsLeft: z.number() }),
  z.object({ event: z.literal("failed"), reason: z.string(), cell: z.number().optional() }),
]);

/**
 * What happens while a notebook runs: a code cell (counted from 1) starts, says how long it still
 * takes, ends, or fails.
 */
export type ExecutionEvent = z.infer<typeof Event>;

/** One execution of a notebook. */
export interface Execution {
  /** The notebook; it is only read. */
  readonly source: string;
  /** Where the executed copy goes. */
  readonly output: string;
  /** Environment variables for the kernel. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onEvent?: (event: ExecutionEvent) => void;
  readonly signal?: AbortSignal;
}

function failureOf(
  { cell, reason }: { readonly cell?: number | undefined; readonly reason: string },
): string {
  return cell === undefined ? reason : `failed at cell ${cell}: ${reason}`;
}

/**
 * Executes a notebook from top to bottom in a fresh kernel, in the notebook's own folder.
 *
 * @param paths The project's paths; its Python environment runs nbclient.
 * @returns Undefined, or why it failed; the executed copy then holds the cells up to the error.
 */
export async function executeNotebook(
  paths: SetupPaths,
  { source, output, environment, onEvent = () => {}, signal }: Execution,
): Promise<string | undefined> {
  const script = fileURLToPath(new URL("./run_notebook.py", import.meta.url));
  const child = new Deno.Command(paths.python, {
    args: [script, source, dirname(source), output],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: {
      JUPYTER_PREFER_ENV_PATH: "1", // the project's kernel, not one of the same name in the home
      JUPYTER_RUNTIME_DIR: join(paths.state, "jupyter"),
      PYDEVD_DISABLE_FILE_VALIDATION: "1",
      ...environment,
    },
  }).spawn();
  const interrupt = () => child.kill("SIGINT");
  signal?.addEventListener("abort", interrupt, { once: true });
  const errors = new Response(child.stderr).text();
  let failure: string | undefined;
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) {
    const event = Event.parse(JSON.parse(line));
    if (event.event === "failed") failure = failureOf(event);
    onEvent(event);
  }
  const { success, code } = await child.status;
  signal?.removeEventListener("abort", interrupt);
  if (success) return undefined;
  if (signal?.aborted) return "interrupted";
  return failure ?? `the notebook runner ended with ${code}: ${lastLines(await errors)}`;
}
