import { tf } from "../../lib/backend/tf.ts";
import { loadCheckpoint } from "../../lib/nn/checkpoint.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { NotFiniteError } from "../../lib/nn/not_finite_error.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { DivergenceError } from "../../lib/train/divergence_error.ts";
import type { TrainOptions } from "../../lib/train/options.ts";
import { train } from "../../lib/train/train.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../lib/assert/mod.ts";
import {
  answering,
  scalingGradients,
  settingAfter,
  swallowingNaN,
  throwing,
  withBrokenFeatures,
} from "./_broken_models.ts";
import { tileDataset, tinyClassifier, weightsOf } from "./tiny_classifier.ts";

/** Three batches an epoch. */
const base: TrainOptions = { train: tileDataset(96), epochs: 3, batchSize: 32 };
const attacked = { epsilon: 0.02, steps: 2, probability: 1 };

/** Every way of training. */
const ways: Readonly<Record<string, Partial<TrainOptions>>> = {
  plain: {},
  adam: { optimizer: "adam" },
  smoothed: { labelSmoothing: 0.1 },
  circle: { circle: { weight: 0.1 } },
  fgsm: { adversarial: { ...attacked, attack: "fgsm", steps: 1 } },
  pgd: { adversarial: { ...attacked, attack: "pgd" } },
  trades: { adversarial: { ...attacked, attack: "trades" } },
};

async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    await use(`${parent}/run`);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

/** The error of a run that must diverge; its best weights must be finite and its model disposed. */
async function divergenceOf(
  model: Classifier,
  options: Partial<TrainOptions> = {},
): Promise<DivergenceError> {
  let found: DivergenceError | undefined;
  await withDirectory(async (directory) => {
    const run = train(model, { ...base, ...options, directory });
    found = await assertRejects(() => run, DivergenceError);
    const best = tinyClassifier(9);
    await loadCheckpoint(`${directory}/best.safetensors`, best); // refuses what is not finite
    assert(Object.values(weightsOf(best)).flat().every(Number.isFinite));
    best.dispose();
  });
  model.dispose();
  assertMatch(
    found!.message,
    /^Training diverged in epoch \d, batch \d, at learning rate \S+: .+ is not finite\. (Try a lower|No update was made yet, .*: look at what model\.forward)/,
  );
  return found!;
}

for (const [way, options] of Object.entries(ways)) {
  for (const value of [NaN, Infinity, -Infinity, 3e38]) {
    Deno.test(`${way} training whose hidden weights become ${value} says diverged in its epoch`, async () => {
      // Two passes a step with TRADES: the fifth step, of batch 2 in epoch 2, follows 8 of them.
      const steps = way === "trades" ? 8 : 4;
      const { message } = await divergenceOf(settingAfter(steps, "hidden.weight", value), options);
      assertMatch(message, /in epoch 2, batch [123],/);
    });
  }

  Deno.test(`${way} training whose running statistic becomes infinite says diverged`, async () => {
    const { message } = await divergenceOf(
      settingAfter(0, "norm.running_mean", Infinity),
      options,
    );
    assertStringIncludes(message, "norm.running_mean is not finite");
  });

  Deno.test(`${way} training with gradients that are not numbers says diverged before the update`, async () => {
    const model = scalingGradients(NaN);
    const { message } = await divergenceOf(model, options);
    assertMatch(message, /in epoch 1, batch 1, at learning rate 0.0\d*1: an? (input )?gradient/);
  });

  Deno.test(`${way} training with a huge rate says diverged in its first epoch`, async () => {
    const { message } = await divergenceOf(tinyClassifier(1), { ...options, learningRate: 1e30 });
    assertMatch(message, /in epoch 1, batch [23], at learning rate 1e\+30:/);
  });

  for (const value of [NaN, Infinity]) {
    Deno.test(`${way} training on logits of ${value} says diverged`, async () => {
      const { message } = await divergenceOf(answering(value, "training"), options);
      assertMatch(message, /in epoch 1, batch 1,.*: a logit or a feature is not finite/);
    });

    Deno.test(`${way} training of a model whose logits in eval mode are ${value} says diverged`, async () => {
      const { message } = await divergenceOf(answering(value, "eval"), options);
      // An attack meets them in the first batch, the look in eval mode at the epoch's end.
      assertMatch(
        message,
        /in epoch 1, batch (1,.*: a logit is|3,.*: the loss in eval mode)/,
      );
    });
  }

  Deno.test(`${way} training on features that are not finite says diverged`, async () => {
    const { message } = await divergenceOf(withBrokenFeatures(), options);
    assertMatch(message, /in epoch 1, batch 1,.*: a logit or a feature is not finite/);
  });

  Deno.test(`${way} training of a model that drops its NaN says diverged before a checkpoint`, async () => {
    const { message } = await divergenceOf(swallowingNaN(2), options);
    assertMatch(message, /in epoch 1, batch [123],.*: hidden.bias is not finite/);
  });

  Deno.test(`${way} training of a model that throws for NaN says diverged and keeps the cause`, async () => {
    const own = new NotFiniteError("an activation of mine", "found NaN");
    const { message, cause } = await divergenceOf(throwing(2, own), options);
    assertMatch(message, /in epoch 1, batch [12],.*: an activation of mine is not finite/);
    assertEquals(cause, own);
  });

  Deno.test(`${way} training passes another failure of the model on as it is`, async () => {
    const own = new Error("the cable is loose");
    const model = throwing(2, own);
    assertEquals(await assertRejects(() => train(model, { ...base, ...options }), Error), own);
    model.dispose();
  });
}

Deno.test("an error thrown by a model whose weights broke names the weight", async () => {
  const broken = settingAfter(1, "fc.bias", NaN);
  const own = new Error("expected a probability");
  const model: Classifier = {
    ...broken,
    forward(x, options) {
      const result = broken.forward(x, options);
      if (Number.isNaN(result.logits.dataSync()[0])) throw own;
      return result;
    },
  };
  const { message, cause } = await divergenceOf(model);
  assertMatch(message, /batch 2,.*: fc.bias is not finite/);
  assertEquals(cause, own);
});

for (const attack of ["fgsm", "pgd", "trades"] as const) {
  Deno.test(`an error in ${attack}'s gradient alone is the cause of the divergence`, async () => {
    const { message, cause } = await divergenceOf(scalingGradients(NaN, "eval"), ways[attack]);
    assertMatch(message, /batch 1,.*: an input gradient of the attack is not finite/);
    assert(cause instanceof NotFiniteError);
  });
}

Deno.test("a validation under attack that meets a broken gradient says diverged, too", async () => {
  const adversarial = { ...attacked, attack: "pgd", probability: 0 } as const;
  const { message } = await divergenceOf(scalingGradients(NaN, "eval"), {
    adversarial,
    validation: tileDataset(32, 1),
  });
  assertMatch(message, /in epoch 1, batch 3,.*: an input gradient of the attack is not finite/);
});

Deno.test("a validation loss that is not finite says diverged", async () => {
  const options = { validation: tileDataset(32, 1) };
  const { message } = await divergenceOf(answering(NaN, "eval"), options);
  assertMatch(message, /in epoch 1, batch 3,.*: the validation loss is not finite/);
});

Deno.test("gradients whose square overflows in Adam's state say diverged before a checkpoint", async () => {
  // 1e25 squared is infinite in float32: divided by it, the first step leaves the weights as they are.
  const model = scalingGradients(1e25, "training");
  const { message } = await divergenceOf(model, { optimizer: "adam", batchSize: 96 });
  assertMatch(message, /in epoch 1, batch 1,.*: the optimizer's state of .* is not finite/);
});

for (const options of [{}, { directory: "never-written" }] as const) {
  Deno.test(`weights that are not finite to begin with are refused ${"directory" in options ? "with" : "without"} a directory`, () =>
    withDirectory(async (directory) => {
      const model = tinyClassifier(1);
      model.parameters.get("fc.bias")!.assign(tf.fill([10], NaN));
      const place = "directory" in options ? { directory } : {};
      const { message } = await assertRejects(
        () => train(model, { ...base, ...place }),
        RangeError,
      );
      assertStringIncludes(message, "found NaN or infinity in fc.bias");
      assertEquals(await Deno.stat(`${directory}/best.safetensors`).catch(() => null), null);
      model.dispose();
    }));
}

Deno.test("a run goes on from its last checkpoint in a model that has diverged", () =>
  withDirectory(async (directory) => {
    const broken = settingAfter(4, "fc.bias", NaN);
    await assertRejects(() => train(broken, { ...base, directory }), DivergenceError);
    assert(weightsOf(broken)["fc.bias"]!.some(Number.isNaN));
    const history = await train(broken, { ...base, directory, resume: true });
    assertEquals(history.epochs.length, 3);
    broken.dispose();
  }));

for (const batchNorm of [true, false]) {
  Deno.test(`a ResNet ${batchNorm ? "with" : "without"} batch norm whose first filters become NaN says diverged`, async () => {
    // Max pooling drops NaN: a window of nothing else gives the lowest number.
    for (const stem of ["cifar", "imagenet"] as const) {
      const resnet = resnet18({ stem, batchNorm });
      let step = 0;
      const model: Classifier = {
        ...resnet,
        forward(x, options) {
          if (options?.training && ++step === 2) {
            const filters = resnet.parameters.get("conv1.weight")!;
            tf.tidy(() => filters.assign(tf.fill(filters.shape, NaN)));
          }
          return resnet.forward(x, options);
        },
      };
      const run = () => train(model, { train: tileDataset(8), epochs: 1, batchSize: 4 });
      const { message } = await assertRejects(run, DivergenceError);
      assertMatch(message, /in epoch 1, batch 2,.*: conv1.weight is not finite/);
      resnet.dispose();
    }
  });
}

Deno.test("a gradient that is not a number leaves the weights as they were", async () => {
  const model = scalingGradients(NaN);
  const before = weightsOf(model)["fc.weight"];
  await assertRejects(() => train(model, base), DivergenceError);
  assertEquals(weightsOf(model)["fc.weight"], before);
  model.dispose();
});

Deno.test("a run that diverges in its first epoch leaves its initial weights as the best", () =>
  withDirectory(async (directory) => {
    const run = () => train(scalingGradients(NaN), { ...base, directory });
    await assertRejects(run, DivergenceError);
    const loaded = tinyClassifier(9);
    await loadCheckpoint(`${directory}/best.safetensors`, loaded);
    assertEquals(weightsOf(loaded), weightsOf(tinyClassifier(1)));
  }));

Deno.test("a run that diverges later keeps the last finite weights as the best", () =>
  withDirectory(async (directory) => {
    const run = () => train(settingAfter(4, "fc.bias", NaN), { ...base, directory });
    const { message } = await assertRejects(run, DivergenceError);
    assertMatch(message, /diverged in epoch 2, batch 2,/);
    const loaded = tinyClassifier(9);
    const { metadata } = await loadCheckpoint(`${directory}/best.safetensors`, loaded);
    assertEquals(metadata.epoch, "1");
    assert(Object.values(weightsOf(loaded)).flat().every(Number.isFinite));
  }));

for (const [way, options] of Object.entries(ways)) {
  Deno.test(`a diverging run of ${way} training frees its tensors`, async () => {
    const attempt = async () => {
      const model = scalingGradients(NaN);
      await assertRejects(() => train(model, { ...base, ...options }), DivergenceError);
      model.dispose();
    };
    await attempt();
    const before = tf.memory().numTensors;
    await attempt();
    assertEquals(tf.memory().numTensors, before);
  });
}
