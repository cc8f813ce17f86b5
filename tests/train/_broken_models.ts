/** Classifiers that stop computing numbers at one chosen place, whatever the CPU's kernels do. */
import { relu } from "../../lib/backend/relu.ts";
import { tf } from "../../lib/backend/tf.ts";
import type { Classifier, ForwardOptions, ForwardResult } from "../../lib/nn/classifier.ts";
import { tinyClassifier } from "./tiny_classifier.ts";

/** Sees each pass before and after; `step` counts the passes in training mode, from 1. */
interface Hooks {
  readonly before?: (model: Classifier, step: number, training: boolean) => void;
  readonly after?: (result: ForwardResult, step: number, training: boolean) => ForwardResult;
}

function hooked({ before, after }: Hooks): Classifier {
  const model = tinyClassifier(1);
  let step = 0;
  return {
    ...model,
    forward(x: tf.Tensor4D, options?: ForwardOptions) {
      const training = options?.training ?? false;
      if (training) step++;
      before?.(model, step, training);
      const result = model.forward(x, options);
      return after?.(result, step, training) ?? result;
    },
  };
}

function set(model: Classifier, name: string, value: number): void {
  const variable = (model.parameters.get(name) ?? model.buffers.get(name))!;
  tf.tidy(() => variable.assign(tf.fill(variable.shape, value)));
}

/** A weight or a running statistic takes a value once `steps` training passes are over. */
export function settingAfter(steps: number, name: string, value: number): Classifier {
  let done = false;
  return hooked({
    before(model, step, training) {
      if (done || !(step > steps || (step === steps && !training))) return;
      done = true;
      set(model, name, value);
    },
  });
}

const scaled = (factor: number) =>
  tf.customGrad((value) => ({
    value: (value as tf.Tensor).clone(),
    gradFunc: (dy) => tf.mul(dy as tf.Tensor, factor),
  }));

/** The loss stays finite, but the gradients are multiplied by a factor; in one mode or in both. */
export function scalingGradients(factor: number, mode?: "training" | "eval"): Classifier {
  const operation = scaled(factor);
  return hooked({
    after: ({ logits, features }, _step, training) =>
      mode !== undefined && training !== (mode === "training")
        ? { logits, features }
        : { logits: operation(logits) as tf.Tensor2D, features },
  });
}

/** Logits of one value in one mode. */
export function answering(value: number, mode: "training" | "eval"): Classifier {
  return hooked({
    after: ({ logits, features }, _step, training) =>
      training === (mode === "training")
        ? { logits: tf.add<tf.Tensor2D>(logits, value), features }
        : { logits, features },
  });
}

/** Features that are NaN beside logits that are finite. */
export function withBrokenFeatures(): Classifier {
  return hooked({
    after: ({ logits, features }) => ({ logits, features: tf.mul<tf.Tensor2D>(features, NaN) }),
  });
}

/** Throws an error of its own in the training pass number `step`. */
export function throwing(step: number, error: Error): Classifier {
  return hooked({
    before(_model, now, training) {
      if (training && now === step) throw error;
    },
  });
}

/**
 * From training pass `step` on, the hidden bias is NaN and nothing shows it, as if a kernel dropped
 * what it is added to: outputs, loss and gradients stay finite.
 */
export function swallowingNaN(step: number): Classifier {
  const model = tinyClassifier(1);
  let now = 0;
  return {
    ...model,
    forward(x, options) {
      if (options?.training && ++now === step) set(model, "hidden.bias", NaN);
      return tf.tidy(() => {
        const pooled = tf.reshape(tf.avgPool(x, 8, 8, "valid"), [x.shape[0], 48]);
        const hidden = tf.matMul(pooled, model.parameters.get("hidden.weight")! as tf.Tensor2D);
        const features = relu(hidden);
        const scores = tf.matMul(features, model.parameters.get("fc.weight")! as tf.Tensor2D);
        return { features, logits: tf.add(scores, model.parameters.get("fc.bias")!) };
      }) as ForwardResult;
    },
  };
}
