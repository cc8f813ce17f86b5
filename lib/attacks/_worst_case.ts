import { tf } from "../backend/tf.ts";
import { predictedClasses, requireFiniteLogits } from "./answers.ts";
import { evaluate, type Objective } from "./_input_gradient.ts";
import type { Classifier } from "../nn/classifier.ts";

/** How well one image fools the model: a success first, then the larger loss. */
export interface Score {
  readonly fooled: boolean;
  readonly loss: number;
}

/** `true` if `candidate` is the worse image for the model. A NaN loss never wins. */
export function isWorse(candidate: Score, best: Score): boolean {
  if (candidate.fooled !== best.fooled) return candidate.fooled;
  return candidate.loss > best.loss;
}

/** Which goal an image is scored by. */
export interface Goal {
  readonly labels: ArrayLike<number>;
  /** `true`: the labels are classes to reach. */
  readonly targeted: boolean;
}

/** Scores every image from one pass's logits and losses. */
export function scores(
  logits: tf.Tensor2D,
  losses: tf.Tensor1D,
  { labels, targeted }: Goal,
): Score[] {
  const predicted = predictedClasses(requireFiniteLogits(logits.dataSync()), logits.shape[1]);
  const values = losses.dataSync();
  return Array.from(predicted, (prediction, image) => ({
    fooled: (prediction === labels[image]) === targeted,
    loss: targeted ? -values[image]! : values[image]!,
  }));
}

/** Keeps, image by image, the worst of all points it is shown. */
export class WorstCase {
  #points: tf.Tensor4D | undefined;
  #best: Score[] = [];

  constructor(readonly goal: Goal) {}

  /** Shows points with the logits and losses of a pass on them; all tensors stay the caller's. */
  offer(points: tf.Tensor4D, logits: tf.Tensor2D, losses: tf.Tensor1D): void {
    const found = scores(logits, losses, this.goal);
    const previous = this.#points;
    if (previous === undefined) {
      this.#points = points.clone();
      this.#best = found;
      return;
    }
    const worse = found.map((score, image) => isWorse(score, this.#best[image]!));
    this.#best = found.map((score, image) => worse[image] ? score : this.#best[image]!);
    this.#points = selectImages(worse, points, previous);
    previous.dispose();
  }

  /** {@linkcode offer} after an own forward pass. */
  evaluate(model: Classifier, points: tf.Tensor4D, objective: Objective): void {
    const { logits, losses } = evaluate(model, points, objective);
    this.offer(points, logits, losses);
    tf.dispose([logits, losses]);
  }

  /** The worst points; ownership passes to the caller. */
  take(): tf.Tensor4D {
    const points = this.#points;
    if (points === undefined) throw new Error("No point has been offered yet");
    this.#points = undefined;
    return points;
  }

  dispose(): void {
    this.#points?.dispose();
    this.#points = undefined;
  }
}

/** Image k of `chosen` where `mask[k]`, else of `others`. */
export function selectImages(
  mask: readonly boolean[],
  chosen: tf.Tensor4D,
  others: tf.Tensor4D,
): tf.Tensor4D {
  if (!mask.includes(true)) return others.clone();
  return tf.tidy(() => {
    const condition = tf.reshape(tf.tensor1d([...mask], "bool"), [mask.length, 1, 1, 1]);
    return tf.where(condition, chosen, others) as tf.Tensor4D;
  });
}
