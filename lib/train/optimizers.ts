import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { isFiniteTensor } from "../backend/finite_probe.ts";
import { tf } from "../backend/tf.ts";
import { requireBoolean, requireNumber, requireOneOf, requireParts } from "../arguments/require.ts";
import type { StoredTensor } from "../nn/safetensors.ts";
import { requireNesterovMomentum } from "./_nesterov.ts";
import {
  createSlots,
  disposeSlot,
  packed,
  readBuffer,
  type Slot,
  takeAssignments,
  updateWeights,
} from "./_optimizer_slot.ts";

/** Adam's constants (Kingma and Ba 2015), PyTorch's defaults. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** The two optimizers of the lab. */
export type OptimizerName = "sgd" | "adam";

/** Settings of {@linkcode createOptimizer}. */
export interface OptimizerOptions {
  /** Which update rule is used. */
  readonly kind: OptimizerName;
  /** SGD's momentum. Default 0.9; Adam has none. */
  readonly momentum?: number;
  /** SGD's momentum in Nesterov's form, as PyTorch's; needs a momentum > 0. Default `false`. */
  readonly nesterov?: boolean;
  /** Coupled (L2) weight decay: g += weightDecay * w. Default 0. */
  readonly weightDecay?: number;
  /** `false`: parameters of one axis (biases, the vectors of batch norm) get no decay. Default `true`. */
  readonly decayBiasAndNorm?: boolean;
}

/** The optimizer that a training's settings name. Adam has no momentum, though settings always state one. */
export function optimizerOptions(
  { optimizer: kind, momentum, ...rest }:
    & { readonly optimizer: OptimizerName }
    & Required<
      Omit<OptimizerOptions, "kind">
    >,
): OptimizerOptions {
  const { nesterov, weightDecay, decayBiasAndNorm } = rest;
  const common = { kind, nesterov, weightDecay, decayBiasAndNorm };
  return kind === "sgd" ? { ...common, momentum } : common;
}

const optionNames: OptionNames<OptimizerOptions> = {
  kind: true,
  momentum: true,
  weightDecay: true,
  nesterov: true,
  decayBiasAndNorm: true,
};

/** Updates a model's variables from gradients. */
export interface Optimizer {
  /**
   * One update of every parameter that has a gradient. The gradients stay the caller's.
   *
   * @param gradients By parameter name.
   * @param learningRate Step size, > 0.
   */
  step(gradients: ReadonlyMap<string, tf.Tensor>, learningRate: number): void;
  /** A copy of the state: momentum buffers or Adam's moments and step count, by name. */
  state(): Map<string, StoredTensor>;
  /** The first parameter whose state holds NaN or infinity; undefined if all is finite. */
  notFinite(): string | undefined;
  /** Sets the state to one that {@linkcode Optimizer.state} gave. */
  restore(state: ReadonlyMap<string, StoredTensor>): void;
  /** Frees the buffers; the model's parameters stay. */
  dispose(): void;
}

/** How one optimizer uses its slots. */
interface Rule {
  readonly bufferNames: readonly string[];
  /** Prepares step number `step` (from 1). */
  prepare(learningRate: number, step: number): {
    /** Lets weight decay in and returns the gradient to apply. */
    decay(slot: Slot, weights: tf.Tensor, gradient: tf.Tensor): tf.Tensor;
    /** Updates the weights in place; nobody holds a reading of them. */
    apply(slot: Slot, gradient: tf.Tensor): void;
  };
}

/** g + weightDecay * w. */
function withDecay(weightDecay: number) {
  return ({ decays }: Slot, weights: tf.Tensor, gradient: tf.Tensor): tf.Tensor =>
    weightDecay === 0 || !decays ? gradient : tf.add(gradient, tf.mul(weights, weightDecay));
}

/** w -= lr (g + wd w). */
function plainRule(weightDecay: number): Rule {
  return {
    bufferNames: [],
    prepare(learningRate) {
      const rate = tf.scalar(learningRate);
      return {
        decay: withDecay(weightDecay),
        apply: ({ weights }, gradient) => weights.subtractScaled(rate, gradient),
      };
    },
  };
}

/**
 * v = m v + g + wd w; w -= lr v. Written as v = m (v + (wd / m) w) + g, the decay enters the velocity
 * in place, without a sum in memory.
 */
function momentumRule(momentum: number, weightDecay: number): Rule {
  return {
    bufferNames: ["momentum"],
    prepare(learningRate) {
      const [rate, factor] = [tf.scalar(learningRate), tf.scalar(momentum)];
      const negativeDecay = tf.scalar(-weightDecay / momentum);
      return {
        decay({ decays, buffers: [velocity] }, weights, gradient) {
          if (weightDecay !== 0 && decays) velocity!.subtractScaled(negativeDecay, weights);
          return gradient;
        },
        apply: ({ weights, buffers: [velocity] }, gradient) =>
          weights.applyMomentum(velocity!, rate, gradient, factor),
      };
    },
  };
}

/** g' = g + wd w; v = m v + g'; w -= lr (g' + m v): the step itself needs the decayed gradient. */
function nesterovRule(momentum: number, weightDecay: number): Rule {
  return {
    bufferNames: ["momentum"],
    prepare(learningRate) {
      const [rate, factor] = [tf.scalar(learningRate), tf.scalar(momentum)];
      return {
        decay: withDecay(weightDecay),
        apply: ({ weights, buffers: [velocity] }, gradient) =>
          weights.applyMomentum(velocity!, rate, gradient, factor, true),
      };
    },
  };
}

/**
 * TensorFlow's kernel adds epsilon to sqrt(v) before the bias correction of v, PyTorch after it: the
 * same step with epsilon sqrt(1 - beta2^t).
 */
function adamRule(weightDecay: number): Rule {
  return {
    bufferNames: ["first", "second"],
    prepare(learningRate, step) {
      const beta2Power = BETA2 ** step;
      const settings = {
        beta1Power: tf.scalar(BETA1 ** step),
        beta2Power: tf.scalar(beta2Power),
        rate: tf.scalar(learningRate),
        beta1: tf.scalar(BETA1),
        beta2: tf.scalar(BETA2),
        epsilon: tf.scalar(EPSILON * Math.sqrt(1 - beta2Power)),
      };
      return {
        decay: withDecay(weightDecay),
        apply: ({ weights, buffers: [first, second] }, gradient) =>
          weights.applyAdam({ first: first!, second: second! }, settings, gradient),
      };
    },
  };
}

function chooseRule(options: OptimizerOptions): Rule {
  const { kind, momentum = 0.9, weightDecay = 0, nesterov = false } = options;
  requireOneOf("kind", kind, ["sgd", "adam"]);
  if (kind === "adam" && options.momentum !== undefined) {
    throw new RangeError(
      `Expected momentum to be left out with kind "adam", which has none, but found ${momentum}`,
    );
  }
  requireBoolean("nesterov", nesterov);
  requireNumber("momentum", momentum, { min: 0, max: 1, exclusiveMax: true });
  requireNumber("weightDecay", weightDecay, { min: 0 });
  if (nesterov) requireNesterovMomentum(kind, momentum);
  if (kind === "adam") return adamRule(weightDecay);
  if (nesterov) return nesterovRule(momentum, weightDecay);
  return momentum === 0 ? plainRule(weightDecay) : momentumRule(momentum, weightDecay);
}

/** Whether each slot's parameters all have a gradient or none has. */
function areWhole(slots: readonly Slot[], has: (name: string) => boolean): boolean {
  return slots.every(({ parts }) => parts.every(({ name }) => has(name) === has(parts[0]!.name)));
}

/** One step on one slot. */
function updateSlot(
  slot: Slot,
  rule: ReturnType<Rule["prepare"]>,
  gradients: ReadonlyMap<string, tf.Tensor>,
): void {
  takeAssignments(slot);
  const weights = slot.weights.read();
  const gradient = packed(slot.parts.map(({ name }) => gradients.get(name)!));
  const effective = rule.decay(slot, weights, gradient);
  weights.dispose();
  updateWeights(slot, () => rule.apply(slot, effective));
}

function readState(slots: readonly Slot[], rule: Rule, step: number): Map<string, StoredTensor> {
  const state = new Map<string, StoredTensor>();
  state.set("step", { shape: [1], values: Float32Array.of(step) });
  for (const slot of slots) {
    rule.bufferNames.forEach((buffer, k) => {
      for (const [name, value] of readBuffer(slot, k)) {
        const values = value.dataSync() as Float32Array;
        state.set(`${buffer}.${name}`, { shape: value.shape, values });
        value.dispose();
      }
    });
  }
  return state;
}

/** The names of the parameters with a buffer that is not finite. */
function notFiniteNames(slots: readonly Slot[], rule: Rule): Set<string> {
  const names = new Set<string>();
  for (const slot of slots) {
    rule.bufferNames.forEach((_, k) => {
      for (const [name, value] of readBuffer(slot, k)) {
        if (!isFiniteTensor(value)) names.add(name);
        value.dispose();
      }
    });
  }
  return names;
}

/** Sets the buffers and returns the step count. */
function restoreState(
  slots: readonly Slot[],
  rule: Rule,
  state: ReadonlyMap<string, StoredTensor>,
): number {
  const entry = (name: string, shape: readonly number[]): Float32Array => {
    const stored = state.get(name);
    if (!stored || stored.shape.join() !== shape.join()) {
      throw new RangeError(
        `Expected the optimizer state to have ${name} of shape [${shape}] but found ${
          stored ? `shape [${stored.shape}]` : "none"
        }`,
      );
    }
    return stored.values;
  };
  const step = entry("step", [1])[0]!;
  for (const { parts, buffers } of slots) {
    rule.bufferNames.forEach((buffer, k) =>
      tf.tidy(() =>
        buffers[k]!.assign(
          packed(
            parts.map(({ name, variable: { shape } }) =>
              tf.tensor(entry(`${buffer}.${name}`, shape), [...shape], "float32")
            ),
          ),
        )
      )
    );
  }
  return step;
}

/**
 * Creates an optimizer whose updates equal PyTorch's `torch.optim.SGD` / `torch.optim.Adam` with
 * coupled weight decay. The weights live in TensorFlow's variable storage and are updated in place;
 * the model's variables always show the current value, and an assignment to one of them from outside
 * is honoured at the next step.
 *
 * @param parameters The variables to update, by name. Only these get updates and decay.
 * @returns An optimizer; dispose it when training ends.
 * @throws {RangeError} If momentum is outside [0, 1), weightDecay is negative, or nesterov is asked
 * for without sgd and its momentum.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const w = tf.variable(tf.tensor1d([1]));
 * const optimizer = createOptimizer(new Map([["w", w]]), { kind: "sgd", weightDecay: 0.5 });
 * optimizer.step(new Map([["w", tf.tensor1d([2])]]), 0.1);
 * assertAlmostEquals(w.dataSync()[0]!, 1 - 0.1 * (2 + 0.5 * 1), 1e-6);
 * optimizer.dispose();
 * ```
 */
export function createOptimizer(
  parameters: ReadonlyMap<string, tf.Variable>,
  options: OptimizerOptions,
): Optimizer {
  requireKnownOptions("createOptimizer", options, optionNames);
  requireParts("options", options, "an object with kind", ["kind"]);
  const rule = chooseRule(options);
  const { decayBiasAndNorm = true } = options;
  requireBoolean("decayBiasAndNorm", decayBiasAndNorm);
  const slotOptions = { buffers: rule.bufferNames.length, decaysVectors: decayBiasAndNorm };
  let slots = createSlots(parameters, slotOptions);
  let steps = 0;
  /** Makes slots anew in which all parameters have a gradient or none has; values and state stay. */
  const regroup = (hasGradient: (name: string) => boolean) => {
    const state = readState(slots, rule, steps);
    slots.forEach(disposeSlot);
    slots = createSlots(parameters, { ...slotOptions, hasGradient });
    restoreState(slots, rule, state);
  };
  return {
    step(gradients, learningRate) {
      requireNumber("learningRate", learningRate, { min: 0, exclusiveMin: true });
      for (const name of gradients.keys()) {
        if (!parameters.has(name)) {
          throw new RangeError(`Expected a parameter of this optimizer but found ${name}`);
        }
      }
      steps++;
      const has = (name: string) => gradients.has(name);
      if (!areWhole(slots, has)) regroup(has);
      tf.tidy(() => {
        const update = rule.prepare(learningRate, steps);
        for (const slot of slots) {
          if (has(slot.parts[0]!.name)) updateSlot(slot, update, gradients);
        }
      });
    },
    state: () => readState(slots, rule, steps),
    notFinite() {
      const names = notFiniteNames(slots, rule);
      return [...parameters.keys()].find((name) => names.has(name));
    },
    restore(state) {
      steps = restoreState(slots, rule, state);
    },
    dispose() {
      slots.forEach(disposeSlot);
      slots = [];
    },
  };
}
