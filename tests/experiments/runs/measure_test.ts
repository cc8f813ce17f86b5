import { tf } from "../../../lib/backend/tf.ts";
import type { Dataset } from "../../../lib/data/dataset.ts";
import { createDataset } from "../../../lib/data/dataset.ts";
import {
  type AttackResult,
  packBits,
  worstCases,
} from "../../../lib/experiments/records/complete_evaluation.ts";
import { attackedImages, referencesFor } from "../../../lib/experiments/views/charts.ts";
import { adaptBatchNorm } from "../../../lib/experiments/runs/measure/adapt_batch_norm.ts";
import {
  predictionMetrics,
  proportionOf,
  scaleTemperature,
} from "../../../lib/experiments/records/prediction_metrics.ts";
import { inputGradientNorm } from "../../../lib/experiments/runs/measure/input_gradient_norm.ts";
import { normalisationOf } from "../../../lib/experiments/runs/measure/normalisation.ts";
import { representationOf } from "../../../lib/experiments/runs/measure/representation.ts";
import { estimateWork, OverallProgress } from "../../../lib/experiments/runs/run_progress.ts";
import { specById } from "../../../lib/experiments/specs/matrix.ts";
import type { Classifier } from "../../../lib/nn/classifier.ts";
import { resnet18 } from "../../../lib/nn/resnet18.ts";
import { generator } from "../../../lib/random/generator.ts";
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "../../../lib/assert/mod.ts";
import { inventPredictions, inventRun, withFolder } from "../synthetic_run.ts";

function images(n: number, pixel: (i: number, c: number) => number): Dataset {
  const bytes = Uint8Array.from({ length: n * 32 * 32 * 3 }, (_, k) => pixel(k, k % 3));
  const labels = Uint8Array.from({ length: n }, (_, i) => i % 10);
  return createDataset({
    name: "svhn",
    split: "test",
    source: "procedural",
    images: bytes,
    labels,
  });
}

Deno.test("normalisation is the mean and the population deviation of each channel", () => {
  const { integer } = generator(3);
  const data = images(2, (_, c) => integer(50) + 60 * c);
  const { mean, std } = normalisationOf(data);
  for (let c = 0; c < 3; c++) {
    const values = [...data.images].filter((_, k) => k % 3 === c).map((value) => value / 255);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    assertAlmostEquals(mean[c]!, average, 1e-6);
    assertAlmostEquals(std[c]!, Math.sqrt(variance), 1e-6);
  }
  assertEquals(normalisationOf(images(1, () => 51)), { mean: [0.2, 0.2, 0.2], std: [1, 1, 1] });
});

Deno.test("AdaBN moves the running statistics to the new images' and no weight", () => {
  const model = resnet18({ seed: 1 });
  try {
    const weights = model.parameters.get("conv1.weight")!.dataSync().slice();
    adaptBatchNorm(model, images(8, (k) => (k * 7) % 256), { batchSize: 8, seed: 0 });
    assertEquals(model.parameters.get("conv1.weight")!.dataSync(), weights);
    // The first batch norm's mean is now that of conv1's outputs on these images.
    const mean = model.buffers.get("bn1.running_mean")!.dataSync();
    assert(mean.some((value) => Math.abs(value) > 0.01));
    const variance = model.buffers.get("bn1.running_var")!.dataSync();
    assert(variance.every((value) => Math.abs(value - 1) > 1e-3));
  } finally {
    model.dispose();
  }
});

/** Logits w * (sum of pixels) for class 0, and 0 for class 1. */
function linear(weight: number): Classifier {
  return {
    inputShape: [32, 32, 3],
    classes: 10,
    parameters: new Map(),
    buffers: new Map(),
    forward(x) {
      const sums = tf.sum(tf.mul(x, weight), [1, 2, 3]).reshape([-1, 1]);
      const logits = tf.concat([sums, tf.zeros([x.shape[0], 9])], 1) as tf.Tensor2D;
      return { logits, features: logits };
    },
    dispose() {},
  };
}

Deno.test("the input gradient's norm is that of the closed form, whatever the batch size", () => {
  // At weight w and pixels 0: p_0 = 1/10, so each pixel's gradient is w (p_0 - y_0).
  const data = images(10, () => 0);
  const w = 0.01;
  const pixels = Math.sqrt(3072);
  const expected = (w * pixels * 0.9 + 9 * w * pixels * 0.1) / 10;
  for (const batchSize of [3, 10]) {
    assertAlmostEquals(inputGradientNorm(linear(w), data, batchSize), expected, 1e-6);
  }
});

function result(attack: string, epsilon: number, bits: number[]): AttackResult {
  const right = bits.filter((bit) => bit === 1).length;
  return {
    attack,
    epsilon,
    steps: null,
    ...proportionOf(right, bits.length),
    correct: packBits(bits),
  };
}

Deno.test("the worst case counts an image only if it withstood every attack, on the images all saw", () => {
  const cases = worstCases([
    result("fgsm", 0.1, [1, 1, 0, 1]),
    result("pgd", 0.1, [1, 0, 1, 1]),
    result("square", 0.1, [1, 1]),
    result("pgd", 0.2, [0, 0, 0, 1]),
  ]);
  assertEquals(cases.map(({ epsilon, accuracy, n }) => [epsilon, accuracy, n]), [
    [0.1, 0.5, 2],
    [0.2, 0.25, 4],
  ]);
  assertEquals(cases[0]!.attacks, ["fgsm", "pgd", "square"]);
});

Deno.test("the reference lines of the iteration curve are about the same images", () =>
  withFolder(async (folder) => {
    const { metrics } = await inventRun(folder, { id: "cifar-base", robust: 10 });
    // Right under noise are the first 14 of 40 images: of the first 30, 14/30.
    assertEquals(referencesFor(metrics, 30), { clean: 1, noise: 14 / 30, fgsm: 12 / 30 });
    assertEquals(referencesFor(metrics, 41), {});
  }));

Deno.test("a chart of attacks says which images were attacked, where these are not all", () => {
  const sweep = [result("fgsm", 0.1, [1, 1, 0, 1]), result("pgd", 0.1, [1, 0, 1, 1])];
  const strong = result("square", 0.1, [1, 1]);
  assertEquals(attackedImages(4, sweep), "");
  assertEquals(attackedImages(9, sweep), "attacked: the first 4");
  assertEquals(
    attackedImages(9, [...sweep, strong]),
    "attacked: the first 4 by fgsm, pgd; the first 2 by square",
  );
  assertEquals(attackedImages(4, [...sweep, strong]), "attacked: the first 2 by square");
});

Deno.test("a temperature is fitted on the held-out predictions alone", () => {
  const heldOut = inventPredictions(100, 50, 1);
  const test = inventPredictions(100, 90, 2);
  const one = scaleTemperature(heldOut, test, { bins: 15, fittedOn: "held out" });
  const other = scaleTemperature(heldOut, inventPredictions(100, 10, 3), {
    bins: 15,
    fittedOn: "",
  });
  assertEquals(one.temperature, other.temperature);
  assertEquals(one.fittedImages, 100);
  assert(one.nll !== other.nll);
});

Deno.test("metrics are those of the predictions, an absent class is null", () => {
  const p = inventPredictions(9, 6); // class 9 does not occur
  const metrics = predictionMetrics(p, 15);
  assertEquals([metrics.n, metrics.accuracy], [9, 6 / 9]);
  assertEquals(metrics.perClassAccuracy.at(-1), null);
  assertEquals(metrics.perClassAccuracy.slice(0, 2), [1, 1]);
});

Deno.test("geometry that is not defined for the features is null", () => {
  const p = inventPredictions(20, 10);
  const features = new Float32Array(20 * 4).map((_, k) => 1 + (k % 7));
  assertEquals(typeof representationOf({ ...p, features }, 20).withinAngle, "number");
  features.fill(0, 0, 4);
  const dead = representationOf({ ...p, features }, 20);
  assertEquals([dead.withinAngle, dead.betweenAngle], [null, null]);
  assertEquals(typeof dead.silhouette, "number");
});

Deno.test("overall progress names run, share and time left, and ends at the whole", () => {
  const specs = ["svhn-baseline", "cifar-pgd-at"].map((id) => specById("quick", id));
  const overall = new OverallProgress(specs);
  const at = { id: "svhn-baseline", seed: 0, stage: "training", detail: "epoch 1/4" } as const;
  assertMatch(overall.line(specs[0]!, { ...at, fraction: 0 }), /^0 % {2}run 1\/2 svhn-baseline/);
  overall.finish(specs[0]!, true);
  const end = { ...at, id: "cifar-pgd-at", stage: "evaluation", fraction: 1 } as const;
  assertMatch(overall.line(specs[1]!, end), /^100 % {2}run 2\/2 cifar-pgd-at/);
  const [base, hard] = specs.map((spec) => estimateWork(spec).training);
  assert(hard! > base!);
});
