/** `deno task train`: trains one model; every knob is a flag. */
import { parseTrainFlags, type TrainFlags } from "./train/flags.ts";

/** Exit code of a process that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** A signal that Ctrl-C aborts; a second Ctrl-C ends the process at once. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  Deno.addSignalListener("SIGINT", () => {
    if (controller.signal.aborted) Deno.exit(INTERRUPTED);
    controller.abort();
  });
  return controller.signal;
}

async function main(flags: TrainFlags): Promise<number> {
  const signal = interruptSignal();
  try {
    // Loaded late: --help and a wrong flag need no TensorFlow.
    const { runTraining } = await import("./train/run_training.ts");
    await runTraining(flags, signal);
    return 0;
  } catch (error) {
    if (signal.aborted) {
      console.error("Stopped. The same command with --resume goes on after the last whole epoch.");
      return INTERRUPTED;
    }
    console.error(`train: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

Deno.exit(await main(parseTrainFlags(Deno.args)));
