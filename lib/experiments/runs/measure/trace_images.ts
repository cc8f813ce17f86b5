/** A few images followed over all budgets, for pages that show one image under a growing attack. */
import { tf } from "../../../backend/tf.ts";
import { fgsm } from "../../../attacks/fgsm.ts";
import { pgd } from "../../../attacks/pgd.ts";
import { batches } from "../../../data/batches.ts";
import type { Dataset } from "../../../data/dataset.ts";
import { selectImages } from "../../../data/select_images.ts";
import { outcomes } from "../../../metrics/outcomes.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { forward } from "../../../nn/forward.ts";
import { generator } from "../../../random/generator.ts";
import type { Traces } from "../../records/predictions_file.ts";
import type { NewEvaluationFile } from "../../records/schema.ts";
import type { EvaluationOptions } from "../../specs/run_spec.ts";

/** Images drawn at random beside those that the rule picks. */
const DRAWN_IMAGES = 4;

/**
 * Picks images by a rule that nobody can tune: of each class the first that is answered right and the
 * first that is answered wrong, then four others at random.
 *
 * @returns Places in the evaluated split, without repetition, in the order of picking.
 */
export function pickImages(p: Predictions, seed: number): number[] {
  const all = Array.from({ length: p.length }, (_, image) => image);
  const { correct } = outcomes(p);
  const picked: number[] = [];
  for (let label = 0; label < p.classes; label++) {
    const ofClass = all.filter((image) => p.labels[image] === label);
    for (const right of [1, 0]) {
      const first = ofClass.find((image) => correct[image] === right);
      if (first !== undefined) picked.push(first);
    }
  }
  const rest = all.filter((image) => !picked.includes(image));
  const { integer } = generator(seed);
  for (let k = 0; k < DRAWN_IMAGES && rest.length > 0; k++) {
    picked.push(...rest.splice(integer(rest.length), 1));
  }
  return picked;
}

/**
 * Follows the picked images over all budgets under FGSM and PGD.
 *
 * @param predictions The model's answers to all of `data`.
 * @returns Probabilities by attack: budgets x images x classes.
 */
export function traceImages(
  model: Classifier,
  data: Dataset,
  predictions: Predictions,
  { options, seed }: { readonly options: EvaluationOptions; readonly seed: number },
): Traces {
  const { epsilons, attackSteps: steps } = options;
  const positions = pickImages(predictions, seed);
  const chosen = selectImages(data, positions);
  const [batch] = batches(chosen, { batchSize: chosen.length });
  const { x, y } = batch!;
  const attacks: Record<string, (epsilon: number) => tf.Tensor4D> = {
    fgsm: (epsilon) => fgsm(model, x, y, { epsilon }),
    pgd: (epsilon) => pgd(model, x, y, { epsilon, steps, seed, positions }),
  };
  const probabilities = new Map(
    Object.entries(attacks).map(([name, attack]) => {
      const rows = epsilons.map((epsilon) => {
        const answer = tf.tidy(() => tf.softmax(forward(model, attack(epsilon)).logits));
        const row = answer.dataSync() as Float32Array;
        answer.dispose();
        return row;
      });
      return [name, Float32Array.from(rows.flatMap((row) => [...row]))];
    }),
  );
  tf.dispose([x, y]);
  return { indices: Int32Array.from(positions), probabilities };
}

/** What of the traces is stored beside their probabilities. */
export function describedTraces(
  { indices, probabilities }: Traces,
  { epsilons, attackSteps: steps }: EvaluationOptions,
): NonNullable<NewEvaluationFile["traces"]> {
  return { n: indices.length, epsilons, attacks: [...probabilities.keys()], steps };
}
