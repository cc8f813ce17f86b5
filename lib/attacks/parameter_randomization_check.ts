import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { generator } from "../random/generator.ts";
import { requireLabelled } from "./_requirements.ts";
import { integratedGradients, type IntegratedGradientsOptions } from "./integrated_gradients.ts";

/** Options of {@linkcode parameterRandomizationCheck}. */
export interface ParameterRandomizationOptions extends IntegratedGradientsOptions {
  /** Of the shuffles. Default 0. */
  readonly seed?: number | undefined;
}

const optionNames: OptionNames<ParameterRandomizationOptions> = {
  steps: true,
  baseline: true,
  seed: true,
};

/** One stage of {@linkcode parameterRandomizationCheck}. */
export interface RandomizedStage {
  /** First part of the names of the parameters that were shuffled last, e.g. "layer4". */
  readonly upTo: string;
  /**
   * Mean over images of Spearman's rank correlation between the absolute attributions of the trained and
   * of the randomized network, in [-1, 1].
   */
  readonly correlation: number;
}

/** Ranks with ties at their mean. */
function ranks(values: Float32Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const found = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) found[order[k]!] = (start + end - 1) / 2;
    start = end;
  }
  return found;
}

/** Spearman's rank correlation; 0 where one side does not vary. */
function rankCorrelation(first: Float32Array, second: Float32Array): number {
  const [a, b] = [ranks(first), ranks(second)];
  const middle = (first.length - 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    const [p, q] = [a[k]! - middle, b[k]! - middle];
    ab += p * q;
    aa += p * p;
    bb += q * q;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

/** The parameters by the first part of their names, the last layer first. */
function stagesOf({ parameters }: Classifier): [string, tf.Variable[]][] {
  const stages = Map.groupBy(parameters, ([name]) => name.split(".")[0]!);
  return [...stages].map(([stage, list]): [string, tf.Variable[]] => [
    stage,
    list.map(([, variable]) => variable),
  ]).reverse();
}

function shuffle(variables: readonly tf.Variable[], seed: number, stage: number): void {
  for (const [k, variable] of variables.entries()) {
    const values = generator(seed, stage, k).shuffle(Float32Array.from(variable.dataSync()));
    const shuffled = tf.tensor(values, variable.shape);
    variable.assign(shuffled);
    shuffled.dispose();
  }
}

/**
 * The model-parameter randomization test (Adebayo et al. 2018) of integrated gradients: the network's
 * parameters are shuffled within each tensor, from the last layer downwards, and after each stage the
 * attributions are compared with those of the trained network. An explanation of what was learned changes;
 * one that stays alike explains the image or the architecture instead.
 *
 * @param model Any classifier with gradients; its parameters are put back, also after an error.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 classes whose logits are explained.
 * @returns One stage for each first part of the parameters' names, the last layer first.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If the model has no parameters, or an option, a pixel or a class is out of range.
 * @throws {NotFiniteError} If a logit or a gradient on the way is not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { resnet18 } from "../nn/resnet18.ts";
 * import { tf } from "../backend/tf.ts";
 * const model = resnet18({ imageSize: 8, stem: "cifar" });
 * const x = tf.randomUniform<tf.Rank.R4>([1, 8, 8, 3], 0, 1, "float32", 1);
 * const stages = parameterRandomizationCheck(model, x, tf.tensor1d([3], "int32"), { steps: 2 });
 * assertEquals(stages.map(({ upTo }) => upTo)[0], "fc");
 * model.dispose();
 * ```
 */
export function parameterRandomizationCheck(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: ParameterRandomizationOptions = {},
): RandomizedStage[] {
  requireKnownOptions("parameterRandomizationCheck", options, optionNames);
  const { seed = 0, ...integration } = options;
  requireInteger("seed", seed);
  requireLabelled(model, x, y);
  requireInteger("model.parameters.size", model.parameters.size, { min: 1 });
  const size = x.size / x.shape[0];
  const attributions = () => {
    const found = tf.tidy(() => tf.abs(integratedGradients(model, x, y, integration)));
    const values = found.dataSync() as Float32Array;
    found.dispose();
    return values;
  };
  const trained = attributions();
  const kept = [...model.parameters.values()].map((variable) =>
    [variable, tf.clone(variable)] as const
  );
  try {
    return stagesOf(model).map(([upTo, variables], stage) => {
      shuffle(variables, seed, stage);
      const randomized = attributions();
      const each = Array.from({ length: x.shape[0] }, (_, image) => {
        const part = [image * size, (image + 1) * size] as const;
        return rankCorrelation(trained.subarray(...part), randomized.subarray(...part));
      });
      return { upTo, correlation: each.reduce((sum, one) => sum + one, 0) / each.length };
    });
  } finally {
    for (const [variable, values] of kept) {
      variable.assign(values);
      values.dispose();
    }
  }
}
