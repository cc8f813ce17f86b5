/** `deno task setup`: everything that the project needs beside its source. */
import { Command, Option } from "commander";
import { SetupFailure } from "./setup/failure.ts";
import { SETUP_GOALS, type SetupGoal } from "./setup/parts.ts";
import { runSetup } from "./setup/run_setup.ts";

interface Flags {
  readonly binding: "auto" | "official" | "wheel";
  readonly gpu?: boolean;
  readonly for?: SetupGoal;
}

const GPU_HELP = `
With --gpu (Linux on x86-64, an NVIDIA driver 525 or newer, a C++ compiler), all tasks compute on the
GPU from then on; no other task's set-up changes that. The way back is --binding wheel or
--binding official; .cache/tensorflow/gpu-* may then be deleted, or is used again by the next --gpu.`;

async function main(): Promise<void> {
  const command = new Command("deno task setup")
    .description("Installs npm packages, TensorFlow's native part and the notebooks' tools.")
    .addOption(
      new Option("--binding <way>", "how to get TensorFlow's native part")
        .choices(["auto", "official", "wheel"])
        .default("auto"),
    )
    .addOption(
      new Option("--gpu", "install TensorFlow's CUDA build: 2.2 GB to download, 3.8 GB on the disk")
        .conflicts("binding"),
    )
    .addOption(
      new Option("--for <goal>", "what is about to run (default: notebooks)")
        .choices(SETUP_GOALS),
    );
  command.addHelpText("after", GPU_HELP);
  const flags = command.parse(Deno.args, { from: "user" }).opts<Flags>();
  const binding = flags.gpu ? "gpu" : flags.binding;
  const installed = await runSetup({ goal: flags.for ?? "notebooks", binding });
  // Other tasks name their goal and want silence where nothing is to be done.
  if (!flags.for && installed.length === 0) console.log("Set-up is complete; nothing to do.");
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  console.error(`set-up: ${error.message}`);
  Deno.exit(1);
}
