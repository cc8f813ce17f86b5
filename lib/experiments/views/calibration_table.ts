import type { Evaluation } from "../records/evaluation.ts";
import type { RunRecord } from "../records/record.ts";
import { alignSeeds, describeRuns, groupBySeed, requireRuns } from "../records/run_groups.ts";
import type { Column, Table } from "./table.ts";
import { runTable } from "./run_table.ts";

type Figure = (evaluation: Evaluation) => number | null | undefined;

function percent(key: string, title: string, figure: Figure): Column<RunRecord> {
  return { key, title, kind: "percent", value: ({ metrics }) => figure(metrics) };
}

function number(key: string, title: string, figure: Figure): Column<RunRecord> {
  return { key, title, kind: "number", value: ({ metrics }) => figure(metrics) };
}

/** A figure in which runs are compared with their baselines over seeds. */
function compared(column: Column<RunRecord>): Column<RunRecord> {
  return { ...column, compared: true };
}

const run: Column<RunRecord> = { key: "run", title: "Run", kind: "text", value: ({ id }) => id };

const columns: readonly Column<RunRecord>[] = [
  run,
  { key: "dataset", title: "Data", kind: "text", value: ({ metrics }) => metrics.dataset },
  { key: "test_images", title: "n", kind: "count", value: ({ metrics }) => metrics.n },
  {
    ...compared(percent("accuracy", "Accuracy %", ({ accuracy }) => accuracy)),
    interval: ({ metrics }) => metrics.accuracyInterval,
  },
  compared(percent("ece", "ECE %", ({ ece }) => ece)),
  percent("classwise_ece", "Classwise ECE %", ({ classwiseEce }) => classwiseEce),
  number("brier", "Brier", ({ brier }) => brier),
  compared(number("nll", "NLL", ({ nll }) => nll)),
  compared(number("aurc", "AURC", ({ aurc }) => aurc)),
  number("excess_aurc", "Excess AURC", ({ excessAurc }) => excessAurc),
  percent("selective_accuracy_90", "Acc. at 90 % coverage", (e) => e.selectiveAccuracy90),
  percent("selective_accuracy_80", "Acc. at 80 % coverage", (e) => e.selectiveAccuracy80),
];

/**
 * Table V: calibration and selective prediction on each run's own test split.
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function calibrationTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  const caption = `Calibration (${runs[0]?.metrics.bins} bins) and selective prediction. `;
  return runTable(caption + describeRuns(runs), columns, groupBySeed(runs), { run: (run) => run });
}

const temperatureColumns: readonly Column<RunRecord>[] = [
  run,
  number("temperature", "T", (e) => e.temperatureScaling?.temperature),
  percent("ece_before", "ECE % before", ({ ece }) => ece),
  compared(percent("ece_after", "ECE % after", (e) => e.temperatureScaling?.ece)),
  number("nll_before", "NLL before", ({ nll }) => nll),
  number("nll_after", "NLL after", (e) => e.temperatureScaling?.nll),
  number("brier_before", "Brier before", ({ brier }) => brier),
  number("brier_after", "Brier after", (e) => e.temperatureScaling?.brier),
  number("aurc_before", "AURC before", ({ aurc }) => aurc),
  number("aurc_after", "AURC after", (e) => e.temperatureScaling?.aurc),
];

/**
 * Calibration on the test split before and after dividing the logits by a temperature that was
 * fitted on the held-out part of the training images.
 *
 * @throws {RangeError} As {@linkcode calibrationTable}.
 */
export function temperatureTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  const caption = "Temperature scaling, fitted on held-out training images. ";
  return runTable(caption + describeRuns(runs), temperatureColumns, groupBySeed(runs), {
    run: (run) => run,
  });
}

interface Condition {
  readonly run: RunRecord;
  readonly condition: string;
  readonly n: number;
  readonly accuracy: number;
  readonly ece: number;
  readonly nll: number;
  readonly aurc: number;
}

/** The same run's calibration on its own test split, under attack and on the other domain. */
function conditionsOf(record: RunRecord): Condition[] {
  const own = record.metrics;
  const shifted = [...record.evaluations.values()].filter((one) => one !== own);
  return [
    { ...own, run: record, condition: `${own.dataset} test` },
    ...shifted.map((one) => ({ ...one, run: record, condition: `shift to ${one.dataset}` })),
    ...(own.underAttack === null ? [] : [{
      ...own.underAttack,
      run: record,
      condition: `${own.underAttack.attack.toUpperCase()}-${own.underAttack.steps}`,
    }]),
  ];
}

const conditionColumns: readonly Column<Condition>[] = [
  { key: "run", title: "Run", kind: "text", value: (one) => one.run.id },
  { key: "condition", title: "Images", kind: "text", value: (one) => one.condition },
  { key: "images", title: "n", kind: "count", value: (one) => one.n },
  { key: "accuracy", title: "Accuracy %", kind: "percent", value: (one) => one.accuracy },
  { key: "ece", title: "ECE %", kind: "percent", compared: true, value: (one) => one.ece },
  { key: "nll", title: "NLL", kind: "number", value: (one) => one.nll },
  { key: "aurc", title: "AURC", kind: "number", value: (one) => one.aurc },
];

/**
 * What becomes of calibration where it is needed most: under attack and under domain shift.
 *
 * @throws {RangeError} As {@linkcode calibrationTable}.
 */
export function shiftTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  const groups = groupBySeed(runs).flatMap((seeds) =>
    alignSeeds(seeds.map(conditionsOf), ({ condition }) => condition)
  );
  const caption = "Calibration under attack and under domain shift. ";
  return runTable(caption + describeRuns(runs), conditionColumns, groups, {
    run: ({ run }) => run,
    condition: ({ condition }) => condition,
  });
}
