import { tf } from "../../lib/backend/tf.ts";
import { foldedConvolution } from "../../lib/backend/folded_convolution.ts";
import { randomNormal, randomUniform } from "../../lib/backend/random.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { relativeDifference } from "./numerical_gradient.ts";

function layer(size: number, kernel: number, stride: number) {
  const channel = (seed: number) => tf.variable(tf.add(randomUniform([4], seed), 0.5));
  return {
    x: randomNormal([3, size, size, 3], 1) as tf.Tensor4D,
    filter: tf.variable(randomNormal([kernel, kernel, 3, 4], 2)),
    scale: channel(3),
    offset: channel(4),
    mean: channel(5),
    variance: channel(6),
    stride,
    padding: (kernel - 1) / 2,
    epsilon: 1e-5,
  };
}

function plain(x: tf.Tensor, l: ReturnType<typeof layer>): tf.Tensor {
  const pads: [number, number] = [l.padding, l.padding];
  const padded = tf.pad(x, [[0, 0], pads, pads, [0, 0]]) as tf.Tensor4D;
  const y = tf.conv2d(padded, l.filter as unknown as tf.Tensor4D, l.stride, "valid");
  return tf.batchNorm(
    y,
    l.mean as tf.Tensor1D,
    l.variance as tf.Tensor1D,
    l.offset as tf.Tensor1D,
    l.scale as tf.Tensor1D,
    l.epsilon,
  );
}

for (
  const [size, kernel, stride] of [[8, 3, 1], [8, 7, 2], [2, 3, 1], [1, 3, 1], [4, 1, 2]] as const
) {
  Deno.test(`folded ${kernel}x${kernel}/${stride} on ${size}x${size} equals convolution and batch norm`, () => {
    const l = layer(size, kernel, stride);
    const folded = foldedConvolution(l);
    assert(relativeDifference(folded.apply(l.x), plain(l.x, l)) < 1e-5);
    const wanted = [l.filter, l.scale, l.offset];
    const loss = (f: (x: tf.Tensor4D) => tf.Tensor) => () => tf.sum(tf.sin(f(l.x))) as tf.Scalar;
    const own = tf.variableGrads(loss((x) => folded.apply(x)), wanted).grads;
    const expected = tf.variableGrads(loss((x) => plain(x, l)), wanted).grads;
    for (const name of Object.keys(expected)) {
      assert(relativeDifference(own[name]!, expected[name]!) < 1e-4);
    }
    const inputGradient = (f: (x: tf.Tensor4D) => tf.Tensor) =>
      tf.grad((x: tf.Tensor) => tf.sum(tf.sin(f(x as tf.Tensor4D))))(l.x);
    const gap = relativeDifference(
      inputGradient((x) => folded.apply(x)),
      inputGradient((x) => plain(x, l)),
    );
    assert(gap < 1e-4, `input gradients differ by ${gap}`);
    folded.dispose();
  });
}

Deno.test("a fold notices an assignment to any of its variables, and other map sizes", () => {
  const l = layer(2, 3, 1);
  const folded = foldedConvolution(l);
  folded.apply(l.x);
  for (const name of ["filter", "scale", "offset", "mean", "variance"] as const) {
    l[name].assign(tf.add(l[name], 0.25));
    assert(relativeDifference(folded.apply(l.x), plain(l.x, l)) < 1e-5, name);
  }
  const larger = randomNormal([2, 6, 6, 3], 9) as tf.Tensor4D;
  assert(relativeDifference(folded.apply(larger), plain(larger, l)) < 1e-5);
});

Deno.test("a fold made inside a tidy survives it, and is freed by dispose", () => {
  const l = layer(2, 3, 1);
  const folded = foldedConvolution(l);
  const before = tf.memory().numTensors;
  tf.tidy(() => void folded.apply(l.x));
  tf.tidy(() => void folded.apply(l.x));
  folded.dispose();
  assertEquals(tf.memory().numTensors, before);
});
