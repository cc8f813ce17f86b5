/** Auto-PGD's search over a batch (Croce & Hein 2020, algorithm 1), L-infinity. */
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { targetDistribution } from "../losses/target_distribution.ts";
import { reviewPeriods, StepControl } from "./_apgd_schedule.ts";
import { dlrObjective } from "./_dlr_loss.ts";
import {
  crossEntropyObjective,
  evaluate,
  evaluateWithGradient,
  type Objective,
} from "./_input_gradient.ts";
import { requireFinitePixels } from "./_gradient_step.ts";
import { uniformDraws } from "./_random_start.ts";
import { type Region, regionAround } from "./_region.ts";
import { selectImages } from "./_worst_case.ts";

/** Share of a new point that comes from its gradient step, the rest from the last move. */
const GRADIENT_SHARE = 0.75;

/** Settings of a search. */
export interface ApgdSettings {
  readonly epsilon: number;
  readonly steps: number;
  readonly loss: "ce" | "dlr";
  readonly seed: number;
  readonly positions: ArrayLike<number>;
}

/**
 * Sees every point the search evaluates: x itself, the start and each iterate.
 *
 * @returns Rows to go on with; undefined for all. The tensors stay the search's.
 */
export type Observer = (
  points: tf.Tensor4D,
  logits: tf.Tensor2D,
  losses: tf.Tensor1D,
) => readonly number[] | undefined;

/** The images still searched, as tensors of equal length, and each one's step. */
interface State {
  x: tf.Tensor4D;
  region: Region;
  objective: Objective;
  labels: Int32Array;
  point: tf.Tensor4D;
  previous: tf.Tensor4D;
  gradient: tf.Tensor4D;
  bestPoint: tf.Tensor4D;
  bestGradient: tf.Tensor4D;
  controls: StepControl[];
}

type StateTensor = "x" | "point" | "previous" | "gradient" | "bestPoint" | "bestGradient";

function objectiveOf(loss: "ce" | "dlr", labels: Int32Array, classes: number): Objective {
  if (loss === "dlr") return dlrObjective(labels);
  return crossEntropyObjective(targetDistribution(labels, classes, 1, 0));
}

/** Replaces a tensor of the state and frees the old one. */
function replace(state: State, name: StateTensor, value: tf.Tensor4D): void {
  state[name].dispose();
  state[name] = value;
}

/** Leaves only the given rows. */
function keepRows(
  state: State,
  rows: readonly number[],
  { epsilon, loss }: ApgdSettings,
  classes: number,
): void {
  const indices = tf.tensor1d([...rows], "int32");
  for (const name of ["x", "point", "previous", "gradient", "bestPoint", "bestGradient"] as const) {
    replace(state, name, tf.gather(state[name], indices));
  }
  indices.dispose();
  state.region.dispose();
  state.region = regionAround(state.x, epsilon, "linf");
  state.labels = Int32Array.from(rows, (row) => state.labels[row]!);
  state.objective = objectiveOf(loss, state.labels, classes);
  state.controls = rows.map((row) => state.controls[row]!);
}

/** The next point: a signed step, blended with the last move (the paper's eq. 3 and 4). */
function advance(state: State, gradientShare: number): void {
  const { point, previous, gradient, region, controls } = state;
  const next = tf.tidy(() => {
    const sizes = tf.tensor4d(controls.map((one) => one.stepSize), [controls.length, 1, 1, 1]);
    const step = tf.sub(region.ascend(point, gradient, sizes), point);
    const momentum = tf.mul(tf.sub(point, previous), 1 - gradientShare);
    return region.project(tf.add(point, tf.add(tf.mul(step, gradientShare), momentum)));
  });
  previous.dispose();
  state.previous = point;
  state.point = next;
}

/** Evaluates the point, remembers it where it is the best one, and asks the observer. */
function look(state: State, model: Classifier, observer: Observer) {
  const { logits, losses, gradient } = evaluateWithGradient(model, state.point, state.objective);
  replace(state, "gradient", requireFinitePixels(gradient));
  const values = losses.dataSync();
  const improved = state.controls.map((control, image) => control.record(values[image]!));
  if (improved.includes(true)) {
    replace(state, "bestPoint", selectImages(improved, state.point, state.bestPoint));
    replace(state, "bestGradient", selectImages(improved, gradient, state.bestGradient));
  }
  const rows = observer(state.point, logits, losses);
  tf.dispose([logits, losses]);
  return rows;
}

/** Halves steps where a period was fruitless; those images go on from their best point. */
function review(state: State, period: number): void {
  const halved = state.controls.map((control) => control.review(period));
  if (!halved.includes(true)) return;
  replace(state, "point", selectImages(halved, state.bestPoint, state.point));
  replace(state, "gradient", selectImages(halved, state.bestGradient, state.gradient));
}

/** Evaluates x and the random start; `undefined` if no image is left to search. */
function begin(
  model: Classifier,
  x: tf.Tensor4D,
  labels: Int32Array,
  settings: ApgdSettings,
  observer: Observer,
): State | undefined {
  const { epsilon, loss, seed, positions } = settings;
  const objective = objectiveOf(loss, labels, model.classes);
  const region = regionAround(x, epsilon, "linf");
  const clean = evaluate(model, x, objective);
  const kept = observer(x, clean.logits, clean.losses);
  if (kept?.length === 0) return undefined;
  const point = tf.tidy(() => {
    // As in the authors' code, each image's draws are stretched until the largest reaches epsilon.
    const draws = uniformDraws(x.shape, seed, positions, 0);
    const largest = tf.max(tf.abs(draws), [1, 2, 3], true);
    return region.project(tf.add(x, tf.mul(tf.divNoNan(draws, largest), epsilon)));
  });
  const blank = () => tf.zerosLike(x);
  const controls = Array.from(labels, () => new StepControl(2 * epsilon));
  const state: State = {
    x: x.clone(),
    region,
    objective,
    labels,
    point,
    previous: point.clone(),
    gradient: blank(),
    bestPoint: blank(),
    bestGradient: blank(),
    controls,
  };
  if (kept) keepRows(state, kept, settings, model.classes);
  return state;
}

/**
 * Searches until the budget is spent or the observer keeps no row. Run it inside `tf.tidy`.
 *
 * @param x [n, height, width, channels].
 * @param labels n class indices.
 */
export function searchApgd(
  model: Classifier,
  x: tf.Tensor4D,
  labels: Int32Array,
  settings: ApgdSettings,
  observer: Observer,
): void {
  const state = begin(model, x, labels, settings, observer);
  if (state === undefined) return;
  const continueWith = (rows: readonly number[] | undefined) => {
    if (rows && rows.length > 0) keepRows(state, rows, settings, model.classes);
    return rows?.length !== 0;
  };
  if (!continueWith(look(state, model, observer))) return;
  const periods = reviewPeriods(settings.steps);
  let sinceReview = 0;
  for (let step = 0; step < settings.steps; step++) {
    advance(state, step === 0 ? 1 : GRADIENT_SHARE);
    if (!continueWith(look(state, model, observer))) return;
    if (++sinceReview === periods[0]) {
      review(state, periods.shift()!);
      sinceReview = 0;
    }
  }
}
