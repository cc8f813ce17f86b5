import { tf } from "../../lib/backend/tf.ts";
import { pgd } from "../../lib/attacks/pgd.ts";
import { adversarialBatch, isAdversarialBatch } from "../../lib/train/adversarial.ts";
import { resolveSettings, type TrainOptions } from "../../lib/train/options.ts";
import { overfittingWarning, validateRobustness } from "../../lib/train/_robust_validation.ts";
import { seedFor } from "../../lib/train/_seeds.ts";
import { train } from "../../lib/train/train.ts";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "../../lib/assert/mod.ts";
import { tileDataset, tinyClassifier, weightsOf } from "./tiny_classifier.ts";

const data = tileDataset(96);
const base: TrainOptions = { train: data, epochs: 2, batchSize: 32, learningRate: 0.1 };
const ATTACKS = ["fgsm", "pgd", "trades"] as const;

async function weightsAfter(adversarial: TrainOptions["adversarial"]) {
  const model = tinyClassifier(1);
  await train(model, { ...base, adversarial });
  return weightsOf(model);
}

Deno.test("with probability 0 adversarial training is plain training bit for bit", async () => {
  const plain = await weightsAfter(undefined);
  for (const attack of ATTACKS) {
    assertEquals(await weightsAfter({ attack, epsilon: 0.1, probability: 0 }), plain);
  }
});

Deno.test("with probability 1 each attack trains other weights, by its seed alone", async () => {
  const seen = [await weightsAfter(undefined)];
  for (const attack of ATTACKS) {
    const adversarial = { attack, epsilon: 0.05, probability: 1 };
    const weights = await weightsAfter(adversarial);
    assertEquals(await weightsAfter(adversarial), weights);
    for (const other of seen) assertNotEquals(weights, other);
    seen.push(weights);
  }
});

Deno.test("FGSM and PGD replace the batch: one training pass a batch, attacks in eval mode", async () => {
  const model = tinyClassifier(1);
  await train(model, {
    ...base,
    epochs: 1,
    adversarial: { attack: "pgd", epsilon: 0.05, steps: 3, probability: 1 },
  });
  const modes = model.calls.map(({ training }) => training ? "train" : "eval");
  // The last one: without validation data, a batch tells whether the epoch's weights give numbers.
  assertEquals(modes, [...Array(3).fill(["eval", "eval", "eval", "train"]).flat(), "eval"]);
});

Deno.test("TRADES trains on the clean and the perturbed batch", async () => {
  const model = tinyClassifier(1);
  await train(model, {
    ...base,
    epochs: 1,
    adversarial: { attack: "trades", epsilon: 0.05, steps: 2, probability: 1 },
  });
  assertEquals(model.calls.filter(({ training }) => training).length, 6);
});

Deno.test("the draw hits about its share of batches, by seed, epoch and batch", () => {
  const draw = (seed: number) =>
    Array.from(
      { length: 2000 },
      (_, k) => isAdversarialBatch(0.5, seed, 1 + k % 10, 1 + Math.floor(k / 10)),
    );
  const share = draw(1).filter(Boolean).length / 2000;
  assert(Math.abs(share - 0.5) < 0.04, `share ${share}`);
  assertEquals(draw(1), draw(1));
  assertNotEquals(draw(1), draw(2));
});

Deno.test("adversarial batches stay in the box around x and leave the model's statistic alone", () => {
  const model = tinyClassifier(1);
  const before = weightsOf(model);
  const x = tf.randomUniform([8, 32, 32, 3], 0, 1, "float32", 1) as tf.Tensor4D;
  const y = tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], "int32");
  for (const attack of ATTACKS) {
    const settings = {
      attack,
      epsilon: 0.1,
      steps: attack === "fgsm" ? 1 : 3,
      stepSize: 0.1,
      probability: 1,
      beta: 6,
      norm: "linf",
      restarts: 1,
    } as const;
    const moved = adversarialBatch(model, x, y, settings, 1);
    const clean = x.dataSync();
    const pixels = [...moved.dataSync()];
    const distance = pixels.reduce(
      (most, value, k) => Math.max(most, Math.abs(value - clean[k]!)),
      0,
    );
    assert(distance > 0.05 && distance <= 0.1 + 1e-6, `${attack} moved by ${distance}`);
    assert(pixels.every((value) => value >= 0 && value <= 1));
    moved.dispose();
  }
  assertEquals(weightsOf(model), before);
});

Deno.test("adversarial training records the accuracy under attack on validation images", async () => {
  const validation = tileDataset(64, 5);
  const { epochs } = await train(tinyClassifier(1), {
    ...base,
    validation,
    adversarial: { attack: "pgd", epsilon: 0.05 },
  });
  for (const { robustAccuracy, validationAccuracy } of epochs) {
    assert(robustAccuracy! >= 0 && robustAccuracy! <= validationAccuracy!);
  }
  const plain = await train(tinyClassifier(1), { ...base, validation });
  assertEquals(plain.epochs.some((record) => "robustAccuracy" in record), false);
});

Deno.test("robust validation attacks the first 256 images, and with epsilon 0 finds plain accuracy", async () => {
  const model = tinyClassifier(1);
  const many = tileDataset(300, 7);
  const options = { epsilon: 0, seed: 1, withFgsm: true };
  const whole = await validateRobustness(model, many, options);
  const first = {
    ...many,
    images: many.images.slice(0, 256 * 3072),
    labels: many.labels.slice(0, 256),
    length: 256,
  };
  assertEquals(await validateRobustness(model, first, options), whole);
  assertEquals(whole.robustAccuracy, whole.fgsmAccuracy!);
});

Deno.test("a model that withstands FGSM but not PGD is warned about, an honest one is not", () => {
  const warning = overfittingWarning(4, { robustAccuracy: 0.02, fgsmAccuracy: 0.8 })!;
  for (const part of ["epoch 4", "80.0 %", "2.0 %", "Catastrophic overfitting"]) {
    assertStringIncludes(warning, part);
  }
  assertEquals(overfittingWarning(4, { robustAccuracy: 0.3, fgsmAccuracy: 0.38 }), undefined);
  assertEquals(overfittingWarning(4, { robustAccuracy: 0.02, fgsmAccuracy: 0.1 }), undefined);
  assertEquals(overfittingWarning(4, { robustAccuracy: 0.02 }), undefined);
});

/**
 * A gradient mask: the input gradient is zero wherever every pixel is a whole byte, as in clean
 * images. FGSM then goes nowhere; PGD leaves the grid with its random start and sees everything.
 */
function masked(model: ReturnType<typeof tinyClassifier>) {
  const mask = tf.customGrad((value) => {
    const x = value as tf.Tensor4D;
    const bytes = tf.mul(x, 255);
    const distance = tf.max(tf.abs(tf.sub(bytes, tf.round(bytes))), [1, 2, 3], true);
    const visible = tf.keep(tf.cast(tf.greater(distance, 0.01), "float32"));
    return { value: x.clone(), gradFunc: (dy) => tf.mul(dy as tf.Tensor, visible) };
  });
  return {
    ...model,
    forward: (x: tf.Tensor4D, options?: Parameters<typeof model.forward>[1]) =>
      model.forward(mask(x) as tf.Tensor4D, options),
  };
}

Deno.test("in l2, adversarial batches stay in the ball around x, whatever the attack and its budget", () => {
  const model = tinyClassifier(1);
  const x = tf.randomUniform([8, 32, 32, 3], 0, 1, "float32", 1) as tf.Tensor4D;
  const y = tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], "int32");
  for (const attack of ["pgd", "trades"] as const) {
    for (const epsilon of [0.5, 3]) {
      const options = { attack, norm: "l2", epsilon, steps: 3, probability: 1 } as const;
      const { adversarial } = resolveSettings({ epochs: 1, adversarial: options });
      const moved = adversarialBatch(model, x, y, adversarial!, 1);
      const lengths = tf.sqrt(tf.sum(tf.square(moved.sub(x)), [1, 2, 3])).dataSync();
      for (const length of lengths) {
        assert(length > 0.5 * epsilon && length <= epsilon * (1 + 1e-5), `${attack}: ${length}`);
      }
      assert([...moved.dataSync()].every((pixel) => pixel >= 0 && pixel <= 1));
      moved.dispose();
    }
  }
});

Deno.test("restarts reach PGD, which takes the worst of them", () => {
  const model = tinyClassifier(1);
  const x = tf.randomUniform([8, 32, 32, 3], 0, 1, "float32", 1) as tf.Tensor4D;
  const y = tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], "int32");
  const moved = (restarts: number) => {
    const options = { attack: "pgd", epsilon: 0.02, steps: 1, restarts } as const;
    const { adversarial } = resolveSettings({ epochs: 1, adversarial: options });
    return adversarialBatch(model, x, y, adversarial!, 3).dataSync();
  };
  const worst = pgd(model, x, y, { epsilon: 0.02, steps: 1, restarts: 4, seed: 3 });
  assertEquals(moved(4), worst.dataSync());
  assertNotEquals(moved(4), moved(1));
});

Deno.test("training in l2, with TRADES too, measures robust accuracy in l2", async () => {
  const validation = tileDataset(64, 5);
  for (const attack of ["pgd", "trades"] as const) {
    const model = tinyClassifier(1);
    const { epochs } = await train(model, {
      ...base,
      validation,
      adversarial: { attack, norm: "l2", epsilon: 2, steps: 2, probability: 1 },
    });
    const { robustAccuracy } = await validateRobustness(model, validation, {
      epsilon: 2,
      norm: "l2",
      seed: seedFor(0, "validation", 0),
      withFgsm: false,
    });
    assertEquals(epochs.at(-1)!.robustAccuracy, robustAccuracy);
  }
});

Deno.test("robust validation attacks 1,000 images where it chooses the best epoch", async () => {
  const model = tinyClassifier(1);
  const validation = tileDataset(1100, 7);
  const { epochs } = await train(model, {
    ...base,
    epochs: 1,
    validation,
    selectBy: "robustAccuracy",
    adversarial: { attack: "pgd", epsilon: 0.002 },
  });
  const accuracy = async (images: number) => {
    const seed = seedFor(0, "validation", 0);
    const options = { epsilon: 0.002, seed, withFgsm: false, images };
    return (await validateRobustness(model, validation, options)).robustAccuracy;
  };
  assertEquals(epochs[0]!.robustAccuracy, await accuracy(1000));
  assertNotEquals(epochs[0]!.robustAccuracy, await accuracy(256));
});

for (
  const adversarial of [
    { attack: "pgd", epsilon: 0.3, steps: 1 },
    { attack: "pgd", epsilon: 8, steps: 1, norm: "l2" },
    { attack: "trades", epsilon: 0.3, steps: 1 },
  ] as const
) {
  Deno.test(`a model that hides its gradient is warned of in one-step training: ${JSON.stringify(adversarial)}`, async () => {
    const heard: string[] = [];
    const { epochs } = await train(masked(tinyClassifier(1)), {
      ...base,
      epochs: 8,
      learningRate: 1,
      validation: tileDataset(64, 5),
      adversarial: { ...adversarial, probability: 0 },
      onWarning: (message) => heard.push(message),
    });
    assert(epochs.at(-1)!.robustAccuracy! < 0.1);
    assertStringIncludes(heard.at(-1)!, "Catastrophic overfitting in epoch 8");
    assertStringIncludes(heard.at(-1)!, "norm" in adversarial ? "one L2 step" : "FGSM");
  });
}

Deno.test("training with several steps is not watched for one-step overfitting", async () => {
  const heard: string[] = [];
  await train(masked(tinyClassifier(1)), {
    ...base,
    epochs: 8,
    learningRate: 1,
    validation: tileDataset(64, 5),
    adversarial: { attack: "pgd", epsilon: 0.3, steps: 2, probability: 0 },
    onWarning: (message) => heard.push(message),
  });
  assertEquals(heard, []);
});

Deno.test("the warning about a model that hides its gradient is said aloud and kept", async () => {
  const heard: string[] = [];
  const history = await train(masked(tinyClassifier(1)), {
    ...base,
    epochs: 8,
    learningRate: 1,
    validation: tileDataset(64, 5),
    adversarial: { attack: "fgsm", epsilon: 0.3, probability: 0 },
    onWarning: (message) => heard.push(message),
  });
  const last = history.epochs.at(-1)!;
  assert(last.validationAccuracy! > 0.4 && last.robustAccuracy! < 0.1);
  assertStringIncludes(heard.at(-1)!, "epoch 8");
  assertEquals(history.warnings, heard);
});
