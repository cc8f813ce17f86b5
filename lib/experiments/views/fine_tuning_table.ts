import type { RunRecord } from "../records/record.ts";
import { describeRuns, groupBySeed, requireRuns } from "../records/run_groups.ts";
import type { Column, Table } from "./table.ts";
import { runTable } from "./run_table.ts";
import { heldOutColumns } from "./training_table.ts";

/**
 * The first epoch whose validation accuracy reaches a share of the run's best: how fast it
 * converges.
 *
 * @returns NaN if the run has no validation figures.
 */
export function epochsToReach({ history }: RunRecord, share = 0.9): number {
  const accuracies = history.epochs.map(({ validationAccuracy }) => validationAccuracy ?? NaN);
  const goal = share * Math.max(...accuracies);
  return history.epochs[accuracies.findIndex((value) => value >= goal)]?.epoch ?? NaN;
}

const columns: readonly Column<RunRecord>[] = [
  { key: "run", title: "Run", kind: "text", value: (run) => run.id },
  {
    key: "start",
    title: "Starts from",
    kind: "text",
    value: (run) => run.config.encoder?.description ?? "random weights",
  },
  {
    key: "trained",
    title: "Trains",
    kind: "text",
    value: (run) => run.config.spec.train.freeze === undefined ? "all layers" : "last layer",
  },
  { key: "train_images", title: "Train n", kind: "count", value: (run) => run.config.trainImages },
  { key: "epochs", title: "Epochs", kind: "count", value: (run) => run.history.epochs.length },
  {
    key: "epochs_to_90_percent",
    title: "Epochs to 90 % of best",
    kind: "number",
    digits: 0,
    value: (run) => epochsToReach(run),
  },
  ...heldOutColumns,
  { key: "ece", title: "ECE %", kind: "percent", value: (run) => run.metrics.ece },
];

/**
 * Fine-tuning on small subsets: frozen convolutions, all layers, from scratch.
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function fineTuningTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  const caption = "From pretrained and from random weights, by number of training images. ";
  return runTable(caption + describeRuns(runs), columns, groupBySeed(runs), { run: (run) => run });
}

/**
 * A pretrained encoder with a new head against the same network from scratch: final accuracy, speed
 * of convergence, calibration, transfer.
 *
 * @throws {RangeError} As {@linkcode fineTuningTable}.
 */
export function pretrainedTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  const transferred = (run: RunRecord) => {
    const { transferTo } = run.config.spec.evaluation;
    return transferTo && run.evaluations.get(`${transferTo}-test`);
  };
  const target: Column<RunRecord> = {
    key: "target_accuracy",
    title: "Other digits %",
    kind: "percent",
    compared: true,
    value: (run) => transferred(run)?.accuracy,
    interval: (run) => transferred(run)?.accuracyInterval ?? null,
  };
  const slope: Column<RunRecord> = {
    key: "transfer_slope",
    title: "Other digits / own",
    kind: "number",
    digits: 3,
    value: (run) => {
      const accuracy = transferred(run)?.accuracy;
      return accuracy === undefined ? null : accuracy / run.metrics.accuracy;
    },
  };
  const caption = "From pretrained and from random weights. ";
  return runTable(caption + describeRuns(runs), [...columns, target, slope], groupBySeed(runs), {
    run: (run) => run,
  });
}
