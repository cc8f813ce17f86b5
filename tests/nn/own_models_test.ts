/** Models of other libraries as classifiers: ONNX files and tfjs LayersModels. */
import { join } from "node:path";
import { tf } from "../../lib/backend/tf.ts";
import { createDataset } from "../../lib/data/dataset.ts";
import { attackSweep } from "../../lib/attacks/attack_sweep.ts";
import { fgsm } from "../../lib/attacks/fgsm.ts";
import { square } from "../../lib/attacks/square.ts";
import { deepFool } from "../../lib/attacks/deep_fool.ts";
import { FileError } from "../../lib/files/file_error.ts";
import { fromLayersModel } from "../../lib/nn/from_layers_model.ts";
import { fromOnnx } from "../../lib/nn/from_onnx.ts";
import { collectPredictions } from "../../lib/train/collect_predictions.ts";
import { train } from "../../lib/train/train.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { exists } from "../../lib/files/exists.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import golden from "../golden/onnx_models.json" with { type: "json" };
import { formulaUniform } from "../golden/formula_weights.ts";

const { n, mean, std } = golden;
const shape = golden.shape as [number, number, number];
const hasOnnx = await exists(join(setupPaths().onnx, "node_modules", "onnxruntime-node"));
const onnxTest = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, ignore: !hasOnnx, fn });

function images(): tf.Tensor4D {
  const size = n * shape[0] * shape[1] * shape[2];
  return tf.tensor4d(Float32Array.from(formulaUniform("onnx", size)), [n, ...shape]);
}

async function written(folder: string, name: keyof typeof golden.files): Promise<string> {
  const path = join(folder, "model.onnx");
  const bytes = Uint8Array.from(atob(golden.files[name]), (letter) => letter.charCodeAt(0));
  await Deno.writeFile(path, bytes);
  return path;
}

function worst(found: ArrayLike<number>, expected: readonly number[]): number {
  assertEquals(found.length, expected.length);
  return Math.max(...expected.map((value, k) => Math.abs(found[k]! - value)));
}

function logSoftmax(logits: readonly number[]): number[] {
  const classes = logits.length / n;
  return logits.map((logit, k) => {
    const row = logits.slice(k - k % classes, k - k % classes + classes);
    return logit - Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
  });
}

for (const name of Object.keys(golden.files) as (keyof typeof golden.files)[]) {
  onnxTest(`an ONNX file (${name}) gives PyTorch's logits`, () =>
    withFolder(async (folder) => {
      const model = await fromOnnx(await written(folder, name), { mean, std });
      assertEquals([model.inputShape, model.classes], [shape, 5]);
      tf.tidy(() => {
        const { logits, features } = model.forward(images());
        const expected = name === "softmax" ? logSoftmax(golden.logits) : golden.logits;
        const distance = worst(logits.dataSync(), expected);
        assert(distance <= 1e-4, `largest difference ${distance}`);
        assertEquals(features.dataSync(), logits.dataSync());
      });
      model.dispose();
    }));
}

onnxTest(
  "metrics and black-box attacks work on an ONNX model; gradient attacks say why not",
  () =>
    withFolder(async (folder) => {
      const model = await fromOnnx(await written(folder, "open batch"), { mean, std });
      const data = createDataset({
        name: "noise",
        images: Uint8Array.from(formulaUniform("onnx", n * 576), (u) => Math.floor(256 * u)),
        labels: Uint8Array.from({ length: n }, (_, k) => k),
        classNames: ["a", "b", "c", "d", "e"],
        imageShape: shape,
      });
      assertEquals((await collectPredictions(model, data)).length, n);
      const attacks = { attacks: ["clean", "noise", "square"], epsilons: [0.1] } as const;
      const points = await attackSweep(model, data, { ...attacks, attacks: [...attacks.attacks] });
      assertEquals(points.length, 3);
      const x = images();
      const y = tf.tensor1d([0, 1, 2, 3, 4], "int32");
      square(model, x, y, { epsilon: 0.1, queries: 5 }).dispose();
      for (
        const attack of [() => fgsm(model, x, y, { epsilon: 0.1 }), () => deepFool(model, x, y)]
      ) {
        assertThrows(attack, TypeError, "no gradients, which this attack climbs");
      }
      await assertRejects(
        () => attackSweep(model, data, { attacks: ["pgd"], epsilons: [0.1] }),
        TypeError,
        "square and randomNoise",
      );
      tf.dispose([x, y]);
      model.dispose();
    }),
);

onnxTest(
  "what is no model, or of another size, is named with the file",
  () =>
    withFolder(async (folder) => {
      const path = join(folder, "bad.onnx");
      await Deno.writeTextFile(path, "no model");
      await assertRejects(() => fromOnnx(path), FileError, path);
      const model = await written(folder, "open batch");
      await assertRejects(
        () => fromOnnx(model, { imageSize: 32 }),
        FileError,
        "16 x 12, not 32 x 32",
      );
      await assertRejects(
        () => fromOnnx(model, { output: "x" }),
        FileError,
        "no output x but answers",
      );
      await assertRejects(
        () => fromOnnx(model, { mean: [0] }),
        RangeError,
        "mean to have 3 values",
      );
    }),
);

Deno.test({
  name: "without ONNX Runtime, one sentence says how to install it",
  ignore: hasOnnx,
  fn: async () => {
    await assertRejects(() => fromOnnx("model.onnx"), Error, "task setup --onnx");
  },
});

function layersModel(last: "softmax" | "linear" | "softmax layer"): tf.LayersModel {
  const units = { units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) };
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [6, 6, 2],
        filters: 4,
        kernelSize: 3,
        activation: "relu",
        kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      }),
      tf.layers.batchNormalization(),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense(last === "softmax" ? { ...units, activation: "softmax" } : units),
      ...(last === "softmax layer" ? [tf.layers.softmax()] : []),
    ],
  });
}

Deno.test("a LayersModel with a softmax at its end gives the raw scores before it", () => {
  const x = tf.randomUniform([4, 6, 6, 2], 0, 1, "float32", 3) as tf.Tensor4D;
  for (const last of ["softmax", "linear", "softmax layer"] as const) {
    const layers = layersModel(last);
    const model = fromLayersModel(layers, { std: [0.5, 0.5] });
    tf.tidy(() => {
      const { logits, features } = model.forward(x);
      assertEquals(features.shape, [4, 4]);
      const answer = layers.predict(tf.mul(x, 2)) as tf.Tensor2D;
      const expected = last === "linear" ? answer : tf.log(answer);
      const own = last === "linear" ? logits : tf.logSoftmax(logits);
      assert(worst(own.dataSync(), [...expected.dataSync()]) <= 1e-4, last);
    });
    model.dispose();
  }
  x.dispose();
});

Deno.test("a LayersModel is attacked and trained by its own variables", async () => {
  const layers = layersModel("softmax");
  const model = fromLayersModel(layers);
  assertEquals(model.parameters.size, 6);
  assertEquals(model.buffers.size, 2);
  const data = createDataset({
    name: "dots",
    images: Uint8Array.from(formulaUniform("dots", 12 * 72), (u) => Math.floor(256 * u)),
    labels: Uint8Array.from({ length: 12 }, (_, k) => k % 3),
    classNames: ["a", "b", "c"],
    imageShape: [6, 6, 2],
  });
  const kernel = () => [...model.parameters.values()].at(-2)!.dataSync().slice();
  const before = kernel();
  await train(model, { train: data, epochs: 1, batchSize: 4, learningRate: 0.1 });
  assert(worst(kernel(), [...before]) > 0, "training changed nothing");
  const x = tf.fill([2, 6, 6, 2], 0.5) as tf.Tensor4D;
  const y = tf.tensor1d([0, 1], "int32");
  const moved = fgsm(model, x, y, { epsilon: 0.1 });
  assert(worst(moved.dataSync(), [...x.dataSync()]) > 0.09, "the attack moved nothing");
  tf.dispose([x, y, moved]);
  model.dispose();
});

Deno.test("a LayersModel of another form is refused by name", () => {
  const flat = tf.layers.flatten({ inputShape: [4, 4, 1] });
  const ending = (options: { units: number; activation?: "sigmoid" }) =>
    tf.sequential({ layers: [flat, tf.layers.dense(options)] });
  assertThrows(() => fromLayersModel(ending({ units: 1 })), RangeError, "at least 2");
  assertThrows(
    () => fromLayersModel(ending({ units: 3, activation: "sigmoid" })),
    RangeError,
    "the activation sigmoid",
  );
  const plain = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [8] })] });
  assertThrows(() => fromLayersModel(plain), RangeError, "[n, height, width, channels]");
  assertThrows(() => fromLayersModel({} as tf.LayersModel), TypeError, "a tfjs LayersModel");
});
