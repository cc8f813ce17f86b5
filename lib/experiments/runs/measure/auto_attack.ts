import { autoAttack } from "../../../attacks/auto_attack.ts";
import { EvaluationLoop } from "../../../attacks/evaluation_loop.ts";
import type { Dataset } from "../../../data/dataset.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { packBits } from "../../records/complete_evaluation.ts";
import type { StoredAttack, StoredAutoAttack } from "../../records/schema.ts";
import type { AttackSettings } from "./attacks.ts";

/** What AutoAttack leaves standing, and which of its attacks did how much. */
export interface AutoAttackMeasures {
  readonly result: StoredAttack;
  readonly parts: StoredAutoAttack;
}

/**
 * Runs AutoAttack's standard version at the named budget on the first images of a dataset.
 *
 * @param images How many.
 * @throws {DOMException} AbortError once the signal is aborted, between two batches.
 */
export async function measureAutoAttack(
  model: Classifier,
  data: Dataset,
  images: number,
  { options, seed, signal, onProgress }: AttackSettings,
): Promise<AutoAttackMeasures> {
  const { epsilon, batchSize } = options;
  const loop = new EvaluationLoop(model, data, { batchSize, limit: images, signal });
  const standing: number[] = [];
  const parts = new Map<string, { attempted: number; fooled: number }>();
  let done = 0;
  onProgress(0, "AutoAttack");
  await loop.visit(Array.from({ length: loop.n }, (_, image) => image), ({ x, y, indices }) => {
    const made = autoAttack(model, x, y, { epsilon, seed, positions: indices });
    made.adversarial.dispose();
    standing.push(...indices.filter((_, row) => made.correct[row] === 1));
    for (const { attack, attempted, fooled } of made.byAttack) {
      const before = parts.get(attack) ?? { attempted: 0, fooled: 0 };
      parts.set(attack, {
        attempted: before.attempted + attempted,
        fooled: before.fooled + fooled,
      });
    }
    done += indices.length;
    onProgress(done / loop.n, `AutoAttack, ${done} of ${loop.n} images`);
  });
  const correct = packBits(loop.flags(standing));
  return {
    result: { attack: "autoattack", epsilon, steps: null, n: loop.n, correct },
    parts: [...parts].map(([attack, counts]) => ({ attack, ...counts })),
  };
}
