/** `deno task eval`: measures a checkpoint and writes its charts and metrics. */
import { Command, Option } from "commander";
import { basename, dirname, join } from "node:path";
import { type DatasetName, datasetNames } from "../data/dataset.ts";
import { loadDataset } from "../data/load_dataset.ts";
import { evaluateModel } from "../experiments/runs/evaluate_model.ts";
import { writeEvaluation } from "../experiments/runs/evaluate_run.ts";
import { type RunChart, runCharts, writeCharts } from "../experiments/views/charts.ts";
import { writeEvaluationPage } from "../experiments/report/evaluation_page.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import type { Evaluation } from "../experiments/records/complete_evaluation.ts";
import { replaceSet } from "../experiments/records/replace_set.ts";
import { profileBudget } from "../experiments/specs/profile_budget.ts";
import { numericsVersion } from "../experiments/runs/numerics_version.ts";
import { readEnvironment } from "../experiments/runs/provenance.ts";
import { describeSelection } from "../train/history.ts";
import { identifyData } from "../train/run_directory.ts";
import { checkoutRoot } from "../experiments/records/run_paths.ts";
import type { EvaluationOptions } from "../experiments/specs/run_spec.ts";
import { normalisationText } from "../nn/checkpoint_options.ts";
import { addCheckpointFlags, toldOptions } from "./checkpoint_flags.ts";
import { judgeLogits, judgesLogits } from "./eval/judge_logits.ts";
import { type Checkpoint, heldOutPredictions, openCheckpoint } from "./eval/open_checkpoint.ts";
import { saveAttacked } from "./eval/save_attacked.ts";
import { measureTransfer, transferLines } from "./eval/transfer.ts";
import { unseenImages } from "./eval/unseen_images.ts";
import { parseEpsilon, parseEpsilons, wholeNumber, wholeNumbers } from "./flag_values.ts";
import { runCommandLine } from "./_run_command_line.ts";
import { progressLine } from "../terminal/progress.ts";
import { INTERVAL_95, percent } from "../format/percent.ts";
import { temperatureText } from "../metrics/temperature_text.ts";
import { epsilonText } from "../format/epsilon.ts";

/** The flag of each chart. */
const chartOptions = runCharts.map((chart) => ({
  chart,
  option: new Option(`--${chart.flag}`, chart.shows),
}));

interface Flags {
  readonly checkpoint: string;
  readonly dataset?: DatasetName;
  readonly data?: string;
  readonly images?: string;
  readonly examples?: string;
  readonly saveExamples?: string;
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
      "Measures a checkpoint on a test split and writes its charts and <name>.metrics.json. " +
        "Without a flag that names a chart, all are drawn. With --logits FILE it judges what another " +
        "program saved of a model: see --logits x --help.",
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
    .option(
      "--images <dir>",
      "test on the pictures in this folder, one folder a class (or test/ with such folders), but for " +
        "those that the run was trained on",
    )
    .option("--out <dir>", "where the files go (default: beside the checkpoint)")
    .option("--limit <n>", "only the first n test images (default: all)", wholeNumber(1))
    .option("--batch-size <n>", "images a batch", wholeNumber(1), defaults.batchSize)
    .option("--seed <n>", "seed of attacks and maps (default: the run's own)", wholeNumber(0))
    .option("--bins <n>", "bins of the calibration error", wholeNumber(1), defaults.bins);
}

function addChartFlags(parser: Command): Command {
  for (const { option } of chartOptions) parser.addOption(option);
  return parser
    .option("--umap-max <n>", "images of the feature map", wholeNumber(0), defaults.mapImages)
    .option("--grid-max <n>", "images of the grid", wholeNumber(0), defaults.gridImages);
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
    .option(
      "--save-examples <file>",
      "save PGD examples of the attacked images, at --epsilon with --sweep-iters steps, as " +
        "safetensors",
    )
    .option(
      "--examples <file>",
      "measure the checkpoint on saved examples of another model instead: what transfers",
    )
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
function chosenCharts(parser: Command): readonly RunChart[] {
  const chosen = chartOptions.filter(({ option }) =>
    parser.getOptionValue(option.attributeName()) === true
  );
  return (chosen.length === 0 ? chartOptions : chosen).map(({ chart }) => chart);
}

/** Leaves out the images that only charts which were not chosen need. */
function onlyFor(options: EvaluationOptions, charts: readonly RunChart[]): EvaluationOptions {
  const needless = runCharts.filter((chart) => !charts.includes(chart)).flatMap(({ images }) =>
    images === undefined ? [] : [[images, 0] as const]
  );
  return { ...options, ...Object.fromEntries(needless) };
}

/** Own images are often few: budgets of images are no more than there are. */
function withinImages(options: EvaluationOptions, images: number): EvaluationOptions {
  const { attackImages, iterationImages, mapImages } = options;
  return {
    ...options,
    attackImages: Math.min(attackImages, images),
    iterationImages: Math.min(iterationImages, images),
    mapImages: Math.min(mapImages, images),
  };
}

function summary(evaluation: Evaluation): string[] {
  const inPercent = (value: number) => percent(value, 2);
  const { accuracyInterval: { low, high }, worstCase, temperatureScaling } = evaluation;
  const selection = describeSelection(evaluation.provenance.selectBy);
  return [
    evaluation.description,
    `trained on: ${evaluation.provenance.trainedOn}`,
    ...(selection === undefined ? [] : [`epoch chosen by ${selection}`]),
    ...(evaluation.normalisation ? [normalisationText(evaluation.normalisation)] : []),
    `accuracy ${inPercent(evaluation.accuracy)} (${INTERVAL_95} ${inPercent(low)} to ${
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
      `temperature ${temperatureText(temperatureScaling.temperature, 3)}: ECE ` +
      `${inPercent(temperatureScaling.ece)}`,
    ]),
  ];
}

/** Own images, saved examples and the lab's data sets do not mix. */
function requireOneSource(parser: Command, flags: Flags): void {
  const main = flags.examples !== undefined ? "examples" : "images";
  if (flags[main] === undefined) return;
  const others = main === "images"
    ? ["dataset", "data"] as const
    : ["images", "dataset", "data", "saveExamples", "limit"] as const;
  for (const other of others) {
    if (flags[other] === undefined) continue;
    const { long } = parser.options.find((option) => option.attributeName() === other)!;
    parser.error(`error: ${long} has no effect with --${main}`);
  }
}

/** Measures a checkpoint on examples that were made against another. */
async function evaluateExamples(path: string, checkpoint: Checkpoint, flags: Flags) {
  const directory = flags.out ?? checkpoint.output;
  try {
    const beside = { within: dirname(flags.checkpoint) };
    await requireOutputFolder(directory, flags.out === undefined ? beside : {});
    const measured = await measureTransfer(path, checkpoint.model, flags.batchSize);
    const name = `${basename(path).replace(/\.safetensors$/, "")}.transfer.json`;
    await writeAtomically(join(directory, name), `${JSON.stringify(measured, null, 2)}\n`);
    console.log(transferLines(measured).join("\n"));
    console.log(`Wrote ${join(directory, name)}`);
  } finally {
    checkpoint.model.dispose();
  }
}

/** Names a checkpoint wherever its file will be: by its folder, its name and its content. */
function checkpointName(path: string, digest: string): string {
  return `${join(basename(dirname(path)), basename(path))} sha256:${digest}`;
}

async function main(signal: AbortSignal): Promise<number> {
  if (judgesLogits(Deno.args)) return await judgeLogits(Deno.args);
  const parser = addAttackFlags(addChartFlags(addCheckpointFlags(command(), "the checkpoint")))
    .parse(Deno.args, { from: "user" });
  const flags = parser.opts<Flags>();
  const charts = chosenCharts(parser);
  requireOneSource(parser, flags);
  const isOwn = flags.images !== undefined || flags.examples !== undefined;
  const asked = isOwn ? "images" : flags.dataset;
  const checkpoint = await openCheckpoint(flags.checkpoint, asked, toldOptions(parser));
  if (flags.examples !== undefined) {
    await evaluateExamples(flags.examples, checkpoint, flags);
    return 0;
  }
  const { model, dataset, run, normalisation, revealed } = checkpoint;
  const seed = flags.seed ?? checkpoint.seed;
  const directory = flags.out ?? checkpoint.output;
  try {
    const beside = { within: dirname(flags.checkpoint) };
    await requireOutputFolder(directory, flags.out === undefined ? beside : {});
    const source = flags.data === undefined ? "auto" : "real";
    const location = {
      source,
      ...(flags.data === undefined ? {} : { directory: flags.data }),
    } as const;
    const { images, limit } = flags;
    const own = images === undefined ? undefined : await unseenImages(images, checkpoint, limit);
    const test = own?.data ?? await loadDataset(dataset!, "test", { ...location, limit });
    const wished = onlyFor(optionsOf(flags), charts);
    const options = own === undefined ? wished : withinImages(wished, test.length);
    if (revealed !== "") {
      console.error(`${flags.checkpoint}: read as a ${checkpoint.title} with ${revealed}`);
    }
    // Said before the work too: whoever knows better stops here.
    if (normalisation.from === "assumed") {
      console.error(`${flags.checkpoint}: ${normalisationText(normalisation)}`);
    }
    const line = progressLine();
    const environment = await readEnvironment(checkoutRoot());
    const result = await evaluateModel(model, test, {
      run,
      seed,
      options,
      normalisation,
      ...(flags.temperatureScaling
        ? {
          heldOut: await heldOutPredictions(
            checkpoint,
            images === undefined ? location : { images },
            flags.batchSize,
          ),
        }
        : {}),
      attacked: options.attackImages > 0,
      provenance: {
        hash: checkpoint.digest,
        trainedOn: checkpoint.trainedOn,
        ...checkpoint.selection,
        data: identifyData(test),
        numericsVersion,
        ...environment,
      },
      onProgress: (fraction, detail) =>
        line.show(`${percent(fraction, 0)}  ${detail}`, { fraction }),
      signal,
    });
    const { evaluation } = result;
    const lines = summary(evaluation);
    await replaceSet(directory, async (folder) => {
      await writeCharts(folder, result, charts.map(({ name }) => name));
      if (own !== undefined) {
        const path = join(folder, `${evaluation.name}.images.json`);
        await writeAtomically(path, `${JSON.stringify(own.manifest, null, 1)}\n`);
      }
      await writeEvaluation(folder, result);
      await writeEvaluationPage(folder, { name: evaluation.name, run, lines, charts });
    });
    if (flags.saveExamples !== undefined) {
      const saved = await saveAttacked(flags.saveExamples, model, test, {
        checkpoint: checkpointName(flags.checkpoint, checkpoint.digest),
        images: Math.max(1, Math.min(test.length, flags.sweepMaxBatches * flags.batchSize)),
        steps: flags.sweepIters,
        ...{ epsilon: flags.epsilon, batchSize: flags.batchSize, seed, signal },
      });
      lines.push(
        `saved ${saved.n} PGD examples, ${saved.right} of them answered right: ${flags.saveExamples}`,
      );
    }
    line.keep(`Wrote ${join(directory, evaluation.name)}.*`);
    console.log(lines.join("\n"));
    return 0;
  } finally {
    model.dispose();
  }
}

if (import.meta.main) await runCommandLine(main);
