import { requireKnownOptions } from "../arguments/known_options.ts";
import * as Plot from "@observablehq/plot";
import type { Chart } from "./chart.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import type { LegendEntry } from "./_legend.ts";
import { BLUE, CONTEXT, GREEN, INK, MUTED_INK, VERMILLION } from "./_palette.ts";
import { axisX, axisY, grid, HALF, type Panel, percentTick, plotPanel, symbols } from "./_panel.ts";
import { requireFinite, requireFraction, requireNames, requireSome } from "./_require.ts";
import type { SymbolName } from "./_symbols.ts";
import { requireParts } from "../arguments/require.ts";
import { percent } from "../format/percent.ts";

/** One epoch of a history; accuracies are fractions, losses in nats. */
export interface CurveEpoch {
  /** A whole number; of a resumed run the first may be above 1. */
  readonly epoch: number;
  /** Mean training loss of the epoch. */
  readonly trainLoss: number;
  /** Share of the training samples classified right. */
  readonly trainAccuracy: number;
  /** Mean cross entropy on validation images; absent or null: not measured. */
  readonly validationLoss?: number | null | undefined;
  /** Share of validation images classified right; absent or null: not measured. */
  readonly validationAccuracy?: number | null | undefined;
  /** Share of validation images right under attack; absent or null: not measured. */
  readonly robustAccuracy?: number | null | undefined;
  /** Learning rate in use in this epoch. */
  readonly learningRate: number;
}

/** A run's history, as `train` returns it and `training_history.json` holds it. */
export interface TrainingCurvesInput {
  /** All epochs in order, at least one. */
  readonly epochs: readonly CurveEpoch[];
  /** The epoch to mark as the best. */
  readonly bestEpoch: number;
  /** What chose it, where it was not the validation accuracy: the accuracy under attack. */
  readonly selectBy?: "robustAccuracy" | undefined;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Curve extends Omit<LegendEntry, "symbol" | "dash"> {
  readonly symbol: SymbolName;
  readonly dash: string;
  readonly loss?: "trainLoss" | "validationLoss";
  readonly accuracy: "trainAccuracy" | "validationAccuracy" | "robustAccuracy";
}

const CURVES: readonly Curve[] = [
  {
    label: "train",
    color: BLUE,
    symbol: "circle",
    dash: "none",
    loss: "trainLoss",
    accuracy: "trainAccuracy",
  },
  {
    label: "validation",
    color: VERMILLION,
    symbol: "square",
    dash: "7 4",
    loss: "validationLoss",
    accuracy: "validationAccuracy",
  },
  {
    label: "validation under attack",
    color: GREEN,
    symbol: "triangleUp",
    dash: "2 3",
    accuracy: "robustAccuracy",
  },
];
const HEIGHT = 210;
/** With more epochs than this, markers would merge into a band. */
const MOST_MARKERS = 25;
/** Losses that differ by more than this factor are drawn on a logarithmic axis. */
const LOG_FACTOR = 50;

type Field = Exclude<keyof CurveEpoch, "epoch" | "learningRate">;

function pointsOf(run: TrainingCurvesInput, field: Field, scale = 1): Point[] {
  return run.epochs.flatMap((epoch) => {
    const value = epoch[field];
    return value === undefined || value === null ? [] : [{ x: epoch.epoch, y: value * scale }];
  });
}

function check(name: string, run: TrainingCurvesInput): void {
  requireSome(`${name}.epochs`, run.epochs.length);
  run.epochs.forEach(({ epoch }, index) => {
    const before = run.epochs[index - 1]?.epoch ?? -1;
    if (!(Number.isInteger(epoch) && epoch > before)) {
      throw new RangeError(
        `Expected ${name}.epochs to be numbered by rising whole numbers, 0 or more, but found ` +
          `${epoch} at index ${index}`,
      );
    }
  });
  for (const field of ["trainLoss", "validationLoss"] as const) {
    requireFinite(`${name} ${field}`, pointsOf(run, field).map((point) => point.y));
  }
  for (const { accuracy } of CURVES) {
    for (const { y } of pointsOf(run, accuracy)) requireFraction(`${name} ${accuracy}`, y);
  }
  if (!run.epochs.some((epoch) => epoch.epoch === run.bestEpoch)) {
    throw new RangeError(
      `Expected ${name}.bestEpoch to be one of its epochs but found ${run.bestEpoch}`,
    );
  }
}

// The first epochs with a lower rate; the line stands between them and the epochs before. A rate that
// falls most of the time, as along a cosine, would give a line an epoch and has none.
function decays(run: TrainingCurvesInput): number[] {
  return fallsGradually(run) ? [] : lowerRates(run).map((epoch) => epoch.epoch - 0.5);
}

function lowerRates({ epochs }: TrainingCurvesInput): CurveEpoch[] {
  return epochs.slice(1).filter((epoch, k) => epoch.learningRate < epochs[k]!.learningRate);
}

function fallsGradually(run: TrainingCurvesInput): boolean {
  const { length } = lowerRates(run);
  return length > 2 && length > (run.epochs.length - 1) / 2;
}

interface Axis {
  readonly domain: [number, number];
  readonly type: "linear" | "log";
  readonly header: string;
}

function lossAxis(runs: readonly TrainingCurvesInput[]): Axis {
  const losses = runs.flatMap((run) =>
    [...pointsOf(run, "trainLoss"), ...pointsOf(run, "validationLoss")].map((point) => point.y)
  );
  const largest = Math.max(...losses);
  const smallest = Math.min(...losses);
  if (smallest > 0 && largest / smallest > LOG_FACTOR) {
    return {
      domain: [smallest / 1.2, largest * 1.2],
      type: "log",
      header: "Loss (nats, logarithmic axis)",
    };
  }
  const low = Math.min(0, smallest);
  return {
    domain: [low, Math.max(largest * 1.05, low + 0.1)],
    type: "linear",
    header: "Loss (nats)",
  };
}

function accuracyAxis(runs: readonly TrainingCurvesInput[]): Axis {
  const values = runs.flatMap((run) =>
    CURVES.flatMap(({ accuracy }) => pointsOf(run, accuracy, 100).map((point) => point.y))
  );
  const low = Math.min(90, Math.floor(Math.min(...values) / 10) * 10);
  return { domain: [low, 100], type: "linear", header: "Accuracy" };
}

interface RunPanel {
  readonly run: TrainingCurvesInput;
  readonly others: readonly TrainingCurvesInput[];
  readonly kind: "loss" | "accuracy";
  readonly axis: Axis;
  /** The first and the last epoch of all runs. */
  readonly epochs: readonly [first: number, last: number];
  readonly title: string | undefined;
}

/** The curve on which the best epoch is marked: the one that chose it, where the panel has it. */
function markedBy({ selectBy }: TrainingCurvesInput, kind: RunPanel["kind"]): string {
  return selectBy && kind === "accuracy" ? "validation under attack" : "validation";
}

function runMarks({ run, others, kind }: RunPanel): Plot.Markish[] {
  const scale = kind === "accuracy" ? 100 : 1;
  const marks: Plot.Markish[] = others.map((other) => {
    const validated = pointsOf(other, kind === "loss" ? "validationLoss" : "validationAccuracy");
    const drawn = validated.map((point) => ({ x: point.x, y: point.y * scale }));
    return Plot.line(drawn, { x: "x", y: "y", stroke: CONTEXT, strokeWidth: 1.4 });
  });
  marks.push(Plot.ruleX(decays(run), { stroke: MUTED_INK, strokeDasharray: "2 3" }));
  for (const curve of CURVES) {
    const field = curve[kind];
    const points = field === undefined ? [] : pointsOf(run, field, scale);
    if (points.length === 0) continue;
    marks.push(Plot.line(points, {
      x: "x",
      y: "y",
      stroke: curve.color,
      strokeWidth: 2.2,
      strokeDasharray: curve.dash,
    }));
    if (run.epochs.length <= MOST_MARKERS) marks.push(symbols(points, { ...curve, radius: 3.4 }));
    const best = points.filter((point) => point.x === run.bestEpoch);
    if (curve.label === markedBy(run, kind)) {
      marks.push(Plot.dot(best, { x: "x", y: "y", r: 7, stroke: INK, strokeWidth: 1.8 }));
    }
  }
  return marks;
}

// The first epoch, and multiples of a step that leaves about six labels.
function epochTicks([first, last]: readonly [number, number]): number[] {
  const step = Math.max(1, Math.ceil((last - first + 1) / 6));
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    .filter((epoch) => epoch === first || (epoch % step === 0 && 2 * (epoch - first) >= step));
}

function runPanel(options: RunPanel): Panel {
  const { axis, epochs, kind, title } = options;
  const [first, last] = epochs;
  const ticks = epochTicks(epochs);
  return plotPanel({
    width: HALF,
    height: HEIGHT,
    header: axis.header,
    ...(title === undefined ? {} : { title }),
    x: {
      domain: first === last ? [first - 1, last + 1] : [first, last],
      insetLeft: 8,
      insetRight: 8,
    },
    y: { domain: axis.domain, type: axis.type },
    marks: [
      ...grid(ticks),
      axisX("Epoch", { ticks, tickFormat: String }),
      axisY(
        kind === "accuracy"
          ? { ticks: 5, tickFormat: percentTick }
          : axis.type === "log"
          ? { ticks: 4, tickFormat: (value: number) => `${value}` }
          : { ticks: 5 },
      ),
      ...runMarks(options),
    ],
  });
}

function keysFor(runs: readonly TrainingCurvesInput[]): LegendEntry[] {
  const keys: LegendEntry[] = CURVES
    .filter((curve) => runs.some((run) => pointsOf(run, curve.accuracy).length > 0))
    .map(({ label, color, symbol, dash }) => ({ label, color, symbol, dash }));
  if (runs.some((run) => pointsOf(run, "validationAccuracy").length > 0)) {
    const chosen = [...new Set(runs.map(({ selectBy }) => selectBy))];
    const by = chosen.includes("robustAccuracy") ? " by accuracy under attack" : "";
    const mixed = chosen.length > 1 ? " or validation accuracy" : "";
    keys.push({ label: `best epoch${by}${mixed}`, color: INK, ring: true });
  }
  if (runs.some((run) => decays(run).length > 0)) {
    keys.push({ label: "learning rate lowered", color: MUTED_INK, vertical: "2 3" });
  }
  if (runs.length > 1) {
    keys.push({ label: "the other runs' validation", color: CONTEXT, dash: "none" });
  }
  return keys;
}

function epochsText({ epochs }: TrainingCurvesInput): string {
  const [first, last] = [epochs[0]!.epoch, epochs.at(-1)!.epoch];
  return first === 1 && last === epochs.length ? `${last}` : `${first} to ${last}`;
}

function sentence(name: string, run: TrainingCurvesInput): string {
  const best = run.epochs.find((epoch) => epoch.epoch === run.bestEpoch)!;
  const validation = best.validationAccuracy ?? undefined;
  const robust = best.robustAccuracy ?? undefined;
  const by = run.selectBy ? " by accuracy under attack" : "";
  return `${name}: best epoch ${run.bestEpoch} of ${epochsText(run)}${by}, train accuracy ` +
    percent(best.trainAccuracy) +
    (validation === undefined ? "" : `, validation accuracy ${percent(validation)}`) +
    (robust === undefined ? "" : `, under attack ${percent(robust)}`) +
    (fallsGradually(run) ? ", learning rate lowered from epoch to epoch" : "");
}

/**
 * Loss and accuracy by epoch, train against validation; several runs stand in rows with shared
 * axes, each over the others' validation curves in grey.
 *
 * @param runs One history, or several by name. Accuracies are fractions; losses are in nats.
 * @returns A chart: a loss and an accuracy panel a run, the best epoch and learning-rate steps marked.
 * @throws {RangeError} If there is no run or epoch, a number is not finite, an accuracy is not a
 * fraction, epochs do not rise, or bestEpoch is none of them.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const epochs = [
 *   { epoch: 1, trainLoss: 1.9, trainAccuracy: 0.3, validationAccuracy: 0.4, learningRate: 0.01 },
 *   { epoch: 2, trainLoss: 0.9, trainAccuracy: 0.7, validationAccuracy: 0.6, learningRate: 0.01 },
 * ];
 * const chart = trainingCurves({ epochs, bestEpoch: 2 });
 * assertStringIncludes(chart.summary, "validation accuracy 60.0 %");
 * ```
 */
export function trainingCurves(
  runs: TrainingCurvesInput | Readonly<Record<string, TrainingCurvesInput>>,
  options: ChartOptions = {},
): Chart {
  requireKnownOptions("trainingCurves", options, chartOptionNames);
  requireParts("runs", runs, "a history, or several by name", []);
  const named = isOne(runs) ? { "": runs } : runs;
  const entries = Object.entries(named);
  requireSome("runs", entries.length);
  if (entries.length > 1) requireNames("the names of the runs", entries.map(([name]) => name));
  for (const [name, run] of entries) check(name === "" ? "history" : name, run);
  const all = entries.map(([, run]) => run);
  const axes = { loss: lossAxis(all), accuracy: accuracyAxis(all) };
  const numbers = all.flatMap((run) => run.epochs.map(({ epoch }) => epoch));
  const epochs = [Math.min(...numbers), Math.max(...numbers)] as const;
  const panels = entries.flatMap(([name, run]) =>
    (["loss", "accuracy"] as const).map((kind) =>
      runPanel({
        run,
        others: all.filter((other) => other !== run),
        kind,
        axis: axes[kind],
        epochs,
        title: name === "" ? undefined : name,
      })
    )
  );
  return figure({
    title: options.title ?? "Training curves",
    subtitle: options.subtitle,
    legend: keysFor(all),
    panels,
    columns: 2,
    summary: entries.map(([name, run]) => sentence(name === "" ? "run" : name, run)).join("; "),
  });
}

function isOne(
  runs: TrainingCurvesInput | Readonly<Record<string, TrainingCurvesInput>>,
): runs is TrainingCurvesInput {
  return Array.isArray(runs.epochs);
}
