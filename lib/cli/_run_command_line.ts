/** What every command that computes does around its work: signals, errors, exit codes. */
import { INTERRUPTED_CODE, interruptSignal } from "./_interrupt_signal.ts";

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
  const signal = interruptSignal();
  try {
    Deno.exit(await main(signal));
  } catch (error) {
    if (signal.aborted) {
      console.error(`\n${interrupted}`);
      Deno.exit(INTERRUPTED_CODE);
    }
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
