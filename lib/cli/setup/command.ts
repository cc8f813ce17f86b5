import { Command, Option } from "commander";
import type { BindingWay } from "./binding.ts";
import { SetupFailure } from "./failure.ts";
import { SETUP_GOALS, type SetupGoal } from "./parts.ts";
import { runSetup } from "./_run_setup.ts";

interface Flags {
  readonly binding: "auto" | "official" | "wheel";
  readonly sha256?: string;
  readonly repair?: boolean;
  readonly gpu?: boolean;
  readonly onnx?: boolean;
  readonly for?: SetupGoal;
}

const GPU_HELP = `
With --gpu (Linux on x86-64, an NVIDIA driver 525 or newer, a C++ compiler), all tasks compute on the
GPU from then on; no other task's set-up changes that. The way back is --binding wheel or
--binding official; .cache/tensorflow/gpu-* may then be deleted, or is used again by the next --gpu.`;

/**
 * The flags of `deno task setup`, and what it prints.
 *
 * @param packages What was done already in this call: whether npm packages were compared with their
 * hashes, and whether any was installed.
 * @throws {SetupFailure} In one sentence, what to install or allow.
 */
export async function runSetupCommand(
  packages: { readonly compared: boolean; readonly installed: boolean },
): Promise<void> {
  const command = new Command("deno task setup")
    .description("Installs npm packages, TensorFlow's native part and the notebooks' tools.")
    .addOption(
      new Option("--binding <way>", "how to get TensorFlow's native part")
        .choices(["auto", "official", "wheel"])
        .default("auto"),
    )
    .addOption(
      new Option("--sha256 <hash>", "with --binding official: the SHA-256 of its compiled binding"),
    )
    .addOption(
      new Option("--repair", "install everything anew, whatever is there").default(false),
    )
    .addOption(
      new Option("--gpu", "install TensorFlow's CUDA build: 2.2 GB to download, 3.8 GB on the disk")
        .conflicts("binding"),
    )
    .option("--onnx", "also install ONNX Runtime, for models in ONNX files: 115 MB to download")
    .addOption(
      new Option("--for <goal>", "what is about to run (default: notebooks)")
        .choices(SETUP_GOALS),
    );
  command.addHelpText("after", GPU_HELP);
  const flags = command.parse(Deno.args, { from: "user" }).opts<Flags>();
  const binding: BindingWay | "auto" = flags.gpu ? "gpu" : flags.binding;
  if (flags.sha256 !== undefined && binding !== "official") {
    throw new SetupFailure("--sha256 belongs to --binding official: name both, or neither.");
  }
  const options = {
    binding,
    sha256: flags.sha256,
    repair: flags.repair ?? false,
    compared: packages.compared ? ["packages"] as const : [],
  };
  const installed = await runSetup({ ...options, goal: flags.for ?? "notebooks" });
  if (flags.onnx) installed.push(...await runSetup({ ...options, repair: false, goal: "onnx" }));
  // Other tasks name their goal and want silence where nothing is to be done.
  if (flags.for || installed.length > 0 || packages.installed) return;
  console.log("Set-up is complete, with the hashes of every file; nothing to do.");
}
