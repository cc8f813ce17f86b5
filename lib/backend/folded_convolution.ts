import { tf } from "./tf.ts";
import { defineOperation } from "./native_op.ts";
import {
  addBiasForward,
  biasGradient,
  convolutionFilterGradient,
  convolutionForward,
  convolutionInputGradient,
} from "./convolution.ts";

/** A convolution followed by batch norm in eval mode, as variables of a model. */
export interface ConvolutionAndBatchNorm {
  readonly filter: tf.Variable;
  readonly scale: tf.Variable;
  readonly offset: tf.Variable;
  readonly mean: tf.Variable;
  readonly variance: tf.Variable;
  readonly stride: number;
  readonly padding: number;
  readonly epsilon: number;
}

interface Settings {
  readonly stride: number;
  readonly padding: number;
  readonly epsilon: number;
}

/** scale / sqrt(variance + epsilon), per output channel. */
function gain(scale: tf.Tensor, variance: tf.Tensor, epsilon: number): tf.Tensor1D {
  return tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon))) as tf.Tensor1D;
}

const operation = defineOperation<Settings>({
  name: "FoldedConvolution",
  inputs: ["x", "foldedFilter", "foldedBias", "filter", "scale", "offset", "mean", "variance"],
  savedInputs: ["x", "foldedFilter", "filter", "scale", "mean", "variance"],
  forward: ({ x, foldedFilter, foldedBias }, settings) => {
    const y = convolutionForward(x as tf.Tensor4D, foldedFilter as tf.Tensor4D, settings);
    return [addBiasForward(y, foldedBias!)];
  },
  gradient: ([upstream], { inputs }, settings) => {
    const dy = upstream as tf.Tensor4D;
    const x = inputs.x as tf.Tensor4D;
    const filter = inputs.filter as tf.Tensor4D;
    const { scale, mean, variance } = inputs;
    const foldedFilterGradient = () => convolutionFilterGradient(dy, x, filter.shape, settings);
    return {
      x: () => convolutionInputGradient(dy, inputs.foldedFilter as tf.Tensor4D, x.shape, settings),
      filter: () => tf.mul(foldedFilterGradient(), gain(scale!, variance!, settings.epsilon)),
      scale: () => {
        // d/d scale of scale (conv(x, filter) - mean) / sqrt(variance + epsilon)
        const inverseDeviation = tf.rsqrt(tf.add(variance!, settings.epsilon));
        const convolved = tf.sum(tf.mul(foldedFilterGradient(), filter), [0, 1, 2]);
        return tf.mul(tf.sub(convolved, tf.mul(mean!, biasGradient(dy))), inverseDeviation);
      },
      offset: () => biasGradient(dy),
    };
  },
});

/** A folded filter and bias, and the tensors they were made from. */
interface Fold {
  readonly madeFrom: readonly object[];
  readonly filter: tf.Tensor4D;
  readonly bias: tf.Tensor1D;
}

/** Convolution and eval-mode batch norm as one affine map. */
export interface FoldedConvolution {
  /** [n, h, w, c] -> [n, h', w', outputs]; differentiable in x, filter, scale and offset. */
  apply(x: tf.Tensor4D): tf.Tensor4D;
  dispose(): void;
}

/**
 * Folds eval-mode batch norm into the convolution before it: with g = scale / sqrt(variance + eps),
 * filter' = filter g and bias' = offset - mean g. The fold is made once for each state of the five
 * variables: an assignment to any of them is noticed at the next call.
 *
 * @param layer The variables and the geometry.
 * @returns An object that owns the folded tensors; dispose it with the model.
 */
export function foldedConvolution(layer: ConvolutionAndBatchNorm): FoldedConvolution {
  const { filter, scale, offset, mean, variance, stride, padding, epsilon } = layer;
  const variables = [filter, scale, offset, mean, variance];
  let fold: Fold | undefined;
  const release = () => {
    fold?.filter.dispose();
    fold?.bias.dispose();
    fold = undefined;
  };
  const current = (): Fold => {
    if (fold && variables.every((variable, k) => variable.dataId === fold!.madeFrom[k])) {
      return fold;
    }
    release();
    // The fold itself is not part of any gradient: the operation above knows the chain rule.
    const [foldedFilter, foldedBias] = withoutTape(() => {
      const factor = gain(scale, variance, epsilon);
      return [tf.mul(filter, factor), tf.sub(offset, tf.mul(mean, factor))];
    });
    fold = {
      madeFrom: variables.map((variable) => variable.dataId),
      filter: foldedFilter as tf.Tensor4D,
      bias: foldedBias as tf.Tensor1D,
    };
    return fold;
  };
  return {
    apply(x) {
      const { filter: foldedFilter, bias: foldedBias } = current();
      return operation({ x, foldedFilter, foldedBias, filter, scale, offset, mean, variance }, {
        stride,
        padding,
        epsilon,
      })[0] as tf.Tensor4D;
    },
    dispose: release,
  };
}

/** Runs kernels unrecorded, in a tidy whose results outlive every enclosing tidy. */
function withoutTape(compute: () => tf.Tensor[]): tf.Tensor[] {
  const engine = tf.engine() as unknown as {
    scopedRun<T>(start: () => void, end: () => void, run: () => T): T;
    state: { kernelDepth: number };
  };
  return engine.scopedRun(
    () => engine.state.kernelDepth++,
    () => engine.state.kernelDepth--,
    () => tf.tidy(() => compute().map((tensor) => tf.keep(tensor))),
  );
}
