import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { requireInteger, requireOneOf } from "../arguments/require.ts";
import { type Observer, searchApgd } from "./_apgd_search.ts";
import { requireFinitePixels } from "./_gradient_step.ts";
import {
  requireBatch,
  requireEpsilon,
  requireOptions,
  requireSeed,
  resolvePositions,
} from "./_requirements.ts";
import { scores, WorstCase } from "./_worst_case.ts";

/** Options of {@linkcode apgd}. */
export interface ApgdOptions {
  /** L-infinity budget in pixel units, in [0, 1]. */
  readonly epsilon: number;
  /** Iterations, >= 1. Default 100. */
  readonly steps?: number | undefined;
  /** What is climbed: cross entropy or the difference of logits ratio. Default "ce". */
  readonly loss?: "ce" | "dlr" | undefined;
  /** Seed of the random start. Default 0. */
  readonly seed?: number | undefined;
  /** The images' places in their data set, which key their draws. Default 0 to n - 1. */
  readonly positions?: ArrayLike<number> | undefined;
}

function settingsOf(model: Classifier, x: tf.Tensor4D, options: ApgdOptions) {
  requireOptions(options);
  const { epsilon, steps = 100, loss = "ce", seed = 0 } = options;
  requireEpsilon(epsilon);
  requireInteger("steps", steps, { min: 1 });
  requireOneOf("loss", loss, ["ce", "dlr"]);
  requireSeed(seed);
  if (loss === "dlr" && model.classes < 3) {
    throw new RangeError(
      `Expected the model to have at least 3 classes for loss "dlr" but found ${model.classes}; use loss "ce"`,
    );
  }
  return { epsilon, steps, loss, seed, positions: resolvePositions(options.positions, x.shape[0]) };
}

/**
 * Auto-PGD, L-infinity (Croce & Hein 2020): PGD with momentum whose step starts at 2 epsilon and is
 * halved, image by image, where a period of iterations was fruitless, going on from the best point.
 * Loss "dlr" also works where cross entropy's gradient vanishes because logits are large.
 * Among x, the start and all iterates, the result is per image the one that fools the model, and
 * among these the one of largest loss.
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 labels.
 * @returns An owned tensor of x's shape, within epsilon of x and in [0, 1]; x bit for bit with
 * epsilon 0.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If an option, a pixel or a label is out of range, or the lengths disagree.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { linearModel } from "../../tests/attacks/linear_model.ts";
 * import { tf } from "../backend/tf.ts";
 * const model = linearModel([[1, 1], [-1, -1]]);
 * const x = tf.tensor4d([0.5, 0.125], [1, 1, 1, 2]);
 * const adversarial = apgd(model, x, tf.tensor1d([0], "int32"), { epsilon: 0.25, steps: 5 });
 * assertEquals([...adversarial.dataSync()], [0.25, 0]);
 * ```
 */
export function apgd(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: ApgdOptions,
): tf.Tensor4D {
  const labels = requireBatch(model, x, y);
  const settings = settingsOf(model, x, options);
  if (settings.epsilon === 0) return x.clone();
  return requireFinitePixels(tf.tidy(() => {
    const worst = new WorstCase({ labels, targeted: false });
    searchApgd(model, x, labels, settings, (points, logits, losses) => {
      worst.offer(points, logits, losses);
      return undefined;
    });
    return worst.take();
  }));
}

/** Rows are let go of in groups: a gather of every tensor for each single image would cost more. */
const SMALLEST_RELEASE = 1 / 8;

/**
 * Which images {@linkcode apgd} fools, without the images: those that are fooled leave the batch, so
 * the rest of the budget is spent on the others alone.
 *
 * @returns One flag an image.
 */
export function fooledByApgd(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: ApgdOptions,
): boolean[] {
  const labels = requireBatch(model, x, y);
  const settings = settingsOf(model, x, options);
  const fooled = Array.from(labels, () => false);
  let images = fooled.map((_, image) => image);
  const observer: Observer = (_points, logits, losses) => {
    const goal = { labels: Int32Array.from(images, (image) => labels[image]!), targeted: false };
    for (const [row, score] of scores(logits, losses, goal).entries()) {
      if (score.fooled) fooled[images[row]!] = true;
    }
    const rows = [...images.keys()].filter((row) => !fooled[images[row]!]);
    if (images.length - rows.length < Math.max(1, SMALLEST_RELEASE * images.length)) {
      return undefined;
    }
    images = rows.map((row) => images[row]!);
    return rows;
  };
  tf.tidy(() => searchApgd(model, x, labels, settings, observer));
  return fooled;
}
