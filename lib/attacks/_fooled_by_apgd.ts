import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import type { Observer } from "./_apgd_state.ts";
import { scores } from "./_worst_case.ts";
import { type ApgdOptions, requireApgd, searchApgd } from "./apgd.ts";

/** Rows leave in groups: a gather of every tensor for each single image would cost more. */
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
  const { labels, restarts, settings } = requireApgd(model, x, y, options);
  const fooled = Array.from(labels, () => false);
  const standing = () => [...fooled.keys()].filter((image) => !fooled[image]);
  for (let draw = 0; draw < restarts && standing().length > 0; draw++) {
    let images = standing();
    const labelsOf = () => Int32Array.from(images, (image) => labels[image]!);
    const observer: Observer = (_points, logits, losses) => {
      const goal = { labels: labelsOf(), targeted: false };
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
    tf.tidy(() => {
      const positions = images.map((image) => settings.positions[image]!);
      const batch = images.length === labels.length ? x : tf.gather(x, images);
      searchApgd(model, batch, labelsOf(), { ...settings, positions, draw }, observer);
    });
  }
  return fooled;
}
