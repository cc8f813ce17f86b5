import { tf } from "../../lib/backend/tf.ts";
import { gradientMaskingChecks } from "../../lib/attacks/gradient_masking_checks.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../lib/assert/mod.ts";
import { labelledByModel } from "./_batch.ts";
import { convolutionalModel, seededWeights } from "./_convolutional_model.ts";

const model = convolutionalModel(seededWeights(3));
const options = { epsilon: 0.03, steps: 8, queries: 150, limit: 50 };
const data = labelledByModel(model, 50, { seed: 6, wrong: 3 });

/** The model with its input and its logits changed on the way. */
function changed({ input = (x) => x, output = (z) => z }: {
  input?: (x: tf.Tensor4D) => tf.Tensor4D;
  output?: (z: tf.Tensor2D) => tf.Tensor2D;
}): Classifier {
  return {
    ...model,
    forward(x) {
      const { logits, features } = model.forward(input(x));
      return { logits: output(logits), features };
    },
  };
}

async function failures(
  subject: Classifier,
  checked = data,
  epsilon = options.epsilon,
): Promise<string[]> {
  const checks = await gradientMaskingChecks(subject, checked, { ...options, epsilon });
  assertEquals(checks.length, 9);
  for (const { passed, detail } of checks) {
    assert(/\d/.test(detail), `no figure in "${detail}"`);
    if (!passed) assert(detail.includes(". "), `no remedy in "${detail}"`);
  }
  return checks.filter(({ passed }) => !passed).map(({ name }) => name);
}

Deno.test("a model with honest gradients passes every check, and no tensor is left behind", async () => {
  const before = tf.memory().numTensors;
  assertEquals(await failures(model), []);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("logits times 1e4 trip the checks: saturated cross entropy has no gradient", async () => {
  const failed = await failures(changed({ output: (z) => tf.mul(z, 1e4) }));
  assert(failed.includes("gradients do not vanish"), String(failed));
  assert(failed.includes("the black box is not stronger than the white box"), String(failed));
});

Deno.test("a quantised input trips the checks: rounding has a gradient of zero", async () => {
  const quantised = changed({ input: (x) => tf.div(tf.round(tf.mul(x, 64)), 64) });
  const failed = await failures(quantised, labelledByModel(quantised, 50, { seed: 6 }));
  assert(failed.includes("gradients do not vanish"), String(failed));
  assert(failed.includes("the black box is not stronger than the white box"), String(failed));
});

Deno.test("a layer that stops the gradient trips the checks", async () => {
  const stopGradient = tf.customGrad((x) => ({
    value: (x as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }));
  const failed = await failures(changed({ output: (z) => stopGradient(z) as tf.Tensor2D }));
  assert(failed.includes("gradients do not vanish"), String(failed));
  assert(failed.includes("the black box is not stronger than the white box"), String(failed));
});

Deno.test("a model whose gradient cannot be computed at all fails the checks, not the call", async () => {
  const opaque = changed({ output: (z) => tf.tensor2d(z.arraySync()) });
  const failed = await failures(opaque);
  assert(failed.includes("gradients do not vanish"), String(failed));
  assert(failed.includes("the black box is not stronger than the white box"), String(failed));
});

Deno.test("gradients that point the wrong way are weaker than noise and never win", async () => {
  const turned = tf.customGrad((x) => ({
    value: (x as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.neg(dy),
  }));
  const subject = changed({ input: (x) => turned(x) as tf.Tensor4D });
  const failed = await failures(subject, data, 0.2);
  assert(failed.includes("noise is weaker than FGSM"), String(failed));
  assert(failed.includes("the black box is not stronger than the white box"), String(failed));
  assert(failed.includes("epsilon 1 leaves nothing"), String(failed));
});

Deno.test("a gradient that is right at x alone trips PGD against FGSM and more steps", async () => {
  // Right for images on the byte grid, turned round elsewhere: FGSM works, every later step errs.
  const shattered = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const scaled = tf.mul(saved[0]!, 255);
        const onGrid = tf.lessEqual(tf.abs(tf.sub(scaled, tf.round(scaled))), 1e-3);
        return tf.where(onGrid, dy, tf.neg(dy));
      },
    };
  });
  const failed = await failures(changed({ input: (x) => shattered(x) as tf.Tensor4D }));
  assert(failed.includes("PGD is not weaker than FGSM"), String(failed));
});

Deno.test("gradients that go wrong with use trip the comparison of steps", async () => {
  // Right in the first four calls: the look at the gradients, FGSM, and PGD with the few steps.
  let calls = 0;
  const wearing = tf.customGrad((x) => ({
    value: (x as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => calls++ < 4 ? dy.clone() : tf.neg(dy),
  }));
  const failed = await failures(changed({ input: (x) => wearing(x) as tf.Tensor4D }));
  assert(failed.includes("more steps do not help the model"), String(failed));
});

Deno.test("a filter that undoes large changes alone trips the comparison of budgets", async () => {
  // All pixels are 64 or 192; an image with a pixel further than 0.045 from these is restored.
  const LEVELS = [64 / 255, 192 / 255] as const;
  const restoring = changed({
    input: (x) => {
      const pixels = x.dataSync();
      const size = pixels.length / x.shape[0];
      const levels = pixels.map((pixel) => LEVELS[pixel < 0.5 ? 0 : 1]);
      const kept = Float32Array.from({ length: x.shape[0] }, (_, image) => {
        const own = (k: number) => Math.abs(pixels[image * size + k]! - levels[image * size + k]!);
        return Number(Array.from({ length: size }, (_, k) => own(k)).every((d) => d <= 0.045));
      });
      const level = tf.tensor4d(levels, x.shape);
      const factor = tf.tensor4d(kept, [x.shape[0], 1, 1, 1]);
      return tf.add(level, tf.mul(tf.sub(x, level), factor));
    },
  });
  const twoLevels = labelledByModel(model, 50, { seed: 6, levels: [64, 192] });
  const failed = await failures(restoring, twoLevels);
  assert(failed.includes("a larger epsilon does not help the model"), String(failed));
  assert(failed.includes("epsilon 1 leaves nothing"), String(failed));
});

Deno.test("noise in the logits trips the check of random outputs, and that alone of the two", async () => {
  let pass = 0;
  const noisy = changed({
    output: (z) => tf.add(z, tf.randomNormal(z.shape, 0, 0.01, "float32", ++pass)),
  });
  const failed = await failures(noisy);
  assert(failed.includes("outputs are not random"), String(failed));
  assert(!failed.includes("outputs are logits, not probabilities"), String(failed));
});

Deno.test("random outputs are told with the images and predictions that change", async () => {
  // Every second pass turns the logits around: each image's prediction changes.
  let pass = 0;
  const fickle = changed({ output: (z) => pass++ % 2 === 0 ? z : tf.neg(z) as tf.Tensor2D });
  const checks = await gradientMaskingChecks(fickle, data, options);
  const { passed, detail } = checks.find(({ name }) => name === "outputs are not random")!;
  assertEquals(passed, false);
  assertMatch(
    detail,
    /^the logits of 50 of 50 images change .* by up to 200.0 % of their length, and 50 predictions/,
  );
  assertMatch(detail, /expectation over draws/);
});

Deno.test("a softmax as the last layer trips the check of logits, and not that of randomness", async () => {
  const failed = await failures(changed({ output: (z) => tf.softmax(z) }));
  assert(failed.includes("outputs are logits, not probabilities"), String(failed));
  assert(!failed.includes("outputs are not random"), String(failed));
});

Deno.test("a ResNet-18 with dropout passes both checks of its outputs", async () => {
  const resnet = resnet18({ dropout: 0.5, imageSize: 16, seed: 4 });
  const own = labelledByModel(resnet, 12, { seed: 6 });
  const checks = await gradientMaskingChecks(resnet, own, { steps: 4, queries: 2 });
  const outputs = checks.filter(({ name }) => name.startsWith("outputs"));
  assertEquals(outputs.map(({ passed }) => passed), [true, true]);
  resnet.dispose();
});

Deno.test("checks need an image that is right, and options in range", async () => {
  const allWrong = labelledByModel(model, 10, { wrong: 10 });
  await assertRejects(
    () => gradientMaskingChecks(model, allWrong),
    RangeError,
    "at least one of 10",
  );
  for (const epsilon of [0, 0.6, NaN]) {
    await assertRejects(
      () => gradientMaskingChecks(model, data, { epsilon }),
      RangeError,
      "epsilon",
    );
  }
  await assertRejects(() => gradientMaskingChecks(model, data, { steps: 3 }), RangeError, "steps");
});
