import { tf } from "../../lib/backend/tf.ts";
import { assert } from "../../lib/assert/mod.ts";

type Inputs = Record<string, tf.Tensor>;

/** sum(f(inputs) * weights) with fixed pseudo-random weights, so that every output counts. */
function weighted(f: (inputs: Inputs) => tf.Tensor, inputs: Inputs): tf.Scalar {
  return tf.tidy(() => {
    const y = f(inputs);
    const weights = tf.reshape(tf.sin(tf.range(1, y.size + 1)), y.shape);
    return tf.sum(tf.mul(y, weights)) as tf.Scalar;
  });
}

/** Gradients of `weighted` by the tape. */
export function tapeGradients(f: (inputs: Inputs) => tf.Tensor, inputs: Inputs): Inputs {
  const names = Object.keys(inputs);
  const gradient = tf.grads((...values: tf.Tensor[]) =>
    weighted(f, Object.fromEntries(names.map((name, k) => [name, values[k]!])))
  );
  const values = gradient(names.map((name) => inputs[name]!));
  return Object.fromEntries(names.map((name, k) => [name, values[k]!]));
}

/** Central differences of `weighted` at a few positions of each input agree with the tape. */
export function assertNumericalGradient(
  f: (inputs: Inputs) => tf.Tensor,
  inputs: Inputs,
  { step = 1e-2, tolerance = 2e-2, positions = 6 } = {},
): void {
  const gradients = tapeGradients(f, inputs);
  for (const [name, input] of Object.entries(inputs)) {
    const values = input.dataSync() as Float32Array;
    const tape = gradients[name]!.dataSync();
    const scale = Math.max(1, ...tape.map(Math.abs));
    for (let k = 0; k < positions; k++) {
      const at = Math.floor((k * 0.618034 % 1) * values.length);
      const shifted = (by: number) => {
        const moved = Float32Array.from(values);
        moved[at]! += by;
        return weighted(f, { ...inputs, [name]: tf.tensor(moved, input.shape) }).dataSync()[0]!;
      };
      const numerical = (shifted(step) - shifted(-step)) / (2 * step);
      assert(
        Math.abs(numerical - tape[at]!) <= tolerance * scale,
        `d/d${name}[${at}]: numerical ${numerical}, tape ${tape[at]}`,
      );
    }
  }
}

/** The largest absolute difference of two tensors, relative to the larger magnitude (at least 1). */
export function relativeDifference(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => {
    const scale = Math.max(1, tf.max(tf.abs(b)).dataSync()[0]!);
    return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]! / scale;
  });
}

/** Values and all gradients of two functions agree. */
export function assertSameFunction(
  f: (inputs: Inputs) => tf.Tensor,
  reference: (inputs: Inputs) => tf.Tensor,
  inputs: Inputs,
  tolerance = 1e-5,
): void {
  const difference = relativeDifference(f(inputs), reference(inputs));
  assert(difference <= tolerance, `values differ by ${difference}`);
  const [own, expected] = [tapeGradients(f, inputs), tapeGradients(reference, inputs)];
  for (const name of Object.keys(inputs)) {
    const gap = relativeDifference(own[name]!, expected[name]!);
    assert(gap <= tolerance, `gradients of ${name} differ by ${gap}`);
  }
}
