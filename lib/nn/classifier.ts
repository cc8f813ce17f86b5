import type { OptionNames } from "../arguments/known_options.ts";
import type { tf } from "../backend/tf.ts";
import {
  requireFunction,
  requireInteger,
  requireList,
  requireParts,
} from "../arguments/require.ts";

/** Options of one forward pass. The mode is an argument of the call, never a state of the model. */
export interface ForwardOptions {
  /** `true`: batch statistics, dropout, and an update of the running statistics. Default `false`. */
  readonly training?: boolean;
  /** Seed of dropout's draw; only used in training. Default 0. */
  readonly seed?: number;
  /**
   * Tells whether the parameter of this name is frozen. A batch-norm layer whose parameters are
   * frozen runs in eval mode even in training and leaves its buffers alone. Default: none.
   */
  readonly frozen?: (parameter: string) => boolean;
}

/** The names of {@linkcode ForwardOptions}. */
export const forwardOptionNames: OptionNames<ForwardOptions> = {
  training: true,
  seed: true,
  frozen: true,
};

/** Logits [n, classes] and features [n, d] of one forward pass. */
export interface ForwardResult {
  /** [n, classes] raw scores before softmax. */
  readonly logits: tf.Tensor2D;
  /** [n, d] inputs of the last linear layer. */
  readonly features: tf.Tensor2D;
}

/**
 * An image classifier: what attacks, training and evaluation need to know of a model. Any object
 * that implements it can be attacked, not only {@linkcode resnet18}.
 */
export interface Classifier {
  /** Shape of one image. */
  readonly inputShape: readonly [height: number, width: number, channels: number];
  /** Number of classes K; labels are in [0, K). */
  readonly classes: number;
  /** Trainable tensors under torchvision's names, in tfjs layouts (HWIO, [in, out]). */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /** Batch norm's running_mean and running_var. */
  readonly buffers: ReadonlyMap<string, tf.Variable>;
  /** The network's name, e.g. "resnet18"; checkpoints carry it, and refuse a model of another one. */
  readonly architecture?: string;
  /** What the model was made with; checkpoints carry it, so that weights find the right model. */
  readonly options?: Readonly<object>;
  /** Images that a batch must hold where batch norm takes its statistics from it. Default 1. */
  readonly smallestTrainingBatch?: number;
  /**
   * Answers at once, with float32 logits [n, classes] and features [n, d]; another answer is refused
   * by whoever asks. `x`: [n, height, width, channels], float32 pixels in [0, 1]; normalisation
   * happens inside.
   */
  forward(x: tf.Tensor4D, options?: ForwardOptions): ForwardResult;
  /** Frees the parameters and buffers; the model cannot be used afterwards. */
  dispose(): void;
}

/**
 * Requires a classifier: in a notebook no compiler looks at an argument's type.
 *
 * @throws {TypeError} Naming the argument and what was found.
 */
export function requireClassifier(name: string, value: unknown): void {
  requireParts(name, value, "a classifier", [
    "inputShape",
    "classes",
    "parameters",
    "buffers",
    "forward",
  ]);
  const { forward, inputShape, classes } = value as Classifier;
  requireFunction(`${name}.forward`, forward);
  requireList(`${name}.inputShape`, inputShape);
  requireInteger(`${name}.classes`, classes, { min: 1 });
}

/**
 * Requires images of a model's input shape.
 *
 * @throws {RangeError} Naming both shapes.
 */
export function requireImages(x: tf.Tensor4D, shape: Classifier["inputShape"]): void {
  if (x.rank === 4 && shape.every((side, axis) => side === x.shape[axis + 1])) return;
  throw new RangeError(
    `Expected x to have shape [n, ${shape.join(", ")}] but found [${x.shape}]`,
  );
}
