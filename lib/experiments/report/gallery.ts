/** The figures of a report: copied from run directories, or comparing several runs. */
import { join } from "node:path";
import { writeAtomically } from "../../files/write_atomically.ts";
import type { Chart } from "../../plots/chart.ts";
import {
  accuracyChart,
  confusionChart,
  coverageChart,
  curvesChart,
  domainMapChart,
  iterationChart,
  learningCurveChart,
  mapChart,
  minimumEpsilonChart,
  perClassChart,
  reliabilityChart,
  robustnessChart,
} from "../views/record_charts.ts";
import type { RunRecord } from "../records/record.ts";
import { lowestSeeds } from "../records/run_groups.ts";
import { type ChartName, chartNames, runName } from "../records/run_paths.ts";

/** Charts of a run that a report keeps: all of them for the main runs, some for the others. */
const keptOfAll: readonly ChartName[] = ["confusion", "calibration"];
const keptOfRobustness: readonly ChartName[] = ["robustness_sweep", "pgd_iter_sweep", "umap"];
const keptWhole = ["svhn-baseline", "mnist-train", "cifar-base", "cifar-pgd-at"];

function keptCharts(run: RunRecord): string[] {
  const { name, dataset } = run.metrics;
  const own = keptWhole.includes(run.id)
    ? chartNames
    : [...keptOfAll, ...(dataset === "cifar10" ? keptOfRobustness : [])];
  return ["training_curves", ...own.map((chart) => `${name}.${chart}`)];
}

async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await writeAtomically(to, await Deno.readFile(from));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Charts that are drawn from a record alone, by the last part of their names. */
const drawers: Readonly<Record<string, (run: RunRecord) => Promise<Chart>>> = {
  training_curves: (run) => curvesChart(run),
  umap: (run) => mapChart(run),
  confusion: (run) => confusionChart(run),
  per_class: (run) => perClassChart(run),
  calibration: (run) => reliabilityChart(run, { scaled: true }),
  confidence_coverage: (run) => coverageChart(run),
  robustness_sweep: (run) => robustnessChart(run),
  pgd_iter_sweep: (run) => iterationChart(run),
};

/** Whether a run has the figures that a chart shows. */
function hasFigures({ metrics }: RunRecord, chart: string): boolean {
  if (chart === "umap") return metrics.map !== null;
  if (chart === "robustness_sweep") return metrics.robustnessSweep.length > 0;
  return chart !== "pgd_iter_sweep" || metrics.pgdIterationSweep.length > 0;
}

async function writeFigure(run: RunRecord, chart: string, path: string): Promise<string[]> {
  const files = ["svg", "png"].map((extension) => `${path}.${extension}`);
  const draw = drawers[chart.split(".").at(-1)!];
  if (draw !== undefined) {
    if (!hasFigures(run, chart.split(".").at(-1)!)) return [];
    await (await draw(run)).save(path);
    return files;
  }
  // The grid shows images, which no record holds: it is copied from the run directory.
  const copied: string[] = [];
  for (const file of files) {
    const from = join(run.directory, `${chart}${file.slice(path.length)}`);
    if (await copyIfThere(from, file)) copied.push(file);
  }
  return copied;
}

/**
 * Writes the figures of runs under the names `<id>-s<seed>.<chart>.{svg,png}`: drawn anew from their
 * records, but for the example grid, which is copied where there is a run directory.
 *
 * @param runs Finished runs.
 * @param folder Where to.
 * @returns The paths written.
 */
export async function writeFigures(runs: readonly RunRecord[], folder: string): Promise<string[]> {
  const written: string[] = [];
  for (const run of runs) {
    for (const chart of keptCharts(run)) {
      written.push(...await writeFigure(run, chart, join(folder, `${runName(run)}.${chart}`)));
    }
  }
  return written;
}

/** A figure about several runs, with the question it answers. */
export interface Comparison {
  /** File name without extension. */
  readonly name: string;
  /** The question, and how to read the figure. */
  readonly paragraph: string;
  draw(): Promise<Chart>;
}

const generalization =
  /^svhn-(baseline|no-bn|ls|adam|augment|flips|rotations|dropout|circle|pretrained)$/;

/** All seeds of each id that matches, in the order of the ids. */
function allSeeds(runs: readonly RunRecord[], pattern: RegExp): RunRecord[] {
  return runs.filter(({ id }) => pattern.test(id));
}

/** The lowest seed of each id that matches; the chart's subtitle names it. */
function firstSeeds(runs: readonly RunRecord[], pattern: RegExp): RunRecord[] {
  return lowestSeeds(allSeeds(runs, pattern));
}

/** What the rings are, where a figure has them. */
function ringNote(runs: readonly RunRecord[]): string {
  const repeated = new Set(runs.map(({ id }) => id)).size < runs.length;
  return repeated ? " Where a run has several seeds, it shows their mean and a ring for each." : "";
}

function comparison(
  runs: readonly RunRecord[],
  least: number,
  name: string,
  paragraph: string,
  draw: (runs: readonly RunRecord[]) => Promise<Chart>,
): Comparison[] {
  const ids = new Set(runs.map(({ id }) => id));
  return ids.size < least ? [] : [{ name, paragraph, draw: () => draw(runs) }];
}

/**
 * The comparing figures that these runs allow.
 *
 * @param runs Of one profile.
 * @returns Figures in the order of the notebooks; those whose runs are missing are left out.
 */
export function comparisons(runs: readonly RunRecord[]): Comparison[] {
  const svhn = allSeeds(runs, generalization);
  const optimizers = firstSeeds(runs, /^svhn-(baseline|no-bn|adam)$/);
  const domains = firstSeeds(runs, /^svhn-baseline$/);
  const fineTuned = allSeeds(runs, /^mnist-to-svhn-/);
  const robust = firstSeeds(runs, /^cifar-(base|fgsm-at|pgd-at)$/);
  const circle = firstSeeds(runs, /^cifar-(base|circle.*|pgd-at)$/);
  const calibrated = firstSeeds(runs, /^svhn-ls$/);
  return [
    ...comparison(
      svhn,
      2,
      "svhn_accuracy",
      "How much does each change to the baseline help or hurt on unseen street digits? A dot is " +
        "the test accuracy, the line its 95 % interval; where two lines overlap widely, one run " +
        `of each does not tell the two apart.${ringNote(svhn)}`,
      accuracyChart,
    ),
    ...comparison(
      optimizers,
      2,
      "svhn_training",
      "How fast and how smoothly do batch norm, SGD and Adam learn? The dashed curve (validation) " +
        "chooses the epoch; a gap between the two curves is overfitting.",
      curvesChart,
    ),
    ...comparison(
      domains,
      1,
      "domains",
      "Does the network see street digits and handwritten digits as the same thing? Both panels " +
        "share one map and its axes: classes that fall together across panels transfer.",
      ([run]) => domainMapChart(run!),
    ),
    ...comparison(
      fineTuned,
      3,
      "fine_tuning",
      "What are pretrained convolutions worth when only few labelled images are at hand? Each " +
        `curve is one way to train; where they meet, pretraining has stopped to pay.${
          ringNote(fineTuned)
        }`,
      learningCurveChart,
    ),
    ...comparison(
      robust,
      2,
      "robustness",
      "What does adversarial training buy, and what does it cost? Accuracy under PGD over the " +
        "budget: the left end is the price on clean images, the drop to the right is the gain.",
      (models) => robustnessChart(models, { attack: "pgd" }),
    ),
    ...comparison(
      robust,
      2,
      "minimum_epsilon",
      "How small a change of the pixels already fools each model? The curve is the share of images " +
        "fooled at a budget or less; it starts at the clean error.",
      minimumEpsilonChart,
    ),
    ...comparison(
      robust,
      2,
      "risk_coverage",
      "Does a model know when it does not know? If it answers only its most confident images, the " +
        "error should fall towards the left, as near to its oracle as may be.",
      (models) => coverageChart(models),
    ),
    ...comparison(
      calibrated,
      1,
      "label_smoothing_calibration",
      "Do the confidences of the label-smoothed model mean what they say, before and after " +
        "temperature scaling? Bars below the diagonal are overconfident, above it underconfident.",
      ([run]) => reliabilityChart(run!, { scaled: true }),
    ),
    ...comparison(
      circle,
      2,
      "circle_robustness",
      "Does Circle Loss make a model more robust than cross entropy alone, without any attack in " +
        "training? Compare with the adversarially trained curve before calling it robust.",
      (models) => robustnessChart(models, { attack: "pgd" }),
    ),
  ];
}

/** Writes the comparing figures as `compare.<name>.{svg,png}`. */
export async function writeComparisons(
  runs: readonly RunRecord[],
  folder: string,
): Promise<void> {
  for (const { name, draw } of comparisons(runs)) {
    await (await draw()).save(join(folder, `compare.${name}`));
  }
}
