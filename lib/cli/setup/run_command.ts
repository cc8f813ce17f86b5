/** What a finished command said. */
export interface CommandResult {
  readonly success: boolean;
  /** The exit code, or the signal that ended it, e.g. "SIGILL". */
  readonly status: number | string;
  readonly stdout: string;
  /** stdout and stderr, for an error's reason. */
  readonly output: string;
}

/**
 * Runs a command to its end and collects what it prints.
 *
 * @param program A name on the PATH, or a path.
 * @param args Its arguments.
 * @param options `cwd`, `env` (added to this process's) and `signal` that ends it.
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
  options: { cwd?: string; env?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<CommandResult | undefined> {
  try {
    const command = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...options,
    });
    const { success, code, signal, stdout, stderr } = await command.output();
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
