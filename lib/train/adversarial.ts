import type { tf } from "../backend/tf.ts";
import { fgsm } from "../attacks/fgsm.ts";
import { pgd } from "../attacks/pgd.ts";
import { tradesPerturbation } from "../attacks/trades_perturbation.ts";
import type { Classifier } from "../nn/classifier.ts";
import { generator } from "../random/generator.ts";
import type { TrainSettings } from "./options.ts";
import { seedFor } from "./_seeds.ts";

type Settings = NonNullable<TrainSettings["adversarial"]>;

/**
 * Decides from the seed whether a batch is trained adversarially.
 *
 * @param probability Chance in [0, 1].
 * @param seed The run's seed.
 * @param epoch Counts from 1.
 * @param batch Counts from 1.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([isAdversarialBatch(0, 7, 1, 1), isAdversarialBatch(1, 7, 1, 1)], [false, true]);
 * ```
 */
export function isAdversarialBatch(
  probability: number,
  seed: number,
  epoch: number,
  batch: number,
): boolean {
  return generator(seedFor(seed, "choice", epoch, batch)).uniform() < probability;
}

/**
 * Makes the perturbed copy of a batch that adversarial training learns from (Madry et al. 2018,
 * eq. 2.1; Zhang et al. 2019 for "trades"). The model is attacked in eval mode, so neither its
 * weights nor its batch statistics change.
 *
 * @param x Pixels [n, h, w, 3] in [0, 1].
 * @param y Labels [n], int32.
 * @param seed Seed of the random start.
 * @returns An owned tensor like x, within epsilon of it; dispose it.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * import { resolveSettings } from "./options.ts";
 * const { adversarial } = resolveSettings({ epochs: 1, adversarial: { attack: "fgsm", epsilon: 0.25 } });
 * const x = tf.tensor4d([0.5, 0.5], [1, 1, 1, 2]);
 * const y = tf.tensor1d([0], "int32");
 * const moved = adversarialBatch(linearClassifier([[1, 1], [-1, -1]]), x, y, adversarial!, 0);
 * assertEquals([...moved.dataSync()], [0.25, 0.25]);
 * ```
 */
export function adversarialBatch(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  { attack, epsilon, steps, stepSize, norm, restarts }: Settings,
  seed: number,
): tf.Tensor4D {
  switch (attack) {
    case "fgsm":
      return fgsm(model, x, y, { epsilon });
    case "pgd":
      return pgd(model, x, y, { epsilon, steps, stepSize, norm, restarts, seed });
    case "trades":
      return tradesPerturbation(model, x, { epsilon, steps, stepSize, norm, seed });
  }
}
