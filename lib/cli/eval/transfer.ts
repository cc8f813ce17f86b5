/** `deno task eval --examples`: what examples made against one model do to another. */
import { predict } from "../../attacks/answers.ts";
import { tf } from "../../backend/tf.ts";
import { loadExamples, type SavedExamples } from "../../data/examples.ts";
import { epsilonText } from "../../format/epsilon.ts";
import { INTERVAL_95, percent } from "../../format/percent.ts";
import { thousands } from "../../format/thousands.ts";
import type { Interval } from "../../metrics/quantile.ts";
import { wilsonInterval } from "../../metrics/wilson_interval.ts";
import type { Classifier } from "../../nn/classifier.ts";

/** A share of images. */
export interface Share {
  /** Of so many. */
  readonly of: number;
  readonly count: number;
  /** `count / of`; null of no image. */
  readonly share: number | null;
  /** 95 % interval by Wilson; null of no image. */
  readonly interval: Interval | null;
}

/** How a model answers to examples that were made against another. */
export interface Transfer {
  readonly schema: 1;
  /** The attacked model, as the examples name it. */
  readonly source: string;
  readonly attack: string;
  readonly norm: string;
  readonly epsilon: number;
  readonly n: number;
  /** Right answers of the attacked model to the examples. */
  readonly sourceAccuracy: Share;
  /** Right answers of this model to the examples. */
  readonly accuracy: Share;
  /** Right answers of this model to the originals; null where the file lacks them. */
  readonly cleanAccuracy: Share | null;
  /**
   * Of the examples that fool the attacked model, and whose originals this model has right where the
   * file holds them, those that this model has wrong.
   */
  readonly transfer: Share;
}

function shareOf(count: number, of: number): Share {
  return {
    of,
    count,
    share: of === 0 ? null : count / of,
    interval: of === 0 ? null : wilsonInterval(count, of),
  };
}

/** The predicted classes of images, a batch at a time. */
function answers(model: Classifier, images: tf.Tensor4D, batchSize: number): number[] {
  const found: number[] = [];
  for (let start = 0; start < images.shape[0]; start += batchSize) {
    const size = Math.min(batchSize, images.shape[0] - start);
    const batch = tf.slice(images, start, size);
    found.push(...predict(model, batch));
    batch.dispose();
  }
  return found;
}

function originalAnswers(
  model: Classifier,
  { originals, images: { shape } }: SavedExamples,
  batchSize: number,
): number[] | undefined {
  if (originals === undefined) return undefined;
  const pixels = tf.tensor4d(Float32Array.from(originals, (byte) => byte / 255), shape);
  const found = answers(model, pixels, batchSize);
  pixels.dispose();
  return found;
}

function requireFitting(path: string, { images, labels }: SavedExamples, model: Classifier): void {
  const [, ...shape] = images.shape;
  const expected = model.inputShape.join(" x ");
  if (shape.join(" x ") !== expected) {
    throw new Error(
      `Cannot evaluate the checkpoint on ${path}: it reads images of ${expected}, the examples are ` +
        shape.join(" x "),
    );
  }
  const largest = labels.reduce((most, label) => Math.max(most, label), 0);
  if (largest < model.classes) return;
  throw new Error(
    `Cannot evaluate the checkpoint on ${path}: it tells ${model.classes} classes apart, the ` +
      `examples have a label ${largest}`,
  );
}

/**
 * Measures a model on saved examples.
 *
 * @throws {Error} Naming the file, if it cannot be read or does not fit the model.
 */
export async function measureTransfer(
  path: string,
  model: Classifier,
  batchSize: number,
): Promise<Transfer> {
  const examples = await loadExamples(path);
  try {
    requireFitting(path, examples, model);
    const { labels, predictions, checkpoint: source, attack, norm, epsilon } = examples;
    const now = answers(model, examples.images, batchSize);
    const clean = originalAnswers(model, examples, batchSize);
    const all = [...labels.keys()];
    const right = (list: ArrayLike<number>) => all.filter((k) => list[k] === labels[k]).length;
    const eligible = all.filter((k) =>
      predictions[k] !== labels[k] && (clean === undefined || clean[k] === labels[k])
    );
    const fooled = eligible.filter((k) => now[k] !== labels[k]).length;
    return {
      ...{ schema: 1, source, attack, norm, epsilon, n: labels.length },
      sourceAccuracy: shareOf(right(predictions), labels.length),
      accuracy: shareOf(right(now), labels.length),
      cleanAccuracy: clean === undefined ? null : shareOf(right(clean), labels.length),
      transfer: shareOf(fooled, eligible.length),
    };
  } finally {
    examples.images.dispose();
  }
}

function shareText({ share, interval, of }: Share): string {
  if (share === null || interval === null) return "– (no image)";
  const inPercent = (value: number) => percent(value, 2);
  return `${inPercent(share)} of ${thousands(of)} (${INTERVAL_95} ${inPercent(interval.low)} to ` +
    `${inPercent(interval.high)})`;
}

/** The measurement as lines of text. */
export function transferLines(measured: Transfer): string[] {
  const { source, attack, norm, epsilon, n, cleanAccuracy } = measured;
  const budget = norm === "linf" ? epsilonText(epsilon) : String(epsilon);
  return [
    `${thousands(n)} examples by ${attack} at ${budget} (${norm}) against ${source}`,
    `accuracy of the attacked model: ${shareText(measured.sourceAccuracy)}`,
    `accuracy of this model: ${shareText(measured.accuracy)}` +
    (cleanAccuracy === null ? "" : `; on the originals ${shareText(cleanAccuracy)}`),
    `examples that fool the attacked model and fool this one: ${shareText(measured.transfer)}` +
    (cleanAccuracy === null
      ? "; the file lacks the originals, so that images this model has wrong anyway count"
      : ", of those whose originals this model has right"),
  ];
}
