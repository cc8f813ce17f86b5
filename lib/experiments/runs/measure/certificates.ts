import { attackSweep } from "../../../attacks/attack_sweep.ts";
import { certify } from "../../../attacks/certify.ts";
import { EvaluationLoop } from "../../../attacks/evaluation_loop.ts";
import type { Dataset } from "../../../data/dataset.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { packBits } from "../../records/complete_evaluation.ts";
import type { StoredCertificates } from "../../records/schema.ts";
import type { AttackSettings } from "./attacks.ts";

/** Radii, in L2 and pixel units, at which PGD attacks the unsmoothed model beside the certificates. */
const radii = [0.1, 0.2, 0.3, 0.5, 0.75, 1] as const;
/** Noisy copies that choose the class and that bound its probability, and the risk of being wrong. */
const draws = { n0: 100, n: 1000, alpha: 0.001 } as const;
/** Few, so that an interrupt is heard soon. */
const IMAGES_A_BATCH = 16;

/**
 * Certifies the first images of a dataset by randomized smoothing and attacks the same images by PGD
 * in L2.
 *
 * @param images How many.
 * @param sigma Standard deviation of the noise, as the model was trained with.
 * @throws {DOMException} AbortError once the signal is aborted.
 */
export async function measureCertificates(
  model: Classifier,
  data: Dataset,
  { images, sigma }: { readonly images: number; readonly sigma: number },
  { options: { attackSteps: steps, batchSize }, seed, signal, onProgress }: AttackSettings,
): Promise<StoredCertificates> {
  const loop = new EvaluationLoop(model, data, {
    batchSize: IMAGES_A_BATCH,
    limit: images,
    signal,
  });
  const certificates: { prediction: number; radius: number }[] = [];
  const all = Array.from({ length: loop.n }, (_, image) => image);
  await loop.visit(all, ({ x, indices }) => {
    certificates.push(...certify(model, x, { sigma, ...draws, seed, positions: indices }));
    onProgress(certificates.length / loop.n, `certificates, ${certificates.length} of ${loop.n}`);
  });
  const attacked = await attackSweep(model, data, {
    attacks: ["pgd"],
    norm: "l2",
    epsilons: radii,
    steps,
    batchSize,
    limit: images,
    seed,
    signal,
  });
  return {
    sigma,
    ...draws,
    images: loop.n,
    predictions: certificates.map(({ prediction }) => prediction),
    radii: certificates.map(({ radius }) => radius),
    attacked: attacked.map(({ epsilon, correct }) => ({
      epsilon,
      steps,
      correct: packBits(correct),
    })),
  };
}
