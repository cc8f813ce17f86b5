/** `deno task train`: trains one model; every knob is a flag. */
import { runCommandLine } from "./_run_command_line.ts";
import { parseTrainFlags } from "./train/flags.ts";

const flags = parseTrainFlags(Deno.args);
await runCommandLine(async (signal) => {
  // Loaded late: --help and a wrong flag need no TensorFlow.
  if (flags.spec !== undefined) {
    const { makeSpecifiedRun } = await import("./train/specified_run.ts");
    return await makeSpecifiedRun({ ...flags, spec: flags.spec }, signal);
  }
  const { runTraining } = await import("./train/run_training.ts");
  await runTraining(flags, signal);
  return 0;
}, "Stopped. The same command with --resume continues after the last whole epoch.");
