import { tf } from "../../lib/backend/tf.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { generator } from "../../lib/random/generator.ts";

/** Tensors by name, in TensorFlow's layouts. */
export type Weights = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
>;

/** Small seeded weights for images of 8 x 8 x 3. */
export function seededWeights(seed: number, gain = 1.5): Weights {
  const draw = generator(seed);
  const tensor = (...shape: number[]) => {
    const size = shape.reduce((product, length) => product * length);
    const scale = gain / Math.sqrt(size / shape.at(-1)!);
    return { shape, values: Array.from({ length: size }, () => scale * draw.normal()) };
  };
  return {
    "conv1.weight": tensor(3, 3, 3, 6),
    "conv1.bias": tensor(6),
    "conv2.weight": tensor(3, 3, 6, 8),
    "conv2.bias": tensor(8),
    "fc.weight": tensor(32, 10),
    "fc.bias": tensor(10),
  };
}

/** Two valid convolutions and a linear layer on their maps: the golden script's model. */
export function convolutionalModel(weights: Weights = seededWeights(1)): Classifier {
  const parameters = new Map(
    Object.entries(weights).map(([name, { shape, values }]) => [
      name,
      tf.variable(tf.tensor([...values], [...shape])) as tf.Variable,
    ]),
  );
  const get = <T extends tf.Tensor>(name: string) => parameters.get(name) as unknown as T;
  return {
    inputShape: [8, 8, 3],
    classes: 10,
    parameters,
    buffers: new Map(),
    forward(x) {
      return tf.tidy(() => {
        const layer = (input: tf.Tensor4D, name: string, stride: number) =>
          tf.relu(tf.add(
            tf.conv2d(input, get<tf.Tensor4D>(`${name}.weight`), stride, "valid"),
            get(`${name}.bias`),
          )) as tf.Tensor4D;
        const pixels = tf.mul<tf.Tensor4D>(tf.sub(x, 0.5), 4);
        const maps = layer(layer(pixels, "conv1", 1), "conv2", 2);
        const features = tf.reshape(maps, [x.shape[0], 32]) as tf.Tensor2D;
        const products = tf.matMul(features, get<tf.Tensor2D>("fc.weight"));
        return { logits: tf.add<tf.Tensor2D>(products, get("fc.bias")), features };
      });
    },
    dispose() {
      for (const variable of parameters.values()) variable.dispose();
    },
  };
}
