/** A two-layer classifier with a running statistic and dropout: all that training touches, in a millisecond. */
import { tf } from "../../lib/backend/tf.ts";
import type { Dataset } from "../../lib/data/dataset.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { generator } from "../../lib/random/generator.ts";

function randomTensor(shape: number[], scale: number, seed: number): tf.Tensor {
  const draw = generator(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(Float32Array.from({ length: size }, () => scale * draw.normal()), shape);
}

/** A variable that takes over its initial value. */
function variable(initial: tf.Tensor, trainable = true): tf.Variable {
  const made = tf.variable(initial, trainable);
  initial.dispose();
  return made;
}

/** Logs of what a test wants to know about the calls. */
export interface TinyClassifier extends Classifier {
  readonly calls: { training: boolean; seed: number | undefined }[];
}

export function tinyClassifier(seed = 0, { dropout = 0 } = {}): TinyClassifier {
  const parameters = new Map<string, tf.Variable>([
    ["hidden.weight", variable(randomTensor([48, 8], 0.3, seed))],
    ["hidden.bias", variable(tf.zeros([8]))],
    ["fc.weight", variable(randomTensor([8, 10], 0.3, seed + 1))],
    ["fc.bias", variable(tf.zeros([10]))],
  ]);
  const buffers = new Map([["norm.running_mean", variable(tf.zeros([48]), false)]]);
  const calls: TinyClassifier["calls"] = [];
  return {
    inputShape: [32, 32, 3],
    classes: 10,
    parameters,
    buffers,
    options: { dropout, seed },
    calls,
    forward(x, { training = false, seed, frozen = () => false } = {}) {
      calls.push({ training, seed });
      return tf.tidy(() => {
        const pooled = tf.avgPool(x, 8, 8, "valid").reshape([x.shape[0], 48]);
        const running = buffers.get("norm.running_mean")!;
        const useBatch = training && !frozen("hidden.weight");
        const mean = useBatch ? tf.mean(pooled, 0) : running;
        if (useBatch) running.assign(tf.add(tf.mul(running, 0.9), tf.mul(mean, 0.1)));
        const hidden = tf.matMul(
          tf.sub(pooled, mean),
          parameters.get("hidden.weight")! as tf.Tensor2D,
        );
        const features = tf.relu(tf.add(hidden, parameters.get("hidden.bias")!)) as tf.Tensor2D;
        const kept = training && dropout > 0
          ? dropFeatures(features, dropout, seed ?? 0)
          : features;
        const scores = tf.matMul(kept, parameters.get("fc.weight")! as tf.Tensor2D);
        return { features, logits: tf.add(scores, parameters.get("fc.bias")!) as tf.Tensor2D };
      });
    },
    dispose: () => tf.dispose([...parameters.values(), ...buffers.values()]),
  };
}

function dropFeatures(features: tf.Tensor2D, probability: number, seed: number): tf.Tensor2D {
  const draw = generator(seed);
  const mask = Float32Array.from({ length: features.size }, () => +(draw.uniform() >= probability));
  return tf.mul(features, tf.tensor2d(mask, features.shape));
}

/** Images whose class shows in the brightness of one of sixteen tiles: easy, but not trivial. */
export function tileDataset(n: number, seed = 0, split: "train" | "test" = "train"): Dataset {
  const draw = generator(seed);
  const labels = Uint8Array.from({ length: n }, () => draw.integer(10));
  const images = new Uint8Array(n * 3072);
  for (let image = 0; image < n; image++) {
    for (let pixel = 0; pixel < 1024; pixel++) {
      const tile = 4 * Math.floor(pixel / 256) + Math.floor(pixel % 32 / 8);
      const level = tile === labels[image] ? 130 : 60;
      for (let c = 0; c < 3; c++) images[3 * (1024 * image + pixel) + c] = level + draw.integer(90);
    }
  }
  const classNames = Array.from({ length: 10 }, (_, k) => `tile ${k}`);
  const describe = () => `tiles, ${n} images`;
  return {
    name: "cifar10",
    split,
    imageShape: [32, 32, 3],
    source: "procedural",
    images,
    labels,
    classNames,
    length: n,
    describe,
  };
}

/** Every weight and statistic of a model as plain numbers. */
export function weightsOf(model: Classifier): Record<string, number[]> {
  const variables = [...model.parameters, ...model.buffers];
  return Object.fromEntries(variables.map(([name, variable]) => [name, [...variable.dataSync()]]));
}
