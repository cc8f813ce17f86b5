/** FAB's search towards one target class, on typed arrays: only the model needs tensors. */
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { predict, requireFiniteLogits } from "./answers.ts";
import { hyperplaneMove } from "./_hyperplane_move.ts";
import { evaluateWithGradient } from "./_input_gradient.ts";
import { logitGap } from "./_logit_gap.ts";
import { type Norm, requireFinitePixels } from "./_requirements.ts";

/** The authors' constants: the most that x itself counts, overshoot, and the way back from a success. */
const [MOST_BIAS, OVERSHOOT, BACKWARD] = [0.1, 1.05, 0.9];
const SHORTEST_MOVE = 1e-8;

/** How far two images are apart. */
function distance(a: Float32Array, b: Float32Array, norm: Norm): number {
  let [largest, squares] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    const difference = Math.abs(a[k]! - b[k]!);
    largest = Math.max(largest, difference);
    squares += difference * difference;
  }
  return norm === "linf" ? largest : Math.sqrt(squares);
}

/** A search from some images, each towards its target. */
export class FabSearch {
  /** The nearest fooling images so far; x itself where there is none. */
  readonly nearest: Float32Array;
  /** Their distances from x; Infinity where there is none. */
  readonly distances: Float64Array;
  /** The images still searched. */
  active: number[];
  readonly #shape: readonly [number, number, number];
  readonly #size: number;
  readonly #origin: Float32Array;
  readonly #point: Float32Array;
  readonly #toPlane: Float64Array;
  readonly #originToPlane: Float64Array;

  /**
   * @param x The clean images.
   * @param start Where the search begins.
   */
  constructor(
    readonly model: Classifier,
    x: tf.Tensor4D,
    start: tf.Tensor4D,
    readonly goal: {
      readonly labels: Int32Array;
      readonly targets: Int32Array;
      readonly norm: Norm;
    },
  ) {
    this.#shape = [x.shape[1], x.shape[2], x.shape[3]];
    this.#size = x.size / x.shape[0];
    this.#origin = Float32Array.from(x.dataSync());
    this.#point = Float32Array.from(start.dataSync());
    this.#toPlane = new Float64Array(this.#size);
    this.#originToPlane = new Float64Array(this.#size);
    this.nearest = this.#origin.slice();
    this.distances = new Float64Array(x.shape[0]).fill(Infinity);
    this.active = [...this.distances.keys()];
  }

  #row(pixels: Float32Array, image: number): Float32Array {
    return pixels.subarray(image * this.#size, (image + 1) * this.#size);
  }

  /** The active images' points; an owned tensor. */
  #points(): tf.Tensor4D {
    const pixels = new Float32Array(this.active.length * this.#size);
    for (const [row, image] of this.active.entries()) {
      pixels.set(this.#row(this.#point, image), row * this.#size);
    }
    return tf.tensor4d(pixels, [this.active.length, ...this.#shape]);
  }

  /** By how much the target's logit exceeds the label's at the active points, and its gradients. */
  #linearize(): { gaps: Float32Array; slopes: Float32Array } {
    const of = (values: Int32Array) => this.active.map((image) => values[image]!);
    const { labels, targets } = this.goal;
    const points = this.#points();
    const gap = logitGap(of(labels), of(targets), this.model.classes);
    const { logits, losses, gradient } = evaluateWithGradient(this.model, points, gap);
    const gaps = losses.dataSync<"float32">();
    const slopes = requireFinitePixels(gradient).dataSync<"float32">();
    tf.dispose([points, logits, losses, gradient]);
    return { gaps: requireFiniteLogits(gaps), slopes };
  }

  /** Moves to where the linearised model changes its mind, with a bias towards x (algorithm 1, lines 6-9). */
  #approach(image: number, weights: Float32Array, gap: number): void {
    const [point, clean] = [this.#row(this.#point, image), this.#row(this.#origin, image)];
    let atOrigin = gap;
    for (let k = 0; k < point.length; k++) atOrigin += weights[k]! * (clean[k]! - point[k]!);
    const length = (from: Float32Array, excess: number, move: Float64Array) =>
      Math.max(hyperplaneMove(from, weights, excess, this.goal.norm, move), SHORTEST_MOVE);
    const here = length(point, gap, this.#toPlane);
    const there = length(clean, atOrigin, this.#originToPlane);
    const bias = Math.min(here / (here + there), MOST_BIAS);
    for (let k = 0; k < point.length; k++) {
      const moved = (point[k]! + OVERSHOOT * this.#toPlane[k]!) * (1 - bias) +
        (clean[k]! + OVERSHOOT * this.#originToPlane[k]!) * bias;
      point[k] = Math.min(Math.max(moved, 0), 1);
    }
  }

  /** Keeps a fooling point if it is the nearest so far, and goes back towards x. */
  #retreat(image: number): void {
    const [point, clean] = [this.#row(this.#point, image), this.#row(this.#origin, image)];
    const reached = distance(point, clean, this.goal.norm);
    if (reached < this.distances[image]!) {
      this.distances[image] = reached;
      this.#row(this.nearest, image).set(point);
    }
    for (let k = 0; k < point.length; k++) {
      point[k] = clean[k]! + (point[k]! - clean[k]!) * BACKWARD;
    }
  }

  /**
   * One step of all active images.
   *
   * @param enough Images that are fooled within this distance leave the search.
   */
  step(enough: number): void {
    const { gaps, slopes } = this.#linearize();
    for (const [row, image] of this.active.entries()) {
      this.#approach(image, this.#row(slopes, row), gaps[row]!);
    }
    const points = this.#points();
    const predicted = predict(this.model, points);
    points.dispose();
    for (const [row, image] of this.active.entries()) {
      if (predicted[row] !== this.goal.labels[image]) this.#retreat(image);
    }
    this.active = this.active.filter((image) => this.distances[image]! > enough);
  }
}
