import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import type { Observer } from "./_apgd_state.ts";
import { targetsByRank } from "./_target_classes.ts";
import { scores } from "./_worst_case.ts";
import { type ApgdOptions, requireApgd, searchApgd } from "./apgd.ts";

/** Rows leave in groups: a gather of every tensor for each single image would cost more. */
const SMALLEST_RELEASE = 1 / 8;

/** What else a caller of {@linkcode fooledByApgd} may ask for. */
export interface FooledByApgdRequest {
  /** Sees the point that first fools the model on an image: its row of `points`, which stay the search's. */
  readonly onFooled?: (image: number, row: number, points: tf.Tensor4D) => void;
  /** Passes that a gradient is the mean of. Default 1. */
  readonly passes?: number;
}

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
  { onFooled, passes }: FooledByApgdRequest = {},
): boolean[] {
  const { labels, searches, settings } = requireApgd(model, x, y, options);
  const ranked = settings.loss === "dlr-targeted" ? targetsByRank(model, x, labels) : [];
  const fooled = Array.from(labels, () => false);
  for (const { draw, rank = 0 } of searches) {
    let images = [...fooled.keys()].filter((image) => !fooled[image]);
    if (images.length === 0) break;
    const ofImages = (values: Int32Array) => Int32Array.from(images, (image) => values[image]!);
    const observer: Observer = (points, logits, losses) => {
      const goal = { labels: ofImages(labels), targeted: false };
      for (const [row, score] of scores(logits, losses, goal).entries()) {
        const image = images[row]!;
        if (score.fooled && !fooled[image]) onFooled?.(image, row, points);
        if (score.fooled) fooled[image] = true;
      }
      const rows = [...images.keys()].filter((row) => !fooled[images[row]!]);
      if (images.length - rows.length < Math.max(1, SMALLEST_RELEASE * images.length)) {
        return undefined;
      }
      images = rows.map((row) => images[row]!);
      return rows;
    };
    tf.tidy(() => {
      const positions = images.map((image) => settings.positions[image]!);
      const targets = ranked[rank] && ofImages(ranked[rank]);
      const batch = images.length === labels.length ? x : tf.gather(x, images);
      const search = { ...settings, positions, draw, targets, passes };
      searchApgd(model, batch, ofImages(labels), search, observer);
    });
  }
  return fooled;
}
