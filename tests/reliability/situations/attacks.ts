/** A model that fails in the middle of an attack. */
import * as lab from "../../../lib/mod.ts";
import { tf } from "../../../lib/backend/tf.ts";
import type { Classifier } from "../../../lib/nn/classifier.ts";
import { assert, assertEquals } from "../../../lib/assert/mod.ts";
import { tileDataset, tinyClassifier } from "../../train/tiny_classifier.ts";
import type { Situation } from "../_situation.ts";

const shared = { epsilon: 8 / 255, seed: 0 };

type Attack = (model: Classifier, x: tf.Tensor4D, y: tf.Tensor1D) => unknown;

const attacks: Readonly<Record<string, Attack>> = {
  fgsm: (model, x, y) => lab.fgsm(model, x, y, { epsilon: shared.epsilon }),
  pgd: (model, x, y) => lab.pgd(model, x, y, { ...shared, steps: 3, restarts: 2 }),
  "pgd in l2": (model, x, y) => lab.pgd(model, x, y, { ...shared, steps: 3, norm: "l2" }),
  apgd: (model, x, y) => lab.apgd(model, x, y, { ...shared, steps: 5 }),
  "targeted apgd": (model, x, y) =>
    lab.apgd(model, x, y, { ...shared, steps: 3, loss: "dlr-targeted", targets: 2 }),
  fab: (model, x, y) => lab.fab(model, x, y, { ...shared, steps: 3, targets: 2 }),
  square: (model, x, y) => lab.square(model, x, y, { ...shared, queries: 5 }),
  deepFool: (model, x, y) => lab.deepFool(model, x, y, { steps: 3 }),
  carliniWagner: (model, x, y) => lab.carliniWagner(model, x, y, { steps: 3 }),
  certify: (model, x) => lab.certify(model, x, { sigma: 0.1, n0: 4, n: 8 }),
  attackSweep: (model) =>
    lab.attackSweep(model, tileDataset(8), {
      attacks: ["clean", "noise", "fgsm", "pgd", "apgd", "square"],
      epsilons: [8 / 255],
      steps: 2,
      queries: 3,
    }),
  iterationSweep: (model) =>
    lab.iterationSweep(model, tileDataset(8), { steps: [1, 2], epsilon: 8 / 255 }),
  gradientMaskingChecks: (model) => lab.gradientMaskingChecks(model, tileDataset(8)),
};

/** The same model, whose call number `failing` does not come back. */
function broken(model: Classifier, failing: number): Classifier & { calls(): number } {
  let calls = 0;
  return {
    ...model,
    forward(x, options) {
      if (++calls === failing) throw new Error("the model failed");
      return model.forward(x, options);
    },
    calls: () => calls,
  };
}

/** Calls that are tried: all of the first ones, then fewer and fewer. */
function* failingCalls(most: number): Generator<number> {
  for (let call = 1; call <= most; call += Math.max(1, Math.floor(call / 3))) yield call;
}

async function leavesNothing(attack: Attack): Promise<void> {
  const model = tinyClassifier(1);
  const [x, y] = [tf.fill<tf.Rank.R4>([4, 32, 32, 3], 0.5), tf.tensor1d([0, 1, 2, 3], "int32")];
  try {
    const whole = broken(model, Infinity);
    const result = await attack(whole, x, y);
    if (result instanceof tf.Tensor) result.dispose();
    const before = tf.memory().numTensors;
    let failed = 0;
    for (const call of failingCalls(whole.calls())) {
      try {
        await attack(broken(model, call), x, y);
      } catch (error) {
        assertEquals((error as Error).message, "the model failed");
        failed++;
      }
      assertEquals(tf.memory().numTensors, before, `call ${call} left tensors behind`);
    }
    assert(failed > 0);
  } finally {
    model.dispose();
    tf.dispose([x, y]);
  }
}

/** Every attack, with a model that fails at its first call, its second, and so on. */
export const situations: readonly Situation[] = Object.entries(attacks).map(([name, attack]) => ({
  name: `the model fails in the middle of ${name}`,
  slow: name === "gradientMaskingChecks", // hundreds of calls
  run: () => leavesNothing(attack),
}));
