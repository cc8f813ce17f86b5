/** The figures of a report: charts of single runs, and charts that compare several. */
import { join } from "node:path";
import { copyFile } from "../../files/copy_file.ts";
import type { Chart } from "../../plots/chart.ts";
import {
  domainMapChart,
  drawnOf,
  reliabilityChart,
  type RunChart,
  runCharts,
} from "../views/charts.ts";
import {
  accuracyChart,
  coverageChart,
  curvesChart,
  learningCurveChart,
  minimumEpsilonChart,
  robustnessChart,
} from "../views/comparison_charts.ts";
import type { RunRecord } from "../records/record.ts";
import { lowestSeeds } from "../records/run_groups.ts";
import { runName } from "../records/run_paths.ts";
import { type GalleryName, type Place, rowOf } from "../specs/matrix.ts";

/** A variant is shown where its parent is. */
function isShownIn({ id, config }: RunRecord, place: Place): boolean {
  return rowOf(config.spec.variant?.of ?? id)?.shownIn.includes(place) ?? false;
}

/** Whether a report keeps a chart of a run: it keeps all of the main runs, some of the others. */
function isKept({ keptOf }: RunChart, run: RunRecord): boolean {
  return isShownIn(run, "all_charts") || keptOf === "every run" ||
    keptOf === "CIFAR-10 runs" && run.metrics.dataset === "cifar10";
}

const EXTENSIONS = ["svg", "png"] as const;

/** Draws a chart of a run's own test split, or copies it where only the run directory has it. */
async function writeFigure(run: RunRecord, { name, needs, draw }: RunChart, folder: string) {
  const file = `${run.metrics.name}.${name}`;
  const path = join(folder, `${runName(run)}.${file}`);
  const drawn = await drawnOf(run);
  if (needs(drawn)) {
    await (await draw(drawn)).save(path);
    return EXTENSIONS.map((extension) => `${path}.${extension}`);
  }
  const copied: string[] = [];
  for (const extension of EXTENSIONS) {
    const from = join(run.directory, `${file}.${extension}`);
    if (await copyFile(from, `${path}.${extension}`)) copied.push(`${path}.${extension}`);
  }
  return copied;
}

/**
 * Writes the figures of runs under the names `<id>-s<seed>.<chart>.{svg,png}`: redrawn from their
 * records, but for the example grid, which shows images that no record holds: it is copied where
 * there is a run directory.
 *
 * @param runs Finished runs.
 * @param folder Where to.
 * @returns The paths written.
 */
export async function writeFigures(runs: readonly RunRecord[], folder: string): Promise<string[]> {
  const written: string[] = [];
  for (const run of runs) {
    const curves = join(folder, `${runName(run)}.training_curves`);
    await (await curvesChart(run)).save(curves);
    written.push(...EXTENSIONS.map((extension) => `${curves}.${extension}`));
    for (const chart of runCharts.filter((one) => isKept(one, run))) {
      written.push(...await writeFigure(run, chart, folder));
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

/** All seeds of each run that a chart of the gallery shows. */
function allSeeds(runs: readonly RunRecord[], name: GalleryName): RunRecord[] {
  return runs.filter((run) => isShownIn(run, name));
}

/** The lowest seed of each of these runs; the chart's subtitle names it. */
function firstSeeds(runs: readonly RunRecord[], name: GalleryName): RunRecord[] {
  return lowestSeeds(allSeeds(runs, name));
}

/** What the rings are, where a figure has them. */
function ringNote(runs: readonly RunRecord[]): string {
  const repeated = new Set(runs.map(({ id }) => id)).size < runs.length;
  return repeated ? " Where a run has several seeds, it shows their mean and a ring for each." : "";
}

/** A chart of the gallery: its question, and how it is drawn from the runs that it shows. */
interface GalleryRow {
  readonly name: GalleryName;
  /** The fewest runs with which it answers its question. */
  readonly least: number;
  /** Which seeds of each run it shows. Default: the lowest alone. */
  readonly seeds?: "all";
  readonly paragraph: string;
  readonly draw: (runs: readonly RunRecord[]) => Promise<Chart>;
}

const underPgd = (models: readonly RunRecord[]) => robustnessChart(models, { attack: "pgd" });

const gallery: readonly GalleryRow[] = [
  {
    name: "svhn_accuracy",
    least: 2,
    seeds: "all",
    paragraph:
      "How much does each change to the baseline help or hurt on unseen street digits? A dot is " +
      "the test accuracy, the line its 95 % interval; where two lines overlap widely, one run " +
      "of each does not tell the two apart.",
    draw: accuracyChart,
  },
  {
    name: "svhn_training",
    least: 2,
    paragraph:
      "How fast and how smoothly do batch norm, SGD and Adam learn? The dashed curve (validation) " +
      "chooses the epoch; a gap between the two curves is overfitting.",
    draw: curvesChart,
  },
  {
    name: "domains",
    least: 1,
    paragraph:
      "Does the network see street digits and handwritten digits as the same thing? Both panels " +
      "share one map and its axes: classes that fall together across panels transfer.",
    draw: ([run]) => domainMapChart(run!),
  },
  {
    name: "fine_tuning",
    least: 3,
    seeds: "all",
    paragraph:
      "What are pretrained convolutions worth when only few labelled images are at hand? Each " +
      "curve is one way to train; where they meet, pretraining has stopped to pay.",
    draw: learningCurveChart,
  },
  {
    name: "robustness",
    least: 2,
    paragraph:
      "What does adversarial training buy, and what does it cost? Accuracy under PGD over the " +
      "budget: the left end is the price on clean images, the drop to the right is the gain.",
    draw: underPgd,
  },
  {
    name: "minimum_epsilon",
    least: 2,
    paragraph:
      "How small a change of the pixels already fools each model? The curve is the share of images " +
      "fooled at a budget or less; it starts at the clean error.",
    draw: minimumEpsilonChart,
  },
  {
    name: "risk_coverage",
    least: 2,
    paragraph:
      "Does a model know when it does not know? If it answers only its most confident images, the " +
      "error should fall towards the left, as near to its oracle as may be.",
    draw: (models) => coverageChart(models),
  },
  {
    name: "label_smoothing_calibration",
    least: 1,
    paragraph:
      "Do the confidences of the label-smoothed model mean what they say, before and after " +
      "temperature scaling? Bars below the diagonal are overconfident, above it underconfident.",
    draw: ([run]) => reliabilityChart(run!, { scaled: true }),
  },
  {
    name: "circle_robustness",
    least: 2,
    paragraph:
      "Does Circle Loss make a model more robust than cross entropy alone, without any attack in " +
      "training? Compare with the adversarially trained curve before calling it robust.",
    draw: underPgd,
  },
];

/**
 * The comparing figures that these runs allow.
 *
 * @param runs Of one profile.
 * @returns Figures in the order of the notebooks; those whose runs are missing are left out.
 */
export function comparisons(runs: readonly RunRecord[]): Comparison[] {
  return gallery.flatMap(({ name, least, seeds, paragraph, draw }): Comparison[] => {
    const shown = seeds === "all" ? allSeeds(runs, name) : firstSeeds(runs, name);
    if (new Set(shown.map(({ id }) => id)).size < least) return [];
    return [{ name, paragraph: paragraph + ringNote(shown), draw: () => draw(shown) }];
  });
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
