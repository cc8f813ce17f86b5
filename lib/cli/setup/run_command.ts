import { fileURLToPath } from "node:url";

/** What a finished command said. */
export interface CommandResult {
  readonly success: boolean;
  /** The exit code, or the signal that ended it, e.g. "SIGILL". */
  readonly status: number | string;
  readonly stdout: string;
  /** stdout and stderr, for an error's reason. */
  readonly output: string;
}

/** Options of {@linkcode runCommand}. */
export interface RunCommandOptions {
  readonly cwd?: string;
  /** Added to this process's. */
  readonly env?: Record<string, string>;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** A Python that ends the command and its children when this process ends, even if it is killed. */
  readonly supervisor?: string;
}

/**
 * Runs a command to its end and collects what it prints.
 *
 * @param program A name on the PATH, or a path.
 * @param args Its arguments.
 * @param options See {@linkcode RunCommandOptions}.
 * @returns The result, or undefined where there is no such program.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals((await runCommand(Deno.execPath(), ["--version"]))?.success, true);
 * assertEquals(await runCommand("no-such-program-here", []), undefined);
 * ```
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  { supervisor, ...options }: RunCommandOptions = {},
): Promise<CommandResult | undefined> {
  const script = supervisor && fileURLToPath(new URL("./supervise.py", import.meta.url));
  const all = script ? [script, program, ...args] : [...args];
  try {
    const child = new Deno.Command(supervisor ?? program, {
      args: all,
      // Held open until the command has ended, or this process.
      stdin: supervisor ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
      ...options,
    }).spawn();
    const { success, code, signal, stdout, stderr } = await child.output();
    if (supervisor) await child.stdin.close().catch(() => {});
    if (supervisor && code === 127 && stdout.length === 0) return undefined;
    const text = new TextDecoder().decode(stdout);
    return {
      success,
      status: signal ?? code,
      stdout: text,
      output: `${text}${new TextDecoder().decode(stderr)}`.trim(),
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The last lines of a command's output, for an error message. */
export function lastLines(text: string, count = 5): string {
  return text.split("\n").map((line) => line.trimEnd()).filter(Boolean).slice(-count).join("\n");
}
