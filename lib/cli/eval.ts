/** `deno task eval`: measures a checkpoint and writes its charts and metrics. */
import { Command, Option } from "commander";
import { join } from "node:path";
import { type DatasetName, datasetNames } from "../data/dataset.ts";
import { loadDataset } from "../data/load_dataset.ts";
import { evaluateModel } from "../experiments/runs/evaluate_model.ts";
import { writeEvaluation } from "../experiments/runs/evaluate_run.ts";
import { writeCharts } from "../experiments/views/evaluation_charts.ts";
import type { Evaluation } from "../experiments/records/evaluation.ts";
import { profileBudget } from "../experiments/specs/profile_budget.ts";
import { numericsVersion } from "../experiments/runs/numerics_version.ts";
import { readEnvironment } from "../experiments/runs/provenance.ts";
import { identifyData } from "../train/run_directory.ts";
import { type ChartName, checkoutRoot } from "../experiments/records/run_paths.ts";
import type { EvaluationOptions } from "../experiments/specs/run_spec.ts";
import { heldOutPredictions, openCheckpoint } from "./eval/checkpoint.ts";
import { parseEpsilon, parseEpsilons, wholeNumber, wholeNumbers } from "./flag_values.ts";
import { runCommandLine } from "./run_command_line.ts";
import { progressLine } from "../terminal/progress.ts";
import { interval95, percent } from "../format/percent.ts";
import { epsilonText } from "../format/epsilon.ts";

/** Flags that choose pictures, and the chart each stands for. */
const pictures = {
  umap: "umap",
  grid: "grid",
  confusion: "confusion",
  perClass: "per_class",
  calibration: "calibration",
  coverage: "confidence_coverage",
  sweep: "robustness_sweep",
  iterSweep: "pgd_iter_sweep",
} as const satisfies Record<string, ChartName>;

interface Flags extends Partial<Record<keyof typeof pictures, boolean>> {
  readonly checkpoint: string;
  readonly dataset?: DatasetName;
  readonly data?: string;
  readonly out?: string;
  readonly limit?: number;
  readonly batchSize: number;
  readonly seed?: number;
  readonly bins: number;
  readonly umapMax: number;
  readonly gridMax: number;
  readonly epsilon: number;
  readonly sweepEpsilons: number[];
  readonly sweepIters: number;
  readonly sweepMaxBatches: number;
  readonly pgdItersList: number[];
  readonly iterSweepMaxBatches: number;
  readonly strongImages: number;
  readonly maskingImages: number;
  readonly temperatureScaling?: boolean;
}

const defaults = profileBudget("standard").evaluation.robustness;

function command(): Command {
  return new Command("deno task eval")
    .description(
      "Measures a checkpoint on a test split and writes the eight charts and <name>.metrics.json. " +
        "Without a flag that names a picture, all are drawn.",
    )
    .requiredOption("--checkpoint <file>", "a safetensors file, e.g. best.safetensors of a run")
    .addOption(
      new Option("--dataset <name>", "what to test on (default: what the run was trained on)")
        .choices(datasetNames),
    )
    .option(
      "--data <dir>",
      "directory with the real images; missing files are an error (default: data/raw, else " +
        "procedural stand-ins)",
    )
    .option("--out <dir>", "where the files go (default: beside the checkpoint)")
    .option("--limit <n>", "only the first n test images (default: all)", wholeNumber(1))
    .option("--batch-size <n>", "images a batch", wholeNumber(1), defaults.batchSize)
    .option("--seed <n>", "seed of attacks and maps (default: the run's own)", wholeNumber(0))
    .option("--bins <n>", "bins of the calibration error", wholeNumber(1), defaults.bins);
}

function addPictureFlags(parser: Command): Command {
  return parser
    .option("--umap", "feature map")
    .option("--umap-max <n>", "images of the feature map", wholeNumber(0), defaults.mapImages)
    .option("--grid", "clean, adversarial and noisy examples")
    .option("--grid-max <n>", "images of the grid", wholeNumber(0), defaults.gridImages)
    .option("--confusion", "confusion matrix")
    .option("--per-class", "accuracy by class")
    .option("--calibration", "reliability diagram")
    .option("--coverage", "risk over coverage")
    .option("--sweep", "accuracy over budgets")
    .option("--iter-sweep", "accuracy over the number of PGD steps");
}

function addAttackFlags(parser: Command): Command {
  return parser
    .addOption(
      new Option("--epsilon <e>", "budget of grid, iterations and strong attacks")
        .argParser(parseEpsilon).default(8 / 255, "8/255"),
    )
    .addOption(
      new Option("--sweep-epsilons <list>", "budgets, in pixel units or as fractions")
        .argParser(parseEpsilons)
        .default(defaults.epsilons, defaults.epsilons.map(epsilonText).join(",")),
    )
    .option("--sweep-iters <n>", "steps of PGD over budgets", wholeNumber(1), defaults.attackSteps)
    .option("--sweep-max-batches <n>", "attacked batches there; 0: no attack", wholeNumber(0), 8)
    .option("--pgd-iters-list <list>", "numbers of steps", wholeNumbers(1), defaults.iterationSteps)
    .option("--iter-sweep-max-batches <n>", "attacked batches there", wholeNumber(0), 2)
    .option("--strong-images <n>", "images for APGD and Square; 0: none", wholeNumber(0), 0)
    .option("--masking-images <n>", "images for the masking checks; 0: none", wholeNumber(0), 0)
    .option("--temperature-scaling", "fit a temperature on the held-out tenth of train");
}

function optionsOf(flags: Flags): EvaluationOptions {
  const { batchSize } = flags;
  return {
    ...defaults,
    adaptBatchNorm: false,
    batchSize,
    bins: flags.bins,
    mapImages: flags.umapMax,
    gridImages: flags.gridMax,
    epsilon: flags.epsilon,
    epsilons: flags.sweepEpsilons,
    attackSteps: flags.sweepIters,
    attackImages: flags.sweepMaxBatches * batchSize,
    iterationSteps: flags.pgdItersList,
    iterationImages: flags.iterSweepMaxBatches * batchSize,
    strongImages: flags.strongImages,
    maskingImages: flags.maskingImages,
  };
}

/** The chosen charts; without a choice all of them. */
function chosenPictures(flags: Flags): ChartName[] {
  const keys = Object.keys(pictures) as (keyof typeof pictures)[];
  const chosen = keys.filter((key) => flags[key] === true);
  return (chosen.length === 0 ? keys : chosen).map((key) => pictures[key]);
}

/** Leaves out the measurements that only pictures which were not chosen need. */
function onlyFor(options: EvaluationOptions, charts: readonly ChartName[]): EvaluationOptions {
  const has = (name: ChartName) => charts.includes(name);
  return {
    ...options,
    mapImages: has("umap") ? options.mapImages : 0,
    gridImages: has("grid") ? options.gridImages : 0,
    iterationImages: has("pgd_iter_sweep") ? options.iterationImages : 0,
  };
}

function summary(evaluation: Evaluation): string {
  const inPercent = (value: number) => percent(value, 2);
  const { accuracyInterval: { low, high }, worstCase, temperatureScaling } = evaluation;
  return [
    evaluation.description,
    `accuracy ${inPercent(evaluation.accuracy)} (${interval95} ${inPercent(low)} to ${
      inPercent(high)
    })`,
    `ECE ${inPercent(evaluation.ece)}, Brier ${evaluation.brier.toFixed(4)}, ` +
    `NLL ${evaluation.nll.toFixed(4)}, AURC ${evaluation.aurc.toFixed(4)}`,
    ...evaluation.robustnessSweep.map(({ attack, epsilon, accuracy, n }) =>
      `${attack} at ${epsilonText(epsilon)}: ${inPercent(accuracy)} of ${n}`
    ),
    ...worstCase.filter(({ epsilon }) => epsilon === evaluation.epsilon)
      .map(({ accuracy, n }) => `worst case: ${inPercent(accuracy)} of ${n}`),
    ...(temperatureScaling === null ? [] : [
      `temperature ${temperatureScaling.temperature.toFixed(3)}: ECE ` +
      `${inPercent(temperatureScaling.ece)}`,
    ]),
  ].join("\n");
}

async function main(signal: AbortSignal): Promise<number> {
  const flags = addAttackFlags(addPictureFlags(command())).parse(Deno.args, { from: "user" })
    .opts<Flags>();
  const charts = chosenPictures(flags);
  const checkpoint = await openCheckpoint(flags.checkpoint, flags.dataset);
  const { model, dataset, run } = checkpoint;
  const seed = flags.seed ?? checkpoint.seed;
  try {
    const source = flags.data === undefined ? "auto" : "real";
    const location = {
      source,
      ...(flags.data === undefined ? {} : { directory: flags.data }),
    } as const;
    const limit = flags.limit === undefined ? {} : { limit: flags.limit };
    const test = await loadDataset(dataset, "test", { ...location, ...limit });
    const options = onlyFor(optionsOf(flags), charts);
    const line = progressLine();
    const { commit, versions, hardware } = await readEnvironment(checkoutRoot());
    const result = await evaluateModel(model, test, {
      run,
      seed,
      options,
      ...(flags.temperatureScaling
        ? { heldOut: await heldOutPredictions(checkpoint, location, flags.batchSize) }
        : {}),
      attacked: options.attackImages > 0,
      provenance: {
        hash: checkpoint.digest,
        trainedOn: checkpoint.trainedOn,
        data: identifyData(test),
        numericsVersion,
        commit,
        versions,
        hardware,
      },
      onProgress: (fraction, detail) =>
        line.show(`${percent(fraction, 0)}  ${detail}`, { fraction }),
      signal,
    });
    const directory = flags.out ?? checkpoint.output;
    const { evaluation } = result;
    await writeCharts(directory, result, charts);
    await writeEvaluation(directory, result);
    line.keep(`Wrote ${join(directory, evaluation.name)}.*`);
    console.log(summary(evaluation));
    return 0;
  } finally {
    model.dispose();
  }
}

if (import.meta.main) await runCommandLine(main);
