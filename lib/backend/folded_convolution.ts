import { tf } from "./tf.ts";
import { type Kernels, kernelsInUse } from "./device.ts";
import { defineOperation } from "./_define_operation.ts";
import {
  addBiasForward,
  biasGradient,
  convolutionFilterGradient,
  convolutionForward,
  convolutionInputGradient,
  type PreparedFilter,
  prepareFilter,
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
  /** As {@linkcode ConvolutionOptions}. */
  readonly kernels?: Kernels;
}

interface Settings {
  readonly stride: number;
  readonly padding: number;
  readonly epsilon: number;
  readonly kernels: Kernels;
}

/** scale / sqrt(variance + epsilon), per output channel. */
function gain(scale: tf.Tensor, variance: tf.Tensor, epsilon: number): tf.Tensor1D {
  return tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon))) as tf.Tensor1D;
}

/** The prepared filter among an operation's tensors. */
function preparedOf(
  filter: tf.Tensor,
  forward: tf.Tensor,
  inputGradient: tf.Tensor,
): PreparedFilter {
  return { filter: filter as tf.Tensor4D, forward, inputGradient };
}

const operation = defineOperation<Settings>({
  forward: (inputs, settings) => {
    const { x, foldedFilter, forward, inputGradient, foldedBias } = inputs;
    const { filter, scale, mean, variance } = inputs;
    const prepared = preparedOf(foldedFilter!, forward!, inputGradient!);
    const y = convolutionForward(x as tf.Tensor4D, prepared, settings);
    return {
      outputs: [addBiasForward(y, foldedBias!)],
      saved: [x!, foldedFilter!, inputGradient!, filter!, scale!, mean!, variance!],
    };
  },
  gradient: ([upstream], saved, settings) => {
    const dy = upstream as tf.Tensor4D;
    const [images, foldedFilter, inputGradient, weights, scale, mean, variance] = saved;
    const [x, filter] = [images as tf.Tensor4D, weights as tf.Tensor4D];
    const prepared = preparedOf(foldedFilter!, foldedFilter!, inputGradient!);
    const foldedFilterGradient = () => convolutionFilterGradient(dy, x, filter.shape, settings);
    return {
      x: () => convolutionInputGradient(dy, prepared, x.shape, settings),
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

/** A folded filter and bias, and what they were made from. */
interface Fold {
  readonly madeFrom: readonly unknown[];
  readonly filter: PreparedFilter;
  readonly bias: tf.Tensor;
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
  const settings = { stride, padding, epsilon, kernels: layer.kernels ?? kernelsInUse() };
  const variables = [filter, scale, offset, mean, variance];
  let fold: Fold | undefined;
  const release = () => {
    if (fold) tf.dispose([...preparedTensors(fold.filter), fold.bias]);
    fold = undefined;
  };
  const current = (x: tf.Tensor4D): Fold => {
    const madeFrom = [...variables.map((variable) => variable.dataId), x.shape[1], x.shape[2]];
    if (fold && madeFrom.every((part, k) => part === fold!.madeFrom[k])) return fold;
    release();
    // The fold itself is not part of any gradient: the operation above knows the chain rule.
    return fold = {
      madeFrom,
      ...withoutTape(() => {
        const factor = gain(scale, variance, epsilon);
        const folded = tf.mul(filter, factor) as tf.Tensor4D;
        return {
          filter: prepareFilter(folded, x.shape, settings),
          bias: tf.sub(offset, tf.mul(mean, factor)),
        };
      }, ({ filter, bias }) => [...preparedTensors(filter), bias]),
    };
  };
  return {
    apply(x) {
      const { filter: { filter: foldedFilter, ...prepared }, bias: foldedBias } = current(x);
      const folded = { foldedFilter, ...prepared, foldedBias };
      const inputs = { x, ...folded, filter, scale, offset, mean, variance };
      return operation(inputs, settings)[0] as tf.Tensor4D;
    },
    dispose: release,
  };
}

/** Each tensor of a prepared filter once. */
function preparedTensors({ filter, forward, inputGradient }: PreparedFilter): tf.Tensor[] {
  return [...new Set<tf.Tensor>([filter, forward, inputGradient])];
}

/** Runs kernels unrecorded, in a tidy that the tensors of the result outlive, and every other. */
function withoutTape<T>(compute: () => T, tensorsOf: (result: T) => tf.Tensor[]): T {
  const engine = tf.engine() as unknown as {
    scopedRun<T>(start: () => void, end: () => void, run: () => T): T;
    state: { kernelDepth: number };
  };
  let result: T;
  engine.scopedRun(
    () => engine.state.kernelDepth++,
    () => engine.state.kernelDepth--,
    () =>
      tf.tidy(() => {
        result = compute();
        for (const tensor of tensorsOf(result)) tf.keep(tensor);
      }),
  );
  return result!;
}
