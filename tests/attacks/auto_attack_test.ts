import { tf } from "../../lib/backend/tf.ts";
import { predict } from "../../lib/attacks/answers.ts";
import { imagesAt } from "../../lib/attacks/_dataset_images.ts";
import { evaluateOverPasses, labelLoss } from "../../lib/attacks/_input_gradient.ts";
import { attackSweep } from "../../lib/attacks/attack_sweep.ts";
import { apgd } from "../../lib/attacks/apgd.ts";
import { autoAttack } from "../../lib/attacks/auto_attack.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { linearClassifier } from "../../lib/nn/linear_classifier.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { distance, ints, labelledByModel, randomImages, sameBits } from "./_batch.ts";

/** Four classes: the model looks at one pixel value for each. */
const model = linearClassifier([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], {
  inputShape: [1, 1, 4],
});
/** Of label 0, and by 0.5, 0.3, 0.1 and -0.1 ahead of the best other. */
const x = tf.tensor4d(
  [0.9, 0.4, 0.3, 0.2, 0.8, 0.5, 0.1, 0, 0.6, 0.5, 0.2, 0.1, 0.4, 0.5, 0.2, 0.1],
  [4, 1, 1, 4],
);
const y = ints([0, 0, 0, 0]);

Deno.test("on a linear model AutoAttack fools exactly the images whose margin is below 2 epsilon", () => {
  const before = [...x.dataSync()];
  for (
    const [epsilon, expected] of [[0.04, [1, 1, 1, 0]], [0.1, [1, 1, 0, 0]], [0.2, [
      1,
      0,
      0,
      0,
    ]]] as const
  ) {
    const { adversarial, correct, byAttack } = autoAttack(model, x, y, { epsilon });
    assertEquals([...correct], [...expected]);
    assertEquals([...predict(model, adversarial)].map((k) => Number(k === 0)), [...expected]);
    assert(distance(adversarial, x) <= epsilon + 1e-7);
    assertEquals(byAttack.map(({ attack }) => attack), ["apgd-ce", "apgd-t", "fab-t", "square"]);
    const standing = adversarial.dataSync().subarray(0, 4);
    assertEquals([...standing], before.slice(0, 4), "an image that stands is x itself");
  }
});

Deno.test("each attack is made on what the attacks before it left, and accuracies count all images", () => {
  const { correct, byAttack } = autoAttack(model, x, y, { epsilon: 0.1 });
  assertEquals(byAttack[0]!.attempted, 3, "the image that is wrong unharmed is not attacked");
  let standing = 3;
  for (const { attempted, fooled, accuracy } of byAttack) {
    assertEquals(attempted, standing);
    standing -= fooled;
    assertEquals(accuracy, standing / 4);
  }
  assertEquals(standing, correct.reduce((sum, flag) => sum + flag, 0));
});

Deno.test("AutoAttack's first part is APGD on cross entropy of 100 steps", () => {
  const images = randomImages(8, [1, 1, 4], 3);
  const labels = ints(predict(model, images));
  const { byAttack } = autoAttack(model, images, labels, { epsilon: 0.05, seed: 2 });
  const one = predict(model, apgd(model, images, labels, { epsilon: 0.05, seed: 2 }));
  const fooled = one.reduce((sum, k, image) => sum + Number(k !== labels.dataSync()[image]), 0);
  assert(fooled > 0 && fooled < 8);
  assertEquals(byAttack[0], {
    attack: "apgd-ce",
    attempted: 8,
    fooled,
    accuracy: (8 - fooled) / 8,
  });
});

Deno.test("epsilon 0 leaves the images bit for bit, and every attack fools none", () => {
  const { adversarial, correct, byAttack } = autoAttack(model, x, y, { epsilon: 0 });
  assert(sameBits(adversarial, x));
  assertEquals([...correct], [1, 1, 1, 0]);
  for (const { attempted, fooled, accuracy } of byAttack) {
    assertEquals([attempted, fooled, accuracy], [3, 0, 0.75]);
  }
});

Deno.test("AutoAttack leaves no tensor behind but the images", () => {
  autoAttack(model, x, y, { epsilon: 0.1 }).adversarial.dispose();
  const before = tf.memory().numTensors;
  for (const version of ["standard", "rand"] as const) {
    autoAttack(model, x, y, { epsilon: 0.1, version }).adversarial.dispose();
  }
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a sweep of autoattack and fab says what the attacks say, whatever the batch size", async () => {
  const data = labelledByModel(model, 12, { seed: 4, wrong: 2 });
  const options = { attacks: ["autoattack", "fab"] as const, epsilons: [0, 0.05], seed: 3 };
  const sweep = await attackSweep(model, data, { ...options, batchSize: 5 });
  const batch = imagesAt(data, [...data.labels.keys()], model.inputShape);
  const { correct } = autoAttack(model, batch.x, batch.y, { epsilon: 0.05, seed: 3 });
  assert(correct.includes(0) && correct.includes(1));
  assertEquals([...sweep[1]!.correct], [...correct]);
  assertEquals(sweep.map(({ accuracy }) => accuracy)[0], 10 / 12);
  const whole = await attackSweep(model, data, options);
  assertEquals(whole.map((row) => [...row.correct]), sweep.map((row) => [...row.correct]));
});

/** Answers as the model, but its gradients are multiplied by one factor after another. */
function turning(factors: readonly number[], onPass = () => {}): Classifier {
  let passes = 0;
  const turned = tf.customGrad((z) => ({
    value: (z as tf.Tensor2D).clone(),
    gradFunc: (dy: tf.Tensor) => {
      onPass();
      return tf.mul(dy, factors[passes++ % factors.length]!);
    },
  }));
  return {
    ...model,
    forward(pixels, options) {
      const { logits, features } = model.forward(pixels, options);
      return { logits: turned(logits) as tf.Tensor2D, features };
    },
  };
}

/** A model that multiplies its logits by one factor after another. */
function drawing(factors: readonly number[]): Classifier {
  let calls = 0;
  return {
    ...model,
    forward(pixels, options) {
      const { logits, features } = model.forward(pixels, options);
      const factor = factors[calls++ % factors.length]!;
      return { logits: tf.mul<tf.Tensor2D>(logits, factor), features };
    },
  };
}

Deno.test("the gradient of several passes is their mean; logits and losses are the last pass's", () => {
  const objective = labelLoss(y.dataSync(), 4);
  const factors = [1, -2, 5];
  const { gradient, logits, losses } = evaluateOverPasses(drawing(factors), x, objective, 3);
  const single = factors.map((factor) => evaluateOverPasses(drawing([factor]), x, objective, 1));
  gradient.dataSync().forEach((value, k) => {
    const mean = single.reduce((sum, pass) => sum + pass.gradient.dataSync()[k]! / 3, 0);
    assertAlmostEquals(value, mean, 1e-6);
  });
  assert(sameBits(logits, single[2]!.logits));
  assert(sameBits(losses, single[2]!.losses));
});

Deno.test('"rand" takes 20 passes a point, and stays where their mean is zero', () => {
  const one = tf.slice(x, [2, 0, 0, 0], [1, -1, -1, -1]);
  let passes = 0;
  const turned = turning([1, -1], () => passes++);
  // A single right step would do: it gains up to 0.11, and the margin is 0.1.
  const options = { epsilon: 0.055, version: "rand" } as const;
  const { correct, byAttack } = autoAttack(turned, one, ints([0]), options);
  assertEquals([...correct], [1]);
  assertEquals(byAttack.map(({ attack }) => attack), ["apgd-ce", "apgd-dlr"]);
  assertEquals(passes, 2 * 20 * (100 + 1)); // two attacks, the start and 100 steps each
  assertEquals([...autoAttack(turning([1]), one, ints([0]), options).correct], [0]);
});

Deno.test("what a model that draws gets wrong by chance alone does not count: a further pass decides", () => {
  // Only the second call answers wrongly: the first look at the clean images.
  let calls = 0;
  const flickering: Classifier = {
    ...model,
    forward(pixels, options) {
      const { logits, features } = model.forward(pixels, options);
      return { logits: calls++ === 1 ? tf.neg<tf.Tensor2D>(logits) : logits, features };
    },
  };
  const { correct } = autoAttack(flickering, x, y, { epsilon: 0.001, version: "rand" });
  assertEquals([...correct], [1, 1, 1, 0]);
});

Deno.test("AutoAttack refuses what it cannot attack", async () => {
  const refused = (options: object, kind: typeof RangeError, text: string) =>
    assertThrows(() => autoAttack(model, x, y, options as never), kind, text);
  refused({ epsilon: 0.1, version: "plus" }, RangeError, "version");
  refused({ epsilon: 2 }, RangeError, "epsilon");
  refused({ eps: 0.1 }, TypeError, "did you mean epsilon?");
  refused({ epsilon: 0.1, steps: 5 }, TypeError, "steps");
  const three = linearClassifier([[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  const pixel = tf.zeros([1, 1, 1, 3]) as tf.Tensor4D;
  assertThrows(
    () => autoAttack(three, pixel, ints([0]), { epsilon: 0.1 }),
    RangeError,
    "[4, inf) but found 3",
  );
  autoAttack(three, pixel, ints([0]), { epsilon: 0.1, version: "rand" }).adversarial.dispose();
  const data = labelledByModel(model, 4);
  await assertRejects(
    () => attackSweep(model, data, { attacks: ["autoattack"], epsilons: [0.1], norm: "l2" }),
    RangeError,
    'but found "autoattack"',
  );
});
