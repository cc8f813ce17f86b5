import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireList, requireNumber } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import { type Classifier, forwardOptionNames } from "./classifier.ts";

/** Options of {@linkcode linearClassifier}. */
export interface LinearClassifierOptions {
  /** One number a class. Default 0 for each. */
  readonly bias?: readonly number[] | undefined;
  /** Default [1, 1, d]: each image is one pixel of d channels. */
  readonly inputShape?: readonly [height: number, width: number, channels: number] | undefined;
}

const optionNames: OptionNames<LinearClassifierOptions> = { bias: true, inputShape: true };

/**
 * A linear softmax classifier on the pixels, `logits = flatten(x) W^T + b`. Attacks on it have closed
 * forms: with two classes, FGSM finds the worst image of its budget, since each pixel's gradient has
 * the same sign everywhere.
 *
 * @param weights W: for each class, at least two, one weight a pixel value.
 * @returns A classifier with the parameters "fc.weight" [d, classes] and "fc.bias" [classes]. Its
 * features are the pixel values.
 * @throws {RangeError} If there are fewer than two classes, a number is not finite, or the lengths of
 * rows, bias and inputShape disagree.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const model = linearClassifier([[1, 1], [-1, -1]], { bias: [0, 0.5] });
 * const { logits } = model.forward(tf.tensor4d([0.5, 0.25], [1, 1, 1, 2]));
 * assertEquals([...logits.dataSync()], [0.75, -0.25]);
 * ```
 */
export function linearClassifier(
  weights: readonly (readonly number[])[],
  options: LinearClassifierOptions = {},
): Classifier {
  requireKnownOptions("linearClassifier", options, optionNames);
  requireList("weights", weights);
  requireInteger("weights.length", weights.length, { min: 2 });
  const size = weights[0]!.length;
  const { bias = weights.map(() => 0), inputShape = [1, 1, size] as const } = options;
  const lengths: [string, number, number][] = [
    ...weights.map((row, k): [string, number, number] => [`weights[${k}]`, row.length, size]),
    ["bias", bias.length, weights.length],
    ["the pixel values of inputShape", inputShape.reduce((product, side) => product * side), size],
  ];
  for (const [name, found, expected] of lengths) {
    if (found !== expected) {
      throw new RangeError(`Expected ${name} to have length ${expected} but found ${found}`);
    }
  }
  for (const value of [...weights.flat(), ...bias]) requireNumber("weights and bias", value);
  const weight = tf.tidy(() => tf.variable(tf.transpose(tf.tensor2d(weights.map((w) => [...w])))));
  const offset = tf.tidy(() => tf.variable(tf.tensor1d([...bias])));
  return {
    inputShape,
    classes: weights.length,
    parameters: new Map<string, tf.Variable>([["fc.weight", weight], ["fc.bias", offset]]),
    buffers: new Map(),
    forward(x, options) {
      requireKnownOptions("forward", options, forwardOptionNames);
      const features = tf.reshape(x, [x.shape[0], -1]) as tf.Tensor2D;
      const scores = tf.tidy(() => tf.add(tf.matMul(features, weight as tf.Tensor2D), offset));
      return { logits: scores as tf.Tensor2D, features };
    },
    dispose: () => tf.dispose([weight, offset]),
  };
}
