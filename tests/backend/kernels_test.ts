import { tf } from "../../lib/backend/tf.ts";
import { batchNormTraining } from "../../lib/backend/batch_norm.ts";
import { addBias, convolution, convolutionFilterGradient } from "../../lib/backend/convolution.ts";
import { maxPool3x3Stride2 } from "../../lib/backend/max_pool.ts";
import { randomNormal, randomUniform } from "../../lib/backend/random.ts";
import { relu } from "../../lib/backend/relu.ts";
import { softmaxCrossEntropy } from "../../lib/backend/softmax_cross_entropy.ts";
import { assert, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import {
  assertNumericalGradient,
  assertSameFunction,
  relativeDifference,
  tapeGradients,
} from "./numerical_gradient.ts";

const normal4 = (shape: [number, number, number, number], seed: number) =>
  randomNormal(shape, seed) as tf.Tensor4D;

/**
 * Convolution with tfjs's own operations: pad, then "valid". A 1 x 1 filter gets only the pixels that
 * it sees: with a stride, oneDNN's filter gradient is wrong for few channels on AVX2.
 */
function plainConvolution(x: tf.Tensor, filter: tf.Tensor, stride: number, padding: number) {
  const pads: [number, number] = [padding, padding];
  const padded = tf.pad(x, [[0, 0], pads, pads, [0, 0]]) as tf.Tensor4D;
  if (filter.shape[0] === 1) {
    const seen = tf.range(0, padded.shape[1], stride, "int32");
    const thinned = tf.gather(tf.gather(padded, seen, 1), seen, 2);
    return tf.conv2d(thinned, filter as tf.Tensor4D, 1, "valid");
  }
  return tf.conv2d(padded, filter as tf.Tensor4D, stride, "valid");
}

/** Every convolution of the two ResNet-18 stems, with fewer channels. */
const CONVOLUTIONS = [
  { size: 32, channels: 3, outputs: 4, kernel: 7, stride: 2, padding: 3 },
  { size: 32, channels: 3, outputs: 4, kernel: 3, stride: 1, padding: 1 },
  { size: 8, channels: 3, outputs: 4, kernel: 3, stride: 1, padding: 1 },
  { size: 8, channels: 3, outputs: 4, kernel: 3, stride: 2, padding: 1 },
  { size: 8, channels: 3, outputs: 4, kernel: 1, stride: 2, padding: 0 },
  { size: 4, channels: 3, outputs: 4, kernel: 3, stride: 2, padding: 1 },
  { size: 2, channels: 3, outputs: 4, kernel: 3, stride: 1, padding: 1 },
  { size: 2, channels: 3, outputs: 4, kernel: 3, stride: 2, padding: 1 },
  { size: 2, channels: 3, outputs: 4, kernel: 1, stride: 2, padding: 0 },
  { size: 1, channels: 3, outputs: 4, kernel: 3, stride: 1, padding: 1 },
  { size: 6, channels: 2, outputs: 3, kernel: 7, stride: 2, padding: 3 },
];

for (const { size, channels, outputs, kernel, stride, padding } of CONVOLUTIONS) {
  const label = `${kernel}x${kernel}/${stride} on ${size}x${size}`;
  const own = ({ x, filter }: Record<string, tf.Tensor>) =>
    convolution(x as tf.Tensor4D, filter as tf.Tensor4D, { stride, padding });
  const inputs = () => ({
    x: normal4([3, size, size, channels], 1),
    filter: normal4([kernel, kernel, channels, outputs], 2),
  });
  Deno.test(`convolution ${label} equals the plain composition`, () => {
    assertSameFunction(
      own,
      ({ x, filter }) => plainConvolution(x!, filter!, stride, padding),
      inputs(),
      1e-4,
    );
  });
  Deno.test(`convolution ${label} has the numerical gradient`, () => {
    assertNumericalGradient(own, inputs());
  });
}

Deno.test("the filter gradient of strided 1 x 1 filters is right for few channels and many", () => {
  for (const channels of [1, 5, 7, 8, 9, 12, 15, 16, 17, 33, 64]) {
    for (const [size, outputs] of [[8, 4], [8, 10], [16, 16]] as const) {
      const x = normal4([3, size, size, channels], 1);
      const dy = normal4([3, size / 2, size / 2, outputs], 2);
      const gradient = convolutionFilterGradient(dy, x, [1, 1, channels, outputs], {
        stride: 2,
        padding: 0,
      });
      // The sum over all places that the filter meets, as one matrix product.
      const seen = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, 2, 2, 1]);
      const expected = tf.matMul(
        tf.reshape(seen, [-1, channels]),
        tf.reshape(dy, [-1, outputs]),
        true,
      );
      const difference = relativeDifference(tf.reshape(gradient, expected.shape), expected);
      assert(difference < 1e-4, `${channels} channels, ${outputs} outputs: ${difference}`);
    }
  }
});

Deno.test("relu equals tf.relu, with derivative 0 at 0", () => {
  const x = tf.tensor1d([-2, -0.5, 0, 0.5, 3]);
  assertSameFunction(({ x }) => relu(x!), ({ x }) => tf.relu(x!), { x });
  assertEquals(tf.grad(relu)(tf.tensor1d([0])).dataSync()[0], 0);
  assertNumericalGradient(({ x }) => relu(x!), { x: tf.tensor1d([-2, -0.5, 0.5, 3]) });
});

Deno.test("batch norm equals its plain composition", () => {
  const inputs = {
    x: tf.add(tf.mul(normal4([4, 3, 3, 5], 1), 2), 1),
    scale: randomUniform([5], 2),
    offset: randomNormal([5], 3),
  };
  const [mean, variance] = [tf.zeros([5]), tf.ones([5])];
  assertSameFunction(
    ({ x, scale, offset }) =>
      batchNormTraining(x as tf.Tensor4D, { scale: scale!, offset: offset!, mean, variance }).y,
    ({ x, scale, offset }) => {
      const moments = tf.moments(x!, [0, 1, 2]);
      const centered = tf.sub(x!, moments.mean);
      return tf.add(
        tf.mul(tf.mul(centered, tf.rsqrt(tf.add(moments.variance, 1e-5))), scale!),
        offset!,
      );
    },
    inputs,
    1e-4,
  );
});

Deno.test("batch norm has the numerical gradient", () => {
  const [mean, variance] = [tf.zeros([2]), tf.ones([2])];
  assertNumericalGradient(
    ({ x, scale, offset }) =>
      batchNormTraining(x as tf.Tensor4D, { scale: scale!, offset: offset!, mean, variance }).y,
    { x: normal4([3, 2, 2, 2], 4), scale: tf.tensor1d([0.5, 2]), offset: tf.tensor1d([0, 1]) },
  );
});

Deno.test("batch norm's running statistics take the unbiased variance", () => {
  const x = tf.tensor4d([1, 2, 3, 6], [4, 1, 1, 1]);
  const state = {
    scale: tf.ones([1]),
    offset: tf.zeros([1]),
    mean: tf.tensor1d([10]),
    variance: tf.tensor1d([20]),
  };
  const { mean, variance } = batchNormTraining(x, state, { momentum: 0.1 });
  // mean 3, unbiased variance (4 + 1 + 0 + 9) / 3
  assert(Math.abs(mean.dataSync()[0]! - (0.9 * 10 + 0.1 * 3)) < 1e-5);
  assert(Math.abs(variance.dataSync()[0]! - (0.9 * 20 + 0.1 * 14 / 3)) < 1e-5);
  assertEquals(state.mean.dataSync()[0], 10);
});

Deno.test("batch norm in training refuses a single value per channel", () => {
  const one = tf.ones([1]);
  const state = { scale: one, offset: one, mean: one, variance: one };
  assertThrows(() => batchNormTraining(tf.ones([1, 1, 1, 1]), state), RangeError, "batch norm");
});

Deno.test("softmax cross entropy equals its plain composition", () => {
  const targets = tf.softmax(randomNormal([6, 4], 7)) as tf.Tensor2D;
  const logits = randomNormal([6, 4], 8);
  const own = ({ logits }: Record<string, tf.Tensor>) =>
    softmaxCrossEntropy(logits as tf.Tensor2D, targets);
  const plain = ({ logits }: Record<string, tf.Tensor>) =>
    tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits as tf.Tensor2D)), 1));
  assertSameFunction(own, plain, { logits });
  assertNumericalGradient(own, { logits });
});

Deno.test("softmax cross entropy is finite for huge logits", () => {
  const logits = tf.tensor2d([[3e38, -3e38], [3e38, -3e38]]);
  const loss = softmaxCrossEntropy(logits, tf.tensor2d([[1, 0], [0, 1]])).dataSync();
  assertEquals(loss[0], 0);
  assert(Number.isFinite(loss[1]) && loss[1]! > 1e30);
});

for (const [height, width] of [[8, 6], [7, 5], [8, 5], [1, 1], [1, 4], [3, 2]] as const) {
  Deno.test(`max pooling of ${height} x ${width} equals tfjs's on values without ties`, () => {
    const pool = ({ x }: Record<string, tf.Tensor>) => maxPool3x3Stride2(x as tf.Tensor4D);
    const x = normal4([2, height, width, 3], 9);
    assertSameFunction(
      pool,
      ({ x }) =>
        tf.maxPool(tf.pad(x as tf.Tensor4D, [[0, 0], [1, 1], [1, 1], [0, 0]], -1e9), 3, 2, "valid"),
      { x },
    );
  });
}

Deno.test("max pooling has the numerical gradient", () => {
  // Steps of 1 between values: a shift of 0.01 changes no maximum.
  const values = Float32Array.from({ length: 64 }, (_, k) => (k * 37) % 64);
  const x = tf.tensor4d(values, [1, 8, 8, 1]);
  assertNumericalGradient(({ x }) => maxPool3x3Stride2(x as tf.Tensor4D), { x }, { positions: 20 });
});

Deno.test("of equal maxima the first in row-major order gets the gradient", () => {
  const { x: gradient } = tapeGradients(
    ({ x }) => maxPool3x3Stride2(x as tf.Tensor4D),
    { x: tf.ones([1, 4, 4, 1]) },
  );
  // Windows start at (-1,-1), (-1,1), (1,-1), (1,1); their first pixels inside are (0,0), (0,1), (1,0), (1,1).
  const w = [1, 2, 3, 4].map(Math.sin);
  const expected = new Float32Array(16);
  [0, 1, 4, 5].forEach((at, k) => expected[at] = w[k]!);
  assert(relativeDifference(gradient!, tf.tensor4d(expected, [1, 4, 4, 1])) < 1e-6);
});

Deno.test("max pooling of odd sizes rounds up, as PyTorch's", () => {
  const y = maxPool3x3Stride2(tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]));
  assertEquals([y.shape, [...y.dataSync()]], [[1, 2, 2, 1], [5, 6, 8, 9]]);
});

Deno.test("addBias equals tf.add", () => {
  assertSameFunction(
    ({ x, bias }) => addBias(x!, bias as tf.Tensor1D),
    ({ x, bias }) => tf.add(x!, bias!),
    { x: normal4([2, 3, 3, 4], 1), bias: randomNormal([4], 2) },
  );
});

Deno.test("random tensors repeat with seed and keys, and have the right moments", () => {
  const a = randomNormal([20000], 3, 1);
  assertEquals(a.dataSync(), randomNormal([20000], 3, 1).dataSync());
  assert(relativeDifference(a, randomNormal([20000], 3, 2)) > 0.1);
  const { mean, variance } = tf.moments(a);
  assert(Math.abs(mean.dataSync()[0]!) < 0.03 && Math.abs(variance.dataSync()[0]! - 1) < 0.05);
  assert(Math.abs(tf.mean(randomUniform([20000], 3)).dataSync()[0]! - 0.5) < 0.01);
});

Deno.test("operations leave no tensors behind", () => {
  const x = normal4([2, 8, 8, 3], 1);
  const filter = normal4([3, 3, 3, 4], 2);
  const run = () =>
    tf.tidy(() => {
      tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
        tf.sum(maxPool3x3Stride2(relu(convolution(x as tf.Tensor4D, filter as tf.Tensor4D, {
          padding: 1,
        }))))
      )([x, filter]);
    });
  run();
  const before = tf.memory().numTensors;
  run();
  assertEquals(tf.memory().numTensors, before);
});
