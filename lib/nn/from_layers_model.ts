/** A LayersModel of TensorFlow.js as a classifier of the lab. */
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireParts } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import {
  type Classifier,
  forwardOptionNames,
  type ForwardResult,
  requireImages,
} from "./classifier.ts";
import { requireStatistics } from "./network_options.ts";
import { normalizer } from "./_normalizer.ts";

/** What {@linkcode fromLayersModel} can be told. */
export interface FromLayersModelOptions {
  /** Mean of each channel, which is subtracted from pixels in [0, 1]. Default 0. */
  readonly mean?: readonly number[];
  /** Standard deviation, which they are divided by, e.g. 1/255 for a model that reads bytes. Default 1. */
  readonly std?: readonly number[];
}

const optionNames: OptionNames<FromLayersModelOptions> = { mean: true, std: true };

type Layer = InstanceType<typeof tf.layers.Layer>;
type Symbolic = InstanceType<typeof tf.SymbolicTensor>;

/** The only tensor of a list. */
function only(what: string, tensors: Symbolic | Symbolic[]): Symbolic {
  const list = Array.isArray(tensors) ? tensors : [tensors];
  if (list.length === 1) return list[0]!;
  throw new RangeError(`Expected model to have one ${what} but found ${list.length}`);
}

function requireSides(what: string, { shape }: Symbolic, rank: number): number[] {
  const sides = shape.slice(1);
  if (shape.length === rank && sides.every((side) => side !== null && side >= 1)) {
    return sides as number[];
  }
  const found = `[${shape.map((side) => side ?? "?").join(", ")}]`;
  throw new RangeError(
    rank === 4
      ? `Expected the model's ${what} to be images [n, height, width, channels] but found ${found}`
      : `Expected the model's ${what} to be [n, classes] but found ${found}`,
  );
}

/** What a layer applies at its end, as its configuration names it. */
function activationOf(layer: Layer): string {
  if (layer.getClassName() === "Softmax") return "softmax";
  const { activation = "linear" } = layer.getConfig() as { activation?: string };
  return activation;
}

interface Head {
  /** What goes into the last layer that has weights; the logits' own layer where it has none. */
  readonly features: Symbolic;
  /** The tensor of the raw scores, or the layer whose scores are computed without its softmax. */
  readonly scores: Symbolic | Layer;
}

/** Where logits and features are found: a softmax at the end is left out. */
function headOf(output: Symbolic): Head {
  const last = output.sourceLayer;
  const activation = activationOf(last);
  if (!["linear", "softmax"].includes(activation)) {
    throw new RangeError(
      `Expected the model's last layer ${last.name} to give raw scores or a softmax over them but ` +
        `found the activation ${activation}; end the model in dense({ units: classes })`,
    );
  }
  const isDense = last.getClassName() === "Dense";
  const before = () => only("input of its last layer", last.input);
  if (activation === "softmax" && !isDense) {
    const scores = before();
    const source = scores.sourceLayer;
    const hasWeights = source.getClassName() === "Dense" && activationOf(source) === "linear";
    const features = hasWeights ? only("input of its last layer", source.input) : scores;
    return { features, scores };
  }
  const features = isDense ? before() : output;
  return { features, scores: activation === "softmax" ? last : output };
}

/** The variables behind a layer's weights: assigning one is seen by the next call. */
function variablesOf(weights: readonly object[]): Map<string, tf.Variable> {
  return new Map(weights.map((weight) => {
    const { name, val } = weight as unknown as { name: string; val: tf.Variable };
    return [name, val] as const;
  }));
}

/** Scores of a dense layer without its activation. */
function denseScores(features: tf.Tensor2D, layer: Layer): tf.Tensor2D {
  const [kernel, bias] = [...variablesOf(layer.weights).values()];
  const product = tf.matMul(features, kernel as tf.Tensor2D);
  return (bias === undefined ? product : tf.add(product, bias)) as tf.Tensor2D;
}

/**
 * Makes a classifier of any tfjs LayersModel that maps images to one number a class, e.g. one from
 * `tf.sequential` or `tf.loadLayersModel`. It can be trained, attacked and measured. A softmax at its
 * end is left out, so that logits are raw scores; features are the inputs of the last dense layer.
 *
 * @param model Images [n, height, width, channels] to [n, classes]. It is used, not copied.
 * @param options See {@linkcode FromLayersModelOptions}. Pixels in [0, 1] go in as (x - mean) / std.
 * @returns A classifier whose parameters are the model's own variables; disposing it disposes the
 * model.
 * @throws {TypeError} If it is no LayersModel.
 * @throws {RangeError} If it has several inputs or outputs, other shapes, or ends in an activation
 * that is no softmax.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const layers = tf.sequential({
 *   layers: [
 *     tf.layers.flatten({ inputShape: [4, 4, 1] }),
 *     tf.layers.dense({ units: 3, activation: "softmax" }),
 *   ],
 * });
 * const model = fromLayersModel(layers);
 * const { logits, features } = model.forward(tf.zeros([2, 4, 4, 1]));
 * assertEquals([logits.shape, features.shape, model.classes], [[2, 3], [2, 16], 3]);
 * model.dispose();
 * ```
 */
export function fromLayersModel(
  model: tf.LayersModel,
  options: FromLayersModelOptions = {},
): Classifier {
  requireKnownOptions("fromLayersModel", options, optionNames);
  requireParts("model", model, "a tfjs LayersModel", ["inputs", "outputs", "layers", "apply"]);
  const input = only("input", model.inputs);
  const output = only("output", model.outputs);
  const [height, width, channels] = requireSides("input", input, 4) as [number, number, number];
  const [classes] = requireSides("output", output, 2) as [number];
  if (classes < 2) {
    throw new RangeError(`Expected one number a class, at least 2, but found ${classes}`);
  }
  const inputShape = [height, width, channels] as const;
  const { mean = Array(channels).fill(0), std = Array(channels).fill(1) } = options;
  requireStatistics(mean, std, channels);
  const { features, scores } = headOf(output);
  const isSymbolic = "sourceLayer" in scores;
  const outputs = isSymbolic ? [scores as Symbolic, features] : [features];
  const body = tf.model({ inputs: input, outputs });
  const normalization = normalizer({ mean, std }, inputShape);
  return {
    inputShape,
    classes,
    parameters: variablesOf(model.trainableWeights),
    buffers: variablesOf(model.nonTrainableWeights),
    options: { source: "tfjs", mean, std },
    forward(x, asked): ForwardResult {
      requireKnownOptions("forward", asked, forwardOptionNames);
      requireImages(x, inputShape);
      const { training = false } = asked ?? {};
      return tf.tidy(() => {
        const found = body.apply(normalization.apply(x), { training });
        const [first, second] = (Array.isArray(found) ? found : [found]) as tf.Tensor[];
        const seen = tf.reshape(isSymbolic ? second! : first!, [x.shape[0], -1]) as tf.Tensor2D;
        const logits = isSymbolic ? first! as tf.Tensor2D : denseScores(seen, scores as Layer);
        return { logits, features: seen };
      });
    },
    dispose() {
      normalization.dispose();
      model.dispose();
    },
  };
}
