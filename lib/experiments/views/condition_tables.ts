/** Tables with several rows a run: by the images it is tested on, by attack, by check, by class. */
import type { CalibrationFloor } from "../../metrics/calibration_floor.ts";
import type { AttackResult } from "../records/complete_evaluation.ts";
import type { Representation } from "../records/schema.ts";
import { evaluationOf, type RunRecord } from "../records/record.ts";
import {
  alignSeeds,
  describeRuns,
  groupBySeed,
  requireRun,
  requireRuns,
} from "../records/run_groups.ts";
import { conditionTable } from "./_condition_table.ts";
import { withVariants } from "./_variant_columns.ts";
import { buildTable, type Column, type Table } from "./table.ts";

/** A run on images of one kind. */
interface Condition {
  readonly run: RunRecord;
  readonly images: string;
  /** What was measured there. */
  readonly on: {
    readonly n: number;
    readonly accuracy: number;
    readonly ece: number;
    readonly debiasedEce: number;
    readonly eceFloor: CalibrationFloor;
    readonly nll: number;
    readonly aurc: number;
    readonly representation: Representation | null;
  };
}

/** The run's own test split under attack, where it was attacked. */
function attackedOf(run: RunRecord): Condition[] {
  const { underAttack } = run.metrics;
  if (underAttack === null) return [];
  const images = `${underAttack.attack.toUpperCase()}-${underAttack.steps}`;
  return [{ run, images, on: underAttack }];
}

/** The run's own test split, the other domain, and its own test split under attack. */
function shiftsOf(run: RunRecord): Condition[] {
  const own = run.metrics;
  const shifted = [...run.evaluations.values()].filter((one) => one !== own);
  return [
    { run, images: `${own.dataset} test`, on: own },
    ...shifted.map((on) => ({ run, images: `shift to ${on.dataset}`, on })),
    ...attackedOf(run),
  ];
}

function imagesTable(
  caption: string,
  columns: readonly Column<Condition>[],
  runs: readonly RunRecord[],
  rowsOf: (run: RunRecord) => Condition[],
): Table {
  requireRuns("runs", runs);
  const condition = ({ images }: Condition) => images;
  return conditionTable(`${caption} ${describeRuns(runs)}`, columns, runs, { rowsOf, condition });
}

const run: Column<Condition> = { key: "run", title: "Run", kind: "text", value: (c) => c.run.id };
const accuracy: Column<Condition> = {
  key: "accuracy",
  title: "Accuracy %",
  kind: "percent",
  value: ({ on }) => on.accuracy,
};
const nll: Column<Condition> = { key: "nll", title: "NLL", kind: "number", value: (c) => c.on.nll };

const shiftColumns: readonly Column<Condition>[] = [
  run,
  { key: "condition", title: "Images", kind: "text", value: ({ images }) => images },
  { key: "images", title: "n", kind: "count", value: ({ on }) => on.n },
  accuracy,
  {
    key: "ece",
    title: "ECE %",
    kind: "percent",
    compared: true,
    value: ({ on }) => on.ece,
    comparedBy: { title: "Debiased ECE %", value: ({ on }) => on.debiasedEce },
  },
  { key: "ece_floor", title: "Floor %", kind: "percent", value: ({ on }) => on.eceFloor.mean },
  {
    key: "ece_floor_95",
    title: "Floor %, 95th percentile",
    kind: "percent",
    value: ({ on }) => on.eceFloor.high,
  },
  nll,
  { key: "aurc", title: "AURC", kind: "number", value: ({ on }) => on.aurc },
];

/**
 * What becomes of calibration where it is needed most: under attack and under domain shift.
 *
 * @throws {RangeError} As {@linkcode calibrationTable}.
 */
export function shiftTable(runs: readonly RunRecord[]): Table {
  const caption = "Calibration under attack and under domain shift.";
  return imagesTable(caption, shiftColumns, runs, shiftsOf);
}

function geometry(
  key: Exclude<keyof Representation, "n">,
  csvKey: string,
  title: string,
  digits: number,
): Column<Condition> {
  const value = ({ on }: Condition) => on.representation?.[key];
  return { key: csvKey, title, kind: "number", digits, value };
}

const representationColumns: readonly Column<Condition>[] = [
  run,
  { key: "images", title: "Images", kind: "text", value: ({ images }) => images },
  { key: "n", title: "n", kind: "count", value: ({ on }) => on.representation?.n },
  { ...geometry("silhouette", "silhouette", "Silhouette", 3), compared: true },
  geometry("knnConsistency", "knn_consistency", "k-NN consistency", 3),
  geometry("withinAngle", "within_angle", "Within ∠ °", 1),
  geometry("betweenAngle", "between_angle", "Between ∠ °", 1),
  accuracy,
  nll,
];

/**
 * The geometry of the features beside accuracy and loss, on clean and on attacked images: is a
 * model robust because its classes lie apart, or only because it fits little?
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function representationTable(runs: readonly RunRecord[]): Table {
  const caption = "Geometry of the 512 features, cosine similarity.";
  const clean = (run: RunRecord) => ({ run, images: "clean", on: run.metrics });
  return imagesTable(
    caption,
    representationColumns,
    runs,
    (run) => [clean(run), ...attackedOf(run)],
  );
}

/** A run under one attack at one budget. */
interface Point {
  readonly run: RunRecord;
  readonly result: AttackResult;
}

const sweepColumns: readonly Column<Point>[] = [
  { key: "run", title: "Run", kind: "text", value: ({ run }) => run.id },
  { key: "dataset", title: "Data", kind: "text", value: ({ run }) => run.metrics.dataset },
  { key: "source", title: "Source", kind: "text", value: ({ run }) => run.metrics.source },
  { key: "attack", title: "Attack", kind: "text", value: ({ result }) => result.attack },
  {
    key: "epsilon_255",
    title: "255 ε",
    kind: "written", // the same at every seed
    value: ({ result }) => (255 * result.epsilon).toFixed(2),
  },
  { key: "steps", title: "Steps", kind: "count", value: ({ result }) => result.steps },
  { key: "images", title: "n", kind: "count", value: ({ result }) => result.n },
  {
    key: "accuracy",
    title: "Accuracy %",
    kind: "percent",
    value: ({ result }) => result.accuracy,
    interval: ({ result }) => result,
  },
];

function pointsOf(run: RunRecord): Point[] {
  const { robustnessSweep, strongAttacks, worstCase } = run.metrics;
  const worst = worstCase.map((result): AttackResult => ({
    ...result,
    attack: "worst case",
    steps: null,
    correct: "",
  }));
  return [...robustnessSweep, ...strongAttacks, ...worst].map((result) => ({ run, result }));
}

/**
 * Every attacked point of every run, one row each: the content of robustness_summary.csv.
 *
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function sweepTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  const groups = groupBySeed(runs).flatMap((seeds) =>
    alignSeeds(
      seeds.map(pointsOf),
      ({ result: { attack, epsilon, steps } }) => JSON.stringify([attack, epsilon, steps]),
    )
  );
  const columns = withVariants(sweepColumns, runs, ({ run }) => run);
  return buildTable(`Accuracy under attack. ${describeRuns(runs)}`, columns, groups);
}

/** The checks against gradient masking of one run, with what each measured. */
export function maskingTable(run: RunRecord): Table {
  requireRun("run", run);
  const checks = run.metrics.maskingChecks.map((check) => [check]);
  return buildTable(`Checks against gradient masking. ${run.id}: ${describeRuns([run])}`, [
    { key: "check", title: "Check", kind: "text", value: ({ name }) => name },
    {
      key: "passed",
      title: "Passed",
      kind: "text",
      value: ({ passed }) => passed ? "yes" : "NO",
    },
    { key: "detail", title: "Measured", kind: "text", value: ({ detail }) => detail },
  ], checks);
}

/**
 * The risk by classes, R = sum over k of p(y = k) R_k, from the confusion matrix of a run: which
 * classes make the error.
 *
 * @param run A finished run.
 * @param name The evaluation, `<dataset>-<split>`. Default: the run's own test split.
 * @throws {RangeError} If the run has no such evaluation.
 */
export function classRiskTable(run: RunRecord, name?: string): Table {
  requireRun("run", run);
  const evaluation = evaluationOf(run, name);
  const { confusion, classNames, n } = evaluation;
  const classes = confusion.map((row, k) => {
    const count = row.reduce((sum, one) => sum + one, 0);
    const wrong = count - row[k]!;
    return { name: classNames[k] ?? String(k), count, wrong };
  });
  const risk = classes.reduce((sum, { wrong }) => sum + wrong, 0) / n;
  const caption = `Risk by class on ${evaluation.name}: R = Σ p(y = k) R_k = ${risk.toFixed(4)}. ` +
    `${run.id}: ${describeRuns([run])}`;
  return buildTable(caption, [
    { key: "class", title: "Class", kind: "text", value: (one) => one.name },
    { key: "images", title: "n", kind: "count", value: (one) => one.count },
    { key: "prior", title: "p(y = k)", kind: "number", value: (one) => one.count / n },
    { key: "risk", title: "R_k", kind: "number", value: (one) => one.wrong / one.count },
    { key: "contribution", title: "p(y = k) R_k", kind: "number", value: (one) => one.wrong / n },
    {
      key: "share_of_risk",
      title: "Share of R %",
      kind: "percent",
      value: (one) => (risk === 0 ? null : one.wrong / n / risk),
    },
  ], classes.map((one) => [one]));
}
