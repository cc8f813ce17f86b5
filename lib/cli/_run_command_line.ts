/** What every command that computes does around its work: signals, errors, exit codes. */
import { guardConsole } from "../terminal/stream.ts";
import { outOfMemory } from "./_out_of_memory.ts";
import { INTERRUPTED_CODE, interruptSignal } from "./_interrupt_signal.ts";

/** Whoever reads the exit code alone learns that something was not shown. */
const OUTPUT_LOST_CODE = 1;

/**
 * Runs a command: texts from files cannot steer the terminal, and a full or closed stdout is named.
 * Ctrl-C ends it after its last step is on disk, a second Ctrl-C at once; an error is
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
  const output = guardConsole();
  try {
    const code = await main(signal);
    Deno.exit(output.failed && code === 0 ? OUTPUT_LOST_CODE : code);
  } catch (error) {
    if (signal.aborted) {
      console.error(`\n${interrupted}`);
      Deno.exit(INTERRUPTED_CODE);
    }
    console.error(outOfMemory(error) ?? (error instanceof Error ? error.message : String(error)));
    Deno.exit(1);
  }
}
