/** README's table: eight comparisons that tell what the notebooks found, from the published records. */
import { signed } from "../../format/signed.ts";
import { thousands } from "../../format/thousands.ts";
import { pairBySeed } from "../../experiments/records/paired_seeds.ts";
import type { RunRecord } from "../../experiments/records/record.ts";
import { describeRuns } from "../../experiments/records/run_groups.ts";
import { buildTable } from "../../experiments/views/table.ts";
import { markdownTable } from "../../experiments/views/table.ts";
import { seedDifference } from "../../metrics/seed_difference.ts";
import type { Evaluation } from "../../experiments/records/complete_evaluation.ts";

/** A share in [0, 1] of n test images and, where there is one, its 95 % interval over them. */
interface Value {
  readonly value: number;
  readonly n: number;
  readonly interval: { readonly low: number; readonly high: number } | null;
}

type Metric = (run: RunRecord) => Value | undefined;

/** One row: a metric of a run beside the same metric of another run, or another metric of it. */
interface Comparison {
  readonly notebook: number;
  readonly question: string;
  readonly metric: string;
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
const ece: Metric = ({ metrics: { ece, n } }) => ({ value: ece, n, interval: null });
const scaledEce: Metric = ({ metrics: { temperatureScaling, n } }) =>
  temperatureScaling ? { value: temperatureScaling.ece, n, interval: null } : undefined;

const COMPARISONS: readonly Comparison[] = [
  {
    notebook: 1,
    question: "Adam instead of SGD",
    metric: "accuracy, SVHN",
    before: ["svhn-baseline", accuracy],
    after: ["svhn-adam", accuracy],
  },
  {
    notebook: 2,
    question: "Network trained on MNIST: SVHN images instead of MNIST's",
    metric: "accuracy",
    before: ["mnist-train", accuracy],
    after: ["mnist-train", targetAccuracy],
  },
  {
    notebook: 2,
    question: "1,000 SVHN images: fine-tuned MNIST network instead of a new one",
    metric: "accuracy, SVHN",
    before: ["mnist-to-svhn-scratch", accuracy],
    after: ["mnist-to-svhn-finetune", accuracy],
  },
  {
    notebook: 3,
    question: "PGD training instead of clean training: what it gains",
    metric: "worst-case accuracy at 8/255, CIFAR-10",
    before: ["cifar-base", worstCase],
    after: ["cifar-pgd-at", worstCase],
  },
  {
    notebook: 3,
    question: "PGD training instead of clean training: what it costs",
    metric: "clean accuracy, CIFAR-10",
    before: ["cifar-base", accuracy],
    after: ["cifar-pgd-at", accuracy],
  },
  {
    notebook: 4,
    question: "Label smoothing instead of none",
    metric: "calibration error, SVHN",
    before: ["svhn-baseline", ece],
    after: ["svhn-ls", ece],
  },
  {
    notebook: 4,
    question: "Temperature scaling after label smoothing",
    metric: "calibration error, SVHN",
    before: ["svhn-ls", ece],
    after: ["svhn-ls", scaledEce],
  },
  {
    notebook: 5,
    question: "Circle Loss (weight 0.1) added to cross entropy",
    metric: "worst-case accuracy at 8/255, CIFAR-10",
    before: ["cifar-base", worstCase],
    after: ["cifar-circle", worstCase],
  },
];

interface Measured {
  readonly seed: number;
  readonly measured: Value;
}

function measure(runs: readonly RunRecord[], [id, metric]: Comparison["before"]): Measured[] {
  return runs.filter((run) => run.id === id).flatMap((run) => {
    const measured = metric(run);
    return measured === undefined ? [] : [{ seed: run.seed, measured }];
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

function differenceCell(before: readonly Measured[], after: readonly Measured[]): string {
  const pairs = pairBySeed(after, before);
  if (pairs.length < 2) return "– (one seed)";
  const [first, second] = [0, 1].map((k) => pairs.map((pair) => pair[k]!.measured.value));
  const { mean, low, high } = seedDifference(first!, second!);
  return `${points(mean)} [${points(low)}, ${points(high)}]`;
}

/**
 * Writes README's table: at most eight rows; a comparison whose runs are not published is left out.
 *
 * @param runs The published records; may be empty.
 */
export function summaryBlock(runs: readonly RunRecord[]): string {
  const shown = new Set<string>();
  const rows = COMPARISONS.flatMap(({ notebook, question, metric, before, after }) => {
    const [first, second] = [measure(runs, before), measure(runs, after)];
    if (first.length === 0 || second.length === 0) return [];
    shown.add(before[0]).add(after[0]);
    return [[
      `[${notebook}](notebooks/${NOTEBOOKS[notebook - 1]}.ipynb)`,
      question,
      `${metric}, %`,
      imagesCell(first, second),
      cell(first),
      cell(second),
      differenceCell(first, second),
    ]];
  });
  if (rows.length === 0) return "No run is published yet.";
  const titles = ["", "What changes", "Metric", "Images", "Before", "After", "Difference [95 %]"];
  const data = describeRuns(runs.filter(({ id }) => shown.has(id)));
  return `${markdownTable(titles, rows)}\n\n${data}`;
}
