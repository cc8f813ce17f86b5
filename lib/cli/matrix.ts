/** `deno task matrix`: makes every run of a profile that has not been made yet. */
import { resolve } from "node:path";
import { publishRuns } from "../experiments/report/publish.ts";
import { writeDocuments } from "./readme/documents.ts";
import { runAll } from "../experiments/run_experiment.ts";
import type { RunAllOptions } from "../experiments/runs/make_runs.ts";
import { chooseRuns } from "../experiments/specs/choose_runs.ts";
import { checkoutRoot, runsFolder } from "../experiments/records/run_paths.ts";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import type { RunSpec } from "../experiments/specs/run_spec.ts";
import { variantText } from "../experiments/specs/variant_text.ts";
import { trainingTable } from "../experiments/views/tables.ts";
import { DivergenceError } from "../train/divergence_error.ts";
import { type MatrixFlags, parseMatrixFlags } from "./matrix/flags.ts";
import { runOnCluster } from "./matrix/run_on_cluster.ts";
import { clusterSettings } from "./matrix/settings.ts";
import { sizeText } from "./checkpoint_flags.ts";
import { runCommandLine } from "./_run_command_line.ts";
import { runLine } from "./_run_line.ts";
import { commandOutput } from "./output.ts";
import { variantSpecs } from "./run_flags.ts";

/** The command line that makes one run of the matrix again, alone. */
function rerun(
  { profile, data, pretrained, pretrainedOptions, root, variant }: MatrixFlags,
  { id, seed }: RunSpec,
): string {
  const { imageSize: size, ...told } = pretrainedOptions;
  const about = size === undefined ? told : { ...told, "image-size": sizeText(size) };
  const rest = Object.entries({ data, pretrained, ...about, root })
    .map(([flag, value]) => value === undefined ? "" : ` --${flag} ${value}`).join("");
  const variants = variant.map(({ file }) => ` --variant ${file}`).join("");
  return `deno task matrix --profile ${profile}${rest}${variants} --only ${id} --seeds ${seed}`;
}

/** Failures of single runs: told at the end, with how to make each again. */
class Failures {
  readonly #failed: { readonly spec: RunSpec; readonly reason: string }[] = [];

  constructor(readonly flags: MatrixFlags) {}

  add(spec: RunSpec, { message }: Error): void {
    this.#failed.push({ spec, reason: message });
    console.error(`\n${spec.id} seed ${spec.seed} failed: ${message}`);
  }

  /** The exit code. */
  tell(runs: number): number {
    if (this.#failed.length === 0) return 0;
    console.error(`${this.#failed.length} of ${runs} runs failed. To make one again:`);
    for (const { spec, reason } of this.#failed) {
      console.error(`  ${rerun(this.flags, spec)}\n    ${reason.split("\n")[0]}`);
    }
    return 1;
  }
}

async function main(signal: AbortSignal): Promise<number> {
  const flags = parseMatrixFlags(Deno.args);
  const output = commandOutput(flags);
  const { specs, matrix } = chooseRuns({
    profile: flags.profile,
    seeds: flags.seeds,
    only: flags.only,
    variants: variantSpecs(flags, flags.profile),
    pretrained: flags.pretrained,
    pretrainedOptions: flags.pretrainedOptions,
    source: flags.data === undefined ? undefined : "real",
  });
  if (flags.list) {
    for (const spec of specs) {
      const { id, seed, dataset, train } = spec;
      const parts = [id, `seed ${seed}`, dataset, `${train.epochs} epochs`, variantText(spec)];
      const variant = variantText(spec);
      output.result(
        { id, seed, dataset, epochs: train.epochs, ...(variant === undefined ? {} : { variant }) },
        parts.filter((part) => part !== undefined).join("  "),
      );
    }
    return 0;
  }
  const root = resolve(flags.root ?? checkoutRoot());
  await requireOutputFolder(runsFolder(root));
  const cluster = await clusterSettings(flags);
  const failures = new Failures(flags);
  const options: RunAllOptions = {
    root,
    matrix,
    signal,
    line: output.line(),
    // A worker's folder is not this one's: it needs the whole path.
    ...(flags.data === undefined ? {} : { dataDirectory: resolve(flags.data) }),
    onFailure: (spec, error) => {
      // Missing data or a full disk would stop every other run too.
      if (cluster === undefined && !(error instanceof DivergenceError)) throw error;
      failures.add(spec, error);
    },
    // Published run by run: what is finished is kept, whatever comes next.
    onResult: async (result) => {
      if (output.json) output.result(runLine(result), "");
      if (!flags.publish) return;
      await publishRuns([result.record], checkoutRoot());
      await writeDocuments(checkoutRoot());
    },
  };
  const results = cluster === undefined
    ? await runAll(specs, options)
    : await runOnCluster(specs, { ...options, cluster });
  if (results.length > 0 && !output.json) {
    console.log(trainingTable(results.map(({ record }) => record)).toMarkdown());
  }
  return failures.tell(specs.length);
}

if (import.meta.main) {
  await runCommandLine(main, "Stopped; the same command continues after the last finished epoch.");
}
