/** The columns of the tables that have one row a run: each column is one row here. */
import { type AttackName, attackRow, attacksOfUse } from "../../attacks/registry.ts";
import type { CalibrationFloor } from "../../metrics/calibration_floor.ts";
import { namedMetrics } from "../../metrics/paired_metric_difference.ts";
import type { Evaluation } from "../records/complete_evaluation.ts";
import type { RunRecord } from "../records/record.ts";
import {
  accuracyDropOf,
  attackResult,
  bestEpochOf,
  chosenByOf,
  describeTraining,
  directionOf,
  epochsToReach,
  generalizationGapOf,
  halfDistanceOf,
  maskingChecksOf,
  objectiveOf,
  riskGapOf,
  startOf,
  trainedLayersOf,
  transferOf,
  transferSlopeOf,
  worstCaseOf,
} from "./_readings.ts";
import { withVariants } from "./_variant_columns.ts";
import type { Column } from "./table.ts";

/** A table with one row a run; see tables.ts. */
export type RunTableName =
  | "overview"
  | "training"
  | "crossDomain"
  | "domain"
  | "fineTuning"
  | "pretrained"
  | "robustness"
  | "calibration"
  | "temperature"
  | "objective";

/** The name of a number in `<name>.metrics.json`. */
export type MetricKey = {
  [K in keyof Evaluation]: Evaluation[K] extends number ? K : never;
}[keyof Evaluation];

/** Metrics that {@linkcode compareMetric} knows, with their names in a sentence; smaller is better. */
export const comparableMetrics = {
  ece: { title: "debiased ECE", of: namedMetrics.ece },
  brier: { title: "Brier score", of: namedMetrics.brier },
  nll: { title: "negative log-likelihood", of: namedMetrics.nll },
  aurc: { title: "AURC", of: namedMetrics.aurc },
} as const;

type Runs = readonly RunRecord[];
type Tables = readonly RunTableName[];

/** A column of tables of runs. */
interface RunColumn extends Omit<Column<RunRecord>, "title" | "compared"> {
  readonly title: string | ((runs: Runs) => string);
  /** The tables that have the column. Default: the table of its section. */
  readonly tables?: Tables;
  /** Whether tables of these runs need it. Default: yes. */
  readonly needed?: (runs: Runs) => boolean;
  /** The tables in which it compares runs with their baselines; true: in each that has it. */
  readonly compared?: true | Tables;
  /** The metric's name in metrics_summary.json, which has its spread over seeds. */
  readonly summarized?: MetricKey;
}

type More = Pick<
  RunColumn,
  "digits" | "interval" | "tables" | "needed" | "compared" | "comparedBy"
>;

function of(kind: Column<never>["kind"]) {
  return (
    key: string,
    title: RunColumn["title"],
    value: Column<RunRecord>["value"],
    more: More = {},
  ): RunColumn => ({ key, title, kind, value, ...more });
}

const [text, count, percent, number] = [of("text"), of("count"), of("percent"), of("number")];

/** A metric of the run's own test split that metrics_summary.json has as well. */
function metric(
  kind: typeof percent,
  name: MetricKey,
  key: string,
  title: string,
  more: More = {},
): RunColumn {
  return { ...kind(key, title, ({ metrics }) => metrics[name], more), summarized: name };
}

/** Accuracy on the run's own test split, under the name that a table has for it. */
function accuracy(key: string, title: string, more: More = { compared: true }): RunColumn {
  const interval = ({ metrics }: RunRecord) => metrics.accuracyInterval;
  return metric(percent, "accuracy", key, title, { interval, ...more });
}

/** Accuracy on the other domain. */
function targetAccuracy(title: string): RunColumn {
  return percent("target_accuracy", title, (run) => transferOf(run)?.accuracy, {
    interval: (run) => transferOf(run)?.accuracyInterval ?? null,
    compared: true,
  });
}

/** Accuracy under one attack at the budget of the table. */
function attacked(attack: AttackName): RunColumn {
  const { title, effort, use } = attackRow(attack);
  const name = `${title[0]!.toUpperCase()}${title.slice(1)}`;
  const stepped = use === "sweep" && effort?.unit === "steps";
  const result = (run: RunRecord) => attackResult(run, attack);
  const key = `${attack.replaceAll("-", "_")}_accuracy`;
  const interval = (run: RunRecord) => result(run) ?? null;
  return percent(
    key,
    stepped ? ([run]) => `${name}-${run!.config.spec.evaluation.attackSteps} %` : `${name} %`,
    (run) => result(run)?.accuracy,
    {
      interval,
      ...(attack === "pgd" ? { compared: true } : {}),
      ...(use === undefined
        ? { needed: (runs: Runs) => runs.some((run) => result(run) !== undefined) }
        : {}),
    },
  );
}

/** What an ECE beside it would be under perfect calibration: its mean and its 95th percentile. */
function floor(
  key: string,
  of: (run: RunRecord) => CalibrationFloor | undefined,
  tables?: Tables,
): RunColumn[] {
  const more = tables === undefined ? {} : { tables };
  return [
    percent(key, "Floor %", (run) => of(run)?.mean, more),
    percent(`${key}_95`, "Floor %, 95th percentile", (run) => of(run)?.high, more),
  ];
}

const domain = (run: RunRecord) => transferOf(run)?.domain;
const scaling = ({ metrics }: RunRecord) => metrics.temperatureScaling;
const TUNED: Tables = ["fineTuning", "pretrained"];
const TRAINED: Tables = ["training", ...TUNED];
const TRANSFERRED: Tables = ["crossDomain", "domain"];

/** All columns; a table shows its own in this order. */
const sections: readonly (readonly [section: RunTableName, columns: readonly RunColumn[]])[] = [
  ["overview", [
    text("run", "Run", ({ id }) => `\`${id}\``),
    text("test", "Test split", ({ metrics }) => metrics.description),
    accuracy("accuracy", "Accuracy % [95 %]"),
  ]],
  ["training", [
    text("run", "Run", ({ id }) => id, {
      tables: [...TRAINED, ...TRANSFERRED, "robustness", "calibration", "temperature", "objective"],
    }),
    text("dataset", "Data", ({ metrics }) => metrics.dataset, {
      tables: ["training", "calibration", "objective"],
    }),
    text("source", "Source", ({ config }) => config.source),
    text("start", "Starts from", startOf, { tables: TUNED }),
    text("trained", "Trains", trainedLayersOf, { tables: TUNED }),
    count("train_images", "Train n", ({ config }) => config.trainImages, { tables: TRAINED }),
    count("epochs", "Epochs", ({ history }) => history.epochs.length, { tables: TRAINED }),
    count("best_epoch", "Best", ({ history }) => history.bestEpoch),
    // A file of comma-separated values has no caption that could say it.
    text("chosen_by", "Chosen by", chosenByOf, {
      tables: [...TRAINED, ...TRANSFERRED, "robustness", "calibration", "temperature", "objective"],
      needed: (runs) => runs.some(({ history }) => history.selectBy !== undefined),
    }),
    number("epochs_to_90_percent", "Epochs to 90 % of best", (run) => epochsToReach(run), {
      tables: TUNED,
      digits: 0,
    }),
    percent("train_accuracy", "Train %", (run) => bestEpochOf(run).trainAccuracy),
    percent("validation_accuracy", "Validation %", (run) => bestEpochOf(run).validationAccuracy, {
      tables: TRAINED,
    }),
    accuracy("test_accuracy", "Test % [95 %]", { tables: TRAINED, compared: true }),
    count("test_images", "Test n", ({ metrics }) => metrics.n),
    percent("generalization_gap", "Train − test", generalizationGapOf),
    number("test_nll", "Test NLL", ({ metrics }) => metrics.nll),
    number("input_gradient_norm", "‖∇ₓL‖₂", ({ metrics }) => metrics.inputGradientNorm),
    number("images_per_second", "Images/s", (run) => bestEpochOf(run).imagesPerSecond, {
      digits: 0,
    }),
  ]],
  ["crossDomain", [
    text("direction", "Direction", directionOf, { tables: TRANSFERRED }),
    accuracy("source_accuracy", "Source %", {}),
    count("source_images", "n", ({ metrics }) => metrics.n),
    targetAccuracy("Target %"),
    count("target_images", "n", (run) => transferOf(run)?.n),
    percent("accuracy_drop", "Drop", accuracyDropOf),
    percent("adapted_accuracy", "Target %, AdaBN", (run) => transferOf(run)?.adapted?.accuracy, {
      interval: (run) => transferOf(run)?.adapted ?? null,
    }),
    percent("target_ece", "Target ECE %", (run) => transferOf(run)?.ece),
    ...floor("target_ece_floor", (run) => transferOf(run)?.eceFloor),
    number("proxy_a_distance", "Proxy d_A", (run) => domain(run)?.proxyADistance, { digits: 3 }),
  ]],
  ["domain", [
    number("source_risk", "R_s", (run) => domain(run)?.sourceRisk),
    number("risk_gap", "R_t − R_s", riskGapOf, { compared: true }),
    number("target_risk", "R_t", (run) => domain(run)?.targetRisk),
    number("half_proxy_a_distance", "d_A / 2", halfDistanceOf),
    number(
      "bound_without_joint_error",
      "R_s + d_A / 2",
      (run) => (domain(run)?.sourceRisk ?? NaN) + halfDistanceOf(run),
    ),
  ]],
  ["robustness", [
    text("training", "Training", describeTraining),
    accuracy("clean_accuracy", "Clean %"),
    ...attacksOfUse("sweep").map(attacked),
    count("attacked_images", "n", (run) => attackResult(run, "pgd")?.n),
    ...attacksOfUse("strong").map(attacked),
    attacked("autoattack"),
    count("autoattack_images", "n", (run) => attackResult(run, "autoattack")?.n, {
      needed: (runs) => runs.some((run) => attackResult(run, "autoattack") !== undefined),
    }),
    percent("worst_case_accuracy", "Worst case %", (run) => worstCaseOf(run)?.accuracy, {
      interval: (run) => worstCaseOf(run) ?? null,
      compared: true,
    }),
    count("strong_attack_images", "n", (run) => worstCaseOf(run)?.n),
    text("masking_checks_passed", "Masking checks", maskingChecksOf),
  ]],
  ["calibration", [
    count("test_images", "n", ({ metrics }) => metrics.n),
    accuracy("accuracy", "Accuracy %"),
    metric(percent, "ece", "ece", "ECE %", {
      tables: ["overview", "calibration", ...TUNED],
      compared: ["overview", "calibration"],
      comparedBy: { title: "Debiased ECE %", value: ({ metrics }) => metrics.debiasedEce },
    }),
    ...floor("ece_floor", ({ metrics }) => metrics.eceFloor, ["overview", "calibration", ...TUNED]),
    percent("scaled", "ECE %, temperature-scaled", (run) => scaling(run)?.ece, {
      tables: ["overview"],
      compared: true,
      comparedBy: {
        title: "Debiased ECE %, temperature-scaled",
        value: (run) => scaling(run)?.debiasedEce,
      },
    }),
    metric(percent, "classwiseEce", "classwise_ece", "Classwise ECE %"),
    metric(number, "brier", "brier", "Brier"),
    metric(number, "nll", "nll", "NLL", { compared: true }),
    metric(number, "aurc", "aurc", "AURC", { tables: ["overview", "calibration"], compared: true }),
    metric(number, "excessAurc", "excess_aurc", "Excess AURC"),
    metric(percent, "selectiveAccuracy90", "selective_accuracy_90", "Acc. at 90 % coverage"),
    metric(percent, "selectiveAccuracy80", "selective_accuracy_80", "Acc. at 80 % coverage"),
  ]],
  ["temperature", [
    number("temperature", "T", (run) => scaling(run)?.temperature),
    percent("ece_before", "ECE % before", ({ metrics }) => metrics.ece),
    ...floor("ece_floor_before", ({ metrics }) => metrics.eceFloor),
    percent("ece_after", "ECE % after", (run) => scaling(run)?.ece, {
      compared: true,
      comparedBy: { title: "Debiased ECE % after", value: (run) => scaling(run)?.debiasedEce },
    }),
    ...floor("ece_floor_after", (run) => scaling(run)?.eceFloor),
    number("nll_before", "NLL before", ({ metrics }) => metrics.nll),
    number("nll_after", "NLL after", (run) => scaling(run)?.nll),
    number("brier_before", "Brier before", ({ metrics }) => metrics.brier),
    number("brier_after", "Brier after", (run) => scaling(run)?.brier),
    number("aurc_before", "AURC before", ({ metrics }) => metrics.aurc),
    number("aurc_after", "AURC after", (run) => scaling(run)?.aurc),
  ]],
  ["pretrained", [
    targetAccuracy("Other digits %"),
    number("transfer_slope", "Other digits / own", transferSlopeOf, { digits: 3 }),
  ]],
  ["objective", [
    number("risk", "R", (run) => objectiveOf(run).risk),
    number("robust_risk", "R under PGD", (run) => objectiveOf(run).robustRisk),
    number("calibration_error", "ECE", ({ metrics }) => metrics.ece),
    number("domain_gap", "R_t − R_s", riskGapOf),
    number("metric_loss", "L_metric", ({ metrics }) => metrics.metricLoss, {
      needed: (runs) => runs.some(({ metrics }) => metrics.metricLoss !== undefined),
    }),
    number("objective", "J", (run) => objectiveOf(run).total, { compared: true }),
  ]],
];

const runColumns = sections.flatMap(([section, columns]) =>
  columns.map((column) => ({ ...column, tables: column.tables ?? [section] }))
);

/** The columns of one table, with titles for these runs. */
export function columnsOf(table: RunTableName, runs: Runs): Column<RunRecord>[] {
  const shown = runColumns.filter(({ tables, needed }) =>
    tables.includes(table) && (needed?.(runs) ?? true)
  );
  const titled = shown.map((column): Column<RunRecord> => {
    const { title, compared = [], key, kind, value, digits, interval, comparedBy } = column;
    return {
      ...{ key, kind, value },
      ...(digits === undefined ? {} : { digits }),
      ...(interval === undefined ? {} : { interval }),
      ...(comparedBy === undefined ? {} : { comparedBy }),
      title: typeof title === "string" ? title : title(runs),
      compared: compared === true || compared.includes(table),
    };
  });
  return withVariants(titled, runs, (run) => run);
}

/** The metrics of which metrics_summary.json gives mean, spread and differences over seeds. */
export const summarizedMetrics: ReadonlySet<string> = new Set(
  runColumns.map(({ summarized }) => summarized).filter((name) => name !== undefined),
);
