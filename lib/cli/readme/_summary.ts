/** README's table: eight comparisons that tell what the notebooks found, from the published records. */
import { signed } from "../../format/signed.ts";
import { thousands } from "../../format/thousands.ts";
import { pairBySeed } from "../../experiments/records/paired_seeds.ts";
import type { RunRecord } from "../../experiments/records/record.ts";
import { describeRuns } from "../../experiments/records/run_groups.ts";
import { buildTable } from "../../experiments/views/table.ts";
import { markdownTable } from "../../experiments/views/table.ts";
import { pText } from "../../experiments/views/statement.ts";
import { holmAdjusted } from "../../metrics/holm_adjusted.ts";
import { type SeedDifference, seedDifference } from "../../metrics/seed_difference.ts";
import type { Evaluation } from "../../experiments/records/complete_evaluation.ts";

/** A share in [0, 1] of n test images and, where there is one, its 95 % interval over them. */
interface Value {
  /** What seeds are compared by, if not by the value. */
  readonly compared?: number;
  readonly value: number;
  readonly n: number;
  readonly interval: { readonly low: number; readonly high: number } | null;
}

type Metric = (run: RunRecord) => Value | undefined;

/** One row: a metric of a run beside the same metric of another run, or another metric of it. */
interface Comparison {
  readonly notebook: number;
  readonly question: string;
  readonly title: string;
  readonly before: readonly [run: string, metric: Metric];
  readonly after: readonly [run: string, metric: Metric];
}

const NOTEBOOKS = [
  "1_generalization",
  "2_transfer",
  "3_adversarial",
  "4_calibration",
  "5_circle_loss",
];

function accuracyOf({ accuracy, n, accuracyInterval }: Evaluation): Value {
  return { value: accuracy, n, interval: accuracyInterval };
}

const accuracy: Metric = ({ metrics }) => accuracyOf(metrics);
const targetAccuracy: Metric = ({ evaluations, config }) => {
  const target = evaluations.get(`${config.spec.evaluation.transferTo}-test`);
  return target && accuracyOf(target);
};
const worstCase: Metric = ({ metrics: { worstCase, epsilon } }) => {
  const found = worstCase.find((one) => Math.abs(one.epsilon - epsilon) < 1e-9);
  return found && { value: found.accuracy, n: found.n, interval: found };
};
const ece: Metric = ({ metrics: { ece, debiasedEce, n } }) => (
  { value: ece, compared: debiasedEce, n, interval: null }
);
const scaledEce: Metric = ({ metrics: { temperatureScaling, n } }) =>
  temperatureScaling
    ? {
      value: temperatureScaling.ece,
      compared: temperatureScaling.debiasedEce,
      n,
      interval: null,
    }
    : undefined;

function compare(
  notebook: number,
  question: string,
  title: string,
  [metric, metricAfter = metric]: readonly [Metric, Metric?],
  [before, after = before]: readonly [string, string?],
): Comparison {
  return { notebook, question, title, before: [before, metric], after: [after, metricAfter] };
}

const ROBUSTNESS = "worst-case accuracy at 8/255, CIFAR-10";
const COMPARISONS: readonly Comparison[] = [
  compare(1, "Adam instead of SGD", "accuracy, SVHN", [accuracy], ["svhn-baseline", "svhn-adam"]),
  compare(
    2,
    "Network trained on MNIST: SVHN images instead of MNIST's",
    "accuracy",
    [accuracy, targetAccuracy],
    ["mnist-train"],
  ),
  compare(
    2,
    "1,000 SVHN images: fine-tuned MNIST network instead of a new one",
    "accuracy, SVHN",
    [accuracy],
    ["mnist-to-svhn-scratch", "mnist-to-svhn-finetune"],
  ),
  compare(
    3,
    "PGD training instead of clean training: what it gains",
    ROBUSTNESS,
    [worstCase],
    ["cifar-base", "cifar-pgd-at"],
  ),
  compare(
    3,
    "PGD training instead of clean training: what it costs",
    "clean accuracy, CIFAR-10",
    [accuracy],
    ["cifar-base", "cifar-pgd-at"],
  ),
  compare(
    4,
    "Label smoothing instead of none",
    "calibration error, SVHN",
    [ece],
    ["svhn-baseline", "svhn-ls"],
  ),
  compare(
    4,
    "Temperature scaling after label smoothing",
    "calibration error, SVHN",
    [ece, scaledEce],
    ["svhn-ls"],
  ),
  compare(
    5,
    "Circle Loss (weight 0.1) added to cross entropy",
    ROBUSTNESS,
    [worstCase],
    ["cifar-base", "cifar-circle"],
  ),
];

interface Measured {
  readonly seed: number;
  readonly metrics: Evaluation;
  readonly measured: Value;
}

function measure(runs: readonly RunRecord[], [id, metric]: Comparison["before"]): Measured[] {
  return runs.filter((run) => run.id === id).flatMap((run) => {
    const measured = metric(run);
    return measured === undefined ? [] : [{ seed: run.seed, metrics: run.metrics, measured }];
  });
}

/** A value as every table of the lab shows it. */
function cell(seeds: readonly Measured[]): string {
  return buildTable<Measured>("", [{
    key: "value",
    title: "",
    kind: "percent",
    digits: 1,
    value: ({ measured }) => measured.value,
    interval: ({ measured }) => measured.interval,
  }], [seeds]).rows[0]![0]!;
}

function points(value: number): string {
  return signed(100 * value, 1);
}

/** The number of test images; both numbers where the two sides differ. */
function imagesCell(...sides: readonly (readonly Measured[])[]): string {
  const counts = sides.flat().map(({ measured }) => thousands(measured.n));
  return [...new Set(counts)].join(" / ");
}

function differenceOf(before: readonly Measured[], after: readonly Measured[]) {
  const pairs = pairBySeed(after, before);
  if (pairs.length < 2) return undefined;
  const [first, second] = [0, 1].map((k) =>
    pairs.map((pair) => pair[k]!.measured.compared ?? pair[k]!.measured.value)
  );
  return seedDifference(first!, second!);
}

function differenceText(difference: SeedDifference | undefined, adjusted: number): string {
  if (difference === undefined) return "– (one seed)";
  const { mean, low, high } = difference;
  return `${points(mean)} [${points(low)}, ${points(high)}], p ${adjusted < 0.001 ? "" : "= "}${
    pText(adjusted)
  }`;
}

/**
 * Writes README's table: at most eight rows; a comparison whose runs are not published is left out.
 *
 * @param runs The published records; may be empty.
 */
export function summaryBlock(runs: readonly RunRecord[]): string {
  const shown = new Set<string>();
  const found = COMPARISONS.flatMap(({ notebook, question, title, before, after }) => {
    const [first, second] = [measure(runs, before), measure(runs, after)];
    if (first.length === 0 || second.length === 0) return [];
    shown.add(before[0]).add(after[0]);
    const difference = differenceOf(first, second);
    const texts = [
      `[${notebook}](notebooks/${NOTEBOOKS[notebook - 1]}.ipynb)`,
      question,
      `${title}, %`,
      imagesCell(first, second),
      cell(first),
      cell(second),
    ];
    return [{ texts, difference }];
  });
  if (found.length === 0) return "No run is published yet.";
  const tested = found.flatMap(({ difference }) => difference ?? []);
  const adjusted = holmAdjusted(tested.map(({ pValue }) => pValue));
  const rows = found.map(({ texts, difference }) => {
    const p = difference === undefined ? NaN : adjusted[tested.indexOf(difference)]!;
    return [...texts, differenceText(difference, p)];
  });
  const titles = [
    "",
    "What changes",
    "Metric",
    "Images",
    "Before",
    "After",
    "Difference [95 %], p by Holm",
  ];
  const data = describeRuns(runs.filter(({ id }) => shown.has(id)));
  const note = "Differences of calibration errors are those of the debiased ones.";
  return `${markdownTable(titles, rows)}\n\n${data} ${note}`;
}
