/** What a training run leaves as numbers: one record an epoch, as JSON and CSV. */
import { stringifyCsv } from "../format/csv.ts";
import { points } from "../format/percent.ts";

/** The values of one epoch. Accuracies are fractions in [0, 1]. */
export interface EpochRecord {
  /** Counts from 1. */
  readonly epoch: number;
  /** Mean over the epoch's samples of the trained objective, each taken before its batch's update. */
  readonly trainLoss: number;
  /** Share of the epoch's samples (perturbed ones included) classified right before the update. */
  readonly trainAccuracy: number;
  /** Mean cross entropy on the validation data, in eval mode. */
  readonly validationLoss?: number;
  /** Share of validation images classified right, in eval mode. */
  readonly validationAccuracy?: number;
  /**
   * Accuracy on the first 256 validation images (1,000 where it selects the best epoch) under PGD-10
   * at the training's budget and norm; adversarial training only.
   */
  readonly robustAccuracy?: number;
  /** The rate used in this epoch. */
  readonly learningRate: number;
  /** Seconds spent in training; validation and saving are excluded. */
  readonly seconds: number;
  /** Training images divided by {@linkcode EpochRecord.seconds}. */
  readonly imagesPerSecond: number;
}

/** All epochs of a run and which of them is the best. */
export interface History {
  /** One record for each finished epoch, in order. */
  readonly epochs: readonly EpochRecord[];
  /** The epoch `best.safetensors` holds; 0 before the first epoch has ended. */
  readonly bestEpoch: number;
  /** What chose the best epoch. Absent: validation accuracy, or the last epoch without validation. */
  readonly selectBy?: "robustAccuracy";
  /** What a reader of the values must know, e.g. catastrophic overfitting. Absent if none. */
  readonly warnings?: readonly string[];
}

/**
 * Names what chose a run's best epoch, for captions.
 *
 * @returns `undefined` for the usual choice: validation accuracy, or the last epoch without validation.
 * @example
 * ```ts
 * import { assertEquals, assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * assertEquals(describeSelection(undefined), undefined);
 * assertStringIncludes(describeSelection("robustAccuracy")!, "PGD-10");
 * ```
 */
export function describeSelection(selectBy: string | undefined): string | undefined {
  return selectBy === "robustAccuracy"
    ? "robust accuracy (PGD-10, first 1,000 validation images)"
    : undefined;
}

/** Raised when the layout of training_history.json changes. */
const HISTORY_SCHEMA = 1;

/**
 * Tells whether `candidate` beats `best`: higher validation accuracy, ties broken by the lower
 * validation loss; without validation the later epoch wins. With `selectBy` "robustAccuracy" the
 * accuracy under attack comes first.
 *
 * @example
 * ```ts
 * import { assert } from "@trusted-ai-lab/lab/assert";
 * const base = { epoch: 1, trainLoss: 1, trainAccuracy: 0, learningRate: 0.1, seconds: 1, imagesPerSecond: 1 };
 * const better = { ...base, epoch: 2, validationAccuracy: 0.5, validationLoss: 1.1 };
 * assert(isBetterEpoch(better, { ...base, validationAccuracy: 0.5, validationLoss: 1.2 }));
 * ```
 */
export function isBetterEpoch(
  candidate: EpochRecord,
  best: EpochRecord | undefined,
  selectBy?: History["selectBy"],
): boolean {
  if (best === undefined || candidate.validationAccuracy === undefined) return true;
  const values = (record: EpochRecord) => [
    selectBy === "robustAccuracy" ? record.robustAccuracy ?? -1 : 0,
    record.validationAccuracy ?? -1,
    -(record.validationLoss ?? Infinity),
  ];
  const [its, others] = [values(candidate), values(best)];
  const decisive = its.findIndex((value, k) => value !== others[k]);
  return decisive >= 0 && its[decisive]! > others[decisive]!;
}

/**
 * Appends an epoch and keeps `bestEpoch` right.
 *
 * @param history Left unchanged.
 * @param record The epoch that just ended.
 * @param warnings New warnings, if any.
 * @returns A new history.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const record = { epoch: 1, trainLoss: 2, trainAccuracy: 0.2, learningRate: 0.1, seconds: 1, imagesPerSecond: 9 };
 * assertEquals(appendEpoch({ epochs: [], bestEpoch: 0 }, record).bestEpoch, 1);
 * ```
 */
export function appendEpoch(
  history: History,
  record: EpochRecord,
  warnings: readonly string[] = [],
): History {
  const best = history.epochs.find(({ epoch }) => epoch === history.bestEpoch);
  const all = [...(history.warnings ?? []), ...warnings];
  const { selectBy } = history;
  return {
    epochs: [...history.epochs, record],
    bestEpoch: isBetterEpoch(record, best, selectBy) ? record.epoch : history.bestEpoch,
    ...(selectBy ? { selectBy } : {}),
    ...(all.length > 0 ? { warnings: all } : {}),
  };
}

/**
 * The text of `training_history.json`.
 *
 * @param history Numbers keep full precision; NaN becomes null.
 * @returns JSON: `{ schema, epochs, bestEpoch, selectBy?, warnings? }`.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const parsed = JSON.parse(historyToJson({ epochs: [], bestEpoch: 0 }));
 * assertEquals(parsed, { schema: 1, epochs: [], bestEpoch: 0 });
 * ```
 */
export function historyToJson(history: History): string {
  return JSON.stringify({ schema: HISTORY_SCHEMA, ...history }, null, 2) + "\n";
}

type Column = [name: string, read: (record: EpochRecord) => number | string | undefined];
const percent = (value: number | undefined) => value === undefined ? "" : points(value, 2);
const columns: readonly Column[] = [
  ["epoch", (r) => r.epoch],
  ["train_loss", (r) => r.trainLoss],
  ["train_accuracy_percent", (r) => percent(r.trainAccuracy)],
  ["validation_loss", (r) => r.validationLoss],
  ["validation_accuracy_percent", (r) => percent(r.validationAccuracy)],
  ["robust_accuracy_percent", (r) => percent(r.robustAccuracy)],
  ["learning_rate", (r) => r.learningRate],
  ["seconds", (r) => r.seconds.toFixed(3)],
  ["images_per_second", (r) => r.imagesPerSecond.toFixed(1)],
];

/**
 * The text of `training_history.csv`: one row an epoch, percentages with two decimals, an empty
 * cell where a value was not measured.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@trusted-ai-lab/lab/assert";
 * assertMatch(historyToCsv({ epochs: [], bestEpoch: 0 }), /^epoch,train_loss,/);
 * ```
 */
export function historyToCsv(history: History): string {
  const rows = history.epochs.map((record) =>
    Object.fromEntries(columns.map(([name, read]) => [name, read(record)]))
  );
  return stringifyCsv(rows, columns.map(([name]) => name));
}
