import type { EpochRecord } from "../../train/history.ts";
import type { RunRecord } from "../records/record.ts";
import { describeRuns, groupBySeed, requireRuns } from "../records/run_groups.ts";
import type { Column, Table } from "./table.ts";
import { runTable } from "./run_table.ts";

/** The epoch whose weights are evaluated. */
export function bestEpochOf({ history }: RunRecord): EpochRecord {
  const best = history.epochs.find(({ epoch }) => epoch === history.bestEpoch);
  if (best === undefined) throw new RangeError(`Expected a best epoch but found none in history`);
  return best;
}

/** Accuracy on the validation part, at the best epoch, and on the test split. */
export const heldOutColumns: readonly Column<RunRecord>[] = [
  {
    key: "validation_accuracy",
    title: "Validation %",
    kind: "percent",
    value: (run) => bestEpochOf(run).validationAccuracy,
  },
  {
    key: "test_accuracy",
    title: "Test % [95 %]",
    kind: "percent",
    compared: true,
    value: (run) => run.metrics.accuracy,
    interval: (run) => run.metrics.accuracyInterval,
  },
];

const columns: readonly Column<RunRecord>[] = [
  { key: "run", title: "Run", kind: "text", value: (run) => run.id },
  { key: "dataset", title: "Data", kind: "text", value: (run) => run.config.spec.dataset },
  { key: "source", title: "Source", kind: "text", value: (run) => run.config.source },
  { key: "train_images", title: "Train n", kind: "count", value: (run) => run.config.trainImages },
  { key: "epochs", title: "Epochs", kind: "count", value: (run) => run.history.epochs.length },
  { key: "best_epoch", title: "Best", kind: "count", value: (run) => run.history.bestEpoch },
  {
    key: "train_accuracy",
    title: "Train %",
    kind: "percent",
    value: (run) => bestEpochOf(run).trainAccuracy,
  },
  ...heldOutColumns,
  { key: "test_images", title: "Test n", kind: "count", value: (run) => run.metrics.n },
  {
    key: "generalization_gap",
    title: "Train − test",
    kind: "percent",
    value: (run) => bestEpochOf(run).trainAccuracy - run.metrics.accuracy,
  },
  { key: "test_nll", title: "Test NLL", kind: "number", value: (run) => run.metrics.nll },
  {
    key: "input_gradient_norm",
    title: "‖∇ₓL‖₂",
    kind: "number",
    value: (run) => run.metrics.inputGradientNorm,
  },
  {
    key: "images_per_second",
    title: "Images/s",
    kind: "number",
    digits: 0,
    value: (run) => bestEpochOf(run).imagesPerSecond,
  },
];

/**
 * Table II: how each run learned and how well it generalizes. Train accuracy is the mean over the
 * best epoch's batches, each before its update, so augmentation, dropout and perturbation count.
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function trainingTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  const caption = `Training, at the epoch of the best validation accuracy. ${describeRuns(runs)}`;
  return runTable(caption, columns, groupBySeed(runs), { run: (run) => run });
}
