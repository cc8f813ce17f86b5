/** What every command that computes does around its work: signals, errors, exit codes. */

/** Exit code of a command that was interrupted by Ctrl-C, as shells have it. */
export const interruptedCode = 130;

/**
 * Runs a command: Ctrl-C ends it after its last step is on disk, a second Ctrl-C at once; an error is
 * one sentence on stderr, without a stack.
 *
 * @param main The command; its result is the exit code.
 * @param interrupted What to say after Ctrl-C.
 */
export async function runCommandLine(
  main: (signal: AbortSignal) => Promise<number>,
  interrupted = "Stopped.",
): Promise<never> {
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => {
    if (stop.signal.aborted) Deno.exit(interruptedCode);
    stop.abort();
  });
  try {
    Deno.exit(await main(stop.signal));
  } catch (error) {
    if (stop.signal.aborted) {
      console.error(`\n${interrupted}`);
      Deno.exit(interruptedCode);
    }
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
