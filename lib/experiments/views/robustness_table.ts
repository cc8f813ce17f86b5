import type { AttackResult } from "../records/evaluation.ts";
import type { RunRecord } from "../records/record.ts";
import {
  alignSeeds,
  describeRuns,
  groupBySeed,
  requireRun,
  requireRuns,
} from "../records/run_groups.ts";
import { buildTable, type Column, type Table } from "./table.ts";
import { runTable } from "./run_table.ts";
import { epsilonText } from "../../format/epsilon.ts";

/**
 * The result of one attack at one budget.
 *
 * @returns `undefined` where it was not run.
 */
export function attackResult(
  { metrics }: RunRecord,
  attack: string,
  epsilon: number,
): AttackResult | undefined {
  const near = (result: AttackResult) =>
    result.attack === attack && Math.abs(result.epsilon - epsilon) < 1e-9;
  return metrics.robustnessSweep.find(near) ?? metrics.strongAttacks.find(near);
}

/** Words for how a run was trained against attacks. */
export function describeTraining({ config: { spec: { train } } }: RunRecord): string {
  const { adversarial, circle } = train;
  if (adversarial !== undefined) {
    const steps = adversarial.attack === "fgsm" ? "" : `, ${adversarial.steps ?? "default"} steps`;
    return `${adversarial.attack}${steps}, ε ${epsilonText(adversarial.epsilon)}, ` +
      `p ${adversarial.probability ?? 0.5}`;
  }
  return circle === undefined ? "clean" : `clean, Circle Loss × ${circle.weight}`;
}

function attackColumn(attack: string, title: string): Column<RunRecord> {
  const result = (run: RunRecord) => attackResult(run, attack, run.metrics.epsilon);
  return {
    key: `${attack.replaceAll("-", "_")}_accuracy`,
    title,
    kind: "percent",
    value: (run) => result(run)?.accuracy,
    interval: (run) => result(run) ?? null,
  };
}

function worstCase({ metrics }: RunRecord) {
  return metrics.worstCase.find(({ epsilon }) => Math.abs(epsilon - metrics.epsilon) < 1e-9);
}

function columnsFor(steps: number): Column<RunRecord>[] {
  return [
    { key: "run", title: "Run", kind: "text", value: (run) => run.id },
    { key: "training", title: "Training", kind: "text", value: describeTraining },
    {
      key: "clean_accuracy",
      title: "Clean %",
      kind: "percent",
      compared: true,
      value: (run) => run.metrics.accuracy,
      interval: (run) => run.metrics.accuracyInterval,
    },
    attackColumn("noise", "Noise %"),
    attackColumn("fgsm", "FGSM %"),
    { ...attackColumn("pgd", `PGD-${steps} %`), compared: true },
    {
      key: "attacked_images",
      title: "n",
      kind: "count",
      value: (run) => attackResult(run, "pgd", run.metrics.epsilon)?.n,
    },
    attackColumn("apgd-ce", "APGD-CE %"),
    attackColumn("apgd-dlr", "APGD-DLR %"),
    attackColumn("square", "Square %"),
    {
      key: "worst_case_accuracy",
      title: "Worst case %",
      kind: "percent",
      compared: true,
      value: (run) => worstCase(run)?.accuracy,
      interval: (run) => worstCase(run) ?? null,
    },
    {
      key: "strong_attack_images",
      title: "n",
      kind: "count",
      value: (run) => worstCase(run)?.n,
    },
    {
      key: "masking_checks_passed",
      title: "Masking checks",
      kind: "text",
      value: ({ metrics: { maskingChecks } }) =>
        maskingChecks.length === 0
          ? null
          : `${maskingChecks.filter(({ passed }) => passed).length} of ${maskingChecks.length}`,
    },
  ];
}

/** What training warned of, e.g. catastrophic overfitting: it belongs beside the figures. */
function warningsOf(runs: readonly RunRecord[]): string {
  const warned = runs.filter(({ history }) => (history.warnings ?? []).length > 0);
  return warned.map(({ id, seed, history }) =>
    ` Warning of ${id} seed ${seed}: ${history.warnings!.join(" ")}`
  ).join("");
}

/**
 * Table IV: accuracy on clean images and under each attack at the budget of the profile (8/255).
 * Each attack stands alone on its first n images; the worst case counts an image as right only if
 * it withstood every attack.
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function robustnessTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  const groups = groupBySeed(runs);
  const { epsilon } = runs[0]!.metrics;
  const { attackSteps } = runs[0]!.config.spec.evaluation;
  const caption = `Accuracy under L∞ attacks at ε = ${epsilonText(epsilon)}. ` +
    describeRuns(runs) + warningsOf(runs);
  return runTable(caption, columnsFor(attackSteps), groups, { run: (run) => run });
}

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
  return buildTable(`Accuracy under attack. ${describeRuns(runs)}`, sweepColumns, groups);
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
