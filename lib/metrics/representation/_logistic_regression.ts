import { throwIfInterrupted } from "../../terminal/interrupt.ts";

/** A fitted linear rule: class 1 where weights . x + bias > 0. */
export interface LinearRule {
  readonly weights: Float64Array;
  readonly bias: number;
}

interface Problem {
  /** N x (D + 1): the features and a column of ones for the bias. */
  readonly design: Float64Array;
  readonly labels: Uint8Array;
  readonly width: number;
  readonly l2: number;
}

/** Scores X w, one per row. */
function multiply({ design, width, labels }: Problem, w: Float64Array): Float64Array {
  const scores = new Float64Array(labels.length);
  for (let i = 0; i < scores.length; i++) {
    let sum = 0;
    for (let d = 0; d < width; d++) sum += design[i * width + d]! * w[d]!;
    scores[i] = sum;
  }
  return scores;
}

/** X^T r + l2 w, the bias (last entry) without the penalty. */
function transposed(problem: Problem, rows: Float64Array, w: Float64Array): Float64Array {
  const { design, width, l2 } = problem;
  const result = w.map((value, d) => d === width - 1 ? 0 : l2 * value);
  for (let i = 0; i < rows.length; i++) {
    for (let d = 0; d < width; d++) result[d]! += design[i * width + d]! * rows[i]!;
  }
  return result;
}

const inner = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
const sigmoid = (s: number) => s >= 0 ? 1 / (1 + Math.exp(-s)) : 1 - 1 / (1 + Math.exp(s));

function objective({ labels, width, l2 }: Problem, scores: Float64Array, w: Float64Array): number {
  let total = l2 / 2 * (inner(w, w) - w[width - 1]! ** 2);
  for (let i = 0; i < scores.length; i++) {
    const margin = labels[i] === 1 ? scores[i]! : -scores[i]!;
    total += Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)));
  }
  return total;
}

/** Solves H step = -gradient by conjugate gradients, to a tenth of the gradient's size. */
function newtonStep(problem: Problem, curvature: Float64Array, gradient: Float64Array) {
  const step = new Float64Array(gradient.length);
  const residual = gradient.map((g) => -g);
  let direction = residual.slice();
  let size = inner(residual, residual);
  const enough = 0.01 * size;
  for (let k = 0; k < 200 && size > enough; k++) {
    const scaled = multiply(problem, direction).map((s, i) => s * curvature[i]!);
    const image = transposed(problem, scaled, direction);
    const length = size / inner(direction, image);
    for (let d = 0; d < step.length; d++) {
      step[d]! += length * direction[d]!;
      residual[d]! -= length * image[d]!;
    }
    const next = inner(residual, residual);
    const keep = next / size;
    direction = direction.map((value, d) => residual[d]! + keep * value);
    size = next;
  }
  return step;
}

/** The step halved until the objective falls enough (Armijo 1966); null when it no longer does. */
function lineSearch(problem: Problem, w: Float64Array, step: Float64Array, slope: number) {
  const start = objective(problem, multiply(problem, w), w);
  for (let length = 1; length > 1e-6; length /= 2) {
    const next = w.map((value, d) => value + length * step[d]!);
    if (objective(problem, multiply(problem, next), next) <= start + 1e-4 * length * slope) {
      return next;
    }
  }
  return null;
}

/**
 * Fits a logistic regression: minimises sum_i log(1 + exp(-margin_i)) + (l2 / 2) |w|^2, the bias
 * without penalty, by truncated Newton steps (Newton-CG). The objective is convex and l2 > 0 makes
 * its minimum finite also for separable rows.
 *
 * @param features N x D, row-major.
 * @param labels N times 0 or 1.
 * @param l2 Penalty > 0.
 */
export function fitLogisticRegression(
  features: Float64Array,
  labels: Uint8Array,
  l2: number,
): LinearRule {
  const n = labels.length;
  const width = features.length / n + 1;
  const design = new Float64Array(n * width).fill(1);
  for (let i = 0; i < n; i++) {
    design.set(features.subarray(i * (width - 1), (i + 1) * (width - 1)), i * width);
  }
  const problem = { design, labels, width, l2 };
  let w: Float64Array<ArrayBufferLike> = new Float64Array(width);
  for (let iteration = 0; iteration < 100; iteration++) {
    throwIfInterrupted();
    const chance = multiply(problem, w).map(sigmoid);
    const gradient = transposed(problem, chance.map((c, i) => c - labels[i]!), w);
    if (Math.sqrt(inner(gradient, gradient)) < 1e-6 * n) break;
    const step = newtonStep(problem, chance.map((c) => c * (1 - c)), gradient);
    const next = lineSearch(problem, w, step, inner(step, gradient));
    if (next === null) break;
    w = next;
  }
  return { weights: w.slice(0, width - 1), bias: w[width - 1]! };
}
