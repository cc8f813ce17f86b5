/** The random search behind the Square Attack, on typed arrays: only the model needs tensors. */
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { type Generator, generator } from "../random/generator.ts";
import { predictedClasses, readLogits } from "./answers.ts";

const FIRST_SHARE = 0.8;
/** After these queries of 10,000 the share of changed pixels is halved (the paper's section 5). */
const HALVINGS = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];
const SQUARE_STREAM = 0x73717561;

/**
 * Side of the squares of a proposal.
 *
 * @param proposal Counts from 0.
 * @param budget All queries, to which the schedule for 10,000 is rescaled.
 */
export function squareSide(
  proposal: number,
  budget: number,
  height: number,
  width: number,
): number {
  const rescaled = Math.trunc(proposal / budget * 10_000);
  const halvings = HALVINGS.filter((query) => rescaled > query).length;
  const side = Math.round(Math.sqrt(FIRST_SHARE / 2 ** halvings * height * width));
  return Math.min(Math.max(side, 1), height, width);
}

/** Margins z_y - max z_k over the other classes; below 0 the image is misclassified. */
function margins(logits: ArrayLike<number>, labels: readonly number[], classes: number): number[] {
  return labels.map((label, image) => {
    let rival = -Infinity;
    for (let k = 0; k < classes; k++) {
      if (k !== label) rival = Math.max(rival, logits[image * classes + k]!);
    }
    return logits[image * classes + label]! - rival;
  });
}

/** A search over one batch. */
export class SquareSearch {
  /** The images not fooled yet. */
  active: number[];
  readonly #model: Classifier;
  readonly #labels: Int32Array;
  readonly #shape: [number, number, number, number];
  /** Pixels an image. */
  readonly #size: number;
  readonly #low: Float32Array;
  readonly #high: Float32Array;
  /** The best images so far, all n of them. */
  readonly #best: Float32Array;
  readonly #margins: Float64Array;
  readonly #streams: Generator[];

  constructor(
    model: Classifier,
    x: tf.Tensor4D,
    labels: Int32Array,
    { epsilon, seed, positions }: {
      epsilon: number;
      seed: number;
      positions: ArrayLike<number>;
    },
  ) {
    this.#model = model;
    this.#labels = labels;
    this.#shape = x.shape;
    this.#size = x.size / x.shape[0];
    this.#best = Float32Array.from(x.dataSync());
    [this.#low, this.#high] = tf.tidy(() => [
      tf.maximum(tf.sub(x, epsilon), 0).dataSync<"float32">(),
      tf.minimum(tf.add(x, epsilon), 1).dataSync<"float32">(),
    ]);
    this.active = Array.from(labels, (_, image) => image);
    this.#margins = new Float64Array(labels.length).fill(Infinity);
    this.#streams = Array.from(positions, (place) => generator(seed, place, SQUARE_STREAM));
  }

  /** The logits of some images; rows follow `images`. */
  #answers(pixels: Float32Array, images: readonly number[]) {
    const x = tf.tensor4d(pixels, [images.length, ...this.#imageShape()]);
    let logits: Float32Array;
    try {
      logits = readLogits(this.#model, x);
    } finally {
      x.dispose();
    }
    const labels = images.map((image) => this.#labels[image]!);
    const predicted = predictedClasses(logits, this.#model.classes);
    return {
      margins: margins(logits, labels, this.#model.classes),
      fooled: labels.map((label, row) => predicted[row] !== label),
    };
  }

  #imageShape(): [number, number, number] {
    return [this.#shape[1], this.#shape[2], this.#shape[3]];
  }

  /** Asks about changed copies of the active images; keeps those that lower the margin or fool. */
  #ask(change: (candidate: Float32Array, offset: number, image: number) => void, always = false) {
    const images = this.active;
    if (images.length === 0) return;
    const size = this.#size;
    const candidates = new Float32Array(images.length * size);
    for (const [row, image] of images.entries()) {
      candidates.set(this.#best.subarray(image * size, (image + 1) * size), row * size);
      change(candidates, row * size, image);
    }
    const { margins, fooled } = this.#answers(candidates, images);
    for (const [row, image] of images.entries()) {
      if (!always && !fooled[row] && margins[row]! >= this.#margins[image]!) continue;
      this.#margins[image] = margins[row]!;
      this.#best.set(candidates.subarray(row * size, (row + 1) * size), image * size);
    }
    this.active = images.filter((_, row) => !fooled[row]);
  }

  /** Lets go of the images that are misclassified as they are. */
  askClean(): void {
    this.#ask(() => {});
  }

  /** Replaces every active image by stripes, as the paper does, whatever their margin. */
  askStripes(): void {
    const [height, width, channels] = this.#imageShape();
    const columns = width * channels;
    this.#ask((candidate, offset, image) => {
      const stream = this.#streams[image]!;
      for (let column = 0; column < columns; column++) {
        const bound = stream.uniform() < 0.5 ? this.#low : this.#high;
        for (let row = 0; row < height; row++) {
          const pixel = row * columns + column;
          candidate[offset + pixel] = bound[image * this.#size + pixel]!;
        }
      }
    }, true);
  }

  /** Proposes one square an image, at its own place and of its own colour. */
  askSquares(proposal: number, budget: number): void {
    const [height, width, channels] = this.#imageShape();
    const side = squareSide(proposal, budget, height, width);
    this.#ask((candidate, offset, image) => {
      const stream = this.#streams[image]!;
      const top = stream.integer(height - side + 1);
      const left = stream.integer(width - side + 1);
      for (let channel = 0; channel < channels; channel++) {
        const bound = stream.uniform() < 0.5 ? this.#low : this.#high;
        for (let row = top; row < top + side; row++) {
          for (let column = left; column < left + side; column++) {
            const pixel = (row * width + column) * channels + channel;
            candidate[offset + pixel] = bound[image * this.#size + pixel]!;
          }
        }
      }
    });
  }

  /** The best images; an owned tensor. */
  result(): tf.Tensor4D {
    return tf.tensor4d(this.#best, this.#shape);
  }
}
