import fc from "fast-check";
import { tf } from "../../lib/backend/tf.ts";
import { crossEntropy } from "../../lib/losses/cross_entropy.ts";
import { labelSmoothingCrossEntropy } from "../../lib/losses/label_smoothing.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { assertVectors, readLossGoldens } from "./_golden.ts";

const ints = (values: readonly number[]) => tf.tensor1d([...values], "int32");
const goldens = await readLossGoldens();

Deno.test("cross entropy and its gradient equal PyTorch's", () => {
  for (const { classes, logits, labels, plain } of goldens.crossEntropy) {
    const z = tf.tensor2d([...logits], [labels.length, classes]);
    const losses = crossEntropy(z, ints(labels), { reduction: "none" });
    assertVectors(losses.dataSync(), plain.losses, 1e-6);
    const gradient = tf.grad((q: tf.Tensor) => crossEntropy(q as tf.Tensor2D, ints(labels)))(z);
    assertVectors(gradient.dataSync(), plain.gradient, 1e-6);
  }
});

Deno.test("label smoothing with the uniform spread and its gradient equal PyTorch's", () => {
  for (const { classes, logits, labels, ...golden } of goldens.crossEntropy) {
    const z = tf.tensor2d([...logits], [labels.length, classes]);
    for (const [expected, smoothing] of [[golden.uniform, 0.1], [golden.uniform3, 0.3]] as const) {
      const options = { smoothing, spread: "uniform" } as const;
      const losses = labelSmoothingCrossEntropy(z, ints(labels), { ...options, reduction: "none" });
      assertVectors(losses.dataSync(), expected.losses, 1e-6);
      const gradient = tf.grad((q: tf.Tensor) =>
        labelSmoothingCrossEntropy(q as tf.Tensor2D, ints(labels), options)
      )(z);
      assertVectors(gradient.dataSync(), expected.gradient, 1e-6);
    }
  }
});

Deno.test("smoothing among the others puts 1 - e on the label and e / (K - 1) on each other", () => {
  // Uniform logits over 4 classes cost log 4 whatever the target; moving one logit shows its weight.
  const z = tf.tensor2d([[0, 0, 0, 0]]);
  const gradient = tf.grad((q: tf.Tensor) =>
    labelSmoothingCrossEntropy(q as tf.Tensor2D, ints([2]), { smoothing: 0.3 })
  )(z).dataSync();
  assertVectors(gradient, [0.25 - 0.1, 0.25 - 0.1, 0.25 - 0.7, 0.25 - 0.1], 1e-6);
});

Deno.test("the others spread with e is the uniform spread with e K / (K - 1)", () => {
  const logitsOf = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), {
    minLength: 5,
    maxLength: 5,
  });
  fc.assert(
    fc.property(
      logitsOf,
      fc.nat(4),
      fc.double({ min: 0, max: 0.7, noNaN: true }),
      (row, label, e) => {
        tf.tidy(() => {
          const z = tf.tensor2d([row]);
          const others = labelSmoothingCrossEntropy(z, ints([label]), { smoothing: e });
          const uniform = labelSmoothingCrossEntropy(z, ints([label]), {
            smoothing: e * 5 / 4,
            spread: "uniform",
          });
          assertAlmostEquals(others.dataSync()[0]!, uniform.dataSync()[0]!, 1e-4);
        });
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("no smoothing is plain cross entropy", () => {
  const z = tf.tensor2d([[1, -2, 0.5], [3, 3, -1]]);
  const plain = crossEntropy(z, ints([0, 2])).dataSync()[0]!;
  for (const spread of ["others", "uniform"] as const) {
    const smoothed = labelSmoothingCrossEntropy(z, ints([0, 2]), { smoothing: 0, spread });
    assertAlmostEquals(smoothed.dataSync()[0]!, plain, 1e-6);
  }
});

Deno.test("reductions: the sum is n times the mean, none keeps the samples", () => {
  const z = tf.tensor2d([[0, 0], [0, Math.log(3)], [Math.log(3), 0]]);
  const labels = ints([0, 1, 1]);
  const expected = [Math.log(2), Math.log(4 / 3), Math.log(4)];
  const total = expected.reduce((sum, loss) => sum + loss);
  assertVectors(crossEntropy(z, labels, { reduction: "none" }).dataSync(), expected, 1e-6);
  assertAlmostEquals(crossEntropy(z, labels, { reduction: "sum" }).dataSync()[0]!, total, 1e-6);
  const mean = crossEntropy(z, labels);
  assertEquals(mean.shape, []);
  assertAlmostEquals(mean.dataSync()[0]!, total / 3, 1e-6);
});

Deno.test("losses and gradients are finite for any finite logits", () => {
  const extremes = [0, 1, -1, 1e4, -1e4, 1e30, -1e30, 3.4e38, -3.4e38];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...extremes), { minLength: 6, maxLength: 6 }),
      fc.nat(2),
      (values, label) => {
        const labels = ints([label, 2 - label]);
        const z = tf.tensor2d(values, [2, 3]);
        for (const loss of [crossEntropy, labelSmoothingCrossEntropy]) {
          const { value, grad } = tf.valueAndGrad((q: tf.Tensor) => loss(q as tf.Tensor2D, labels))(
            z,
          );
          assert(Number.isFinite(value.dataSync()[0]), `loss ${value.dataSync()} of ${values}`);
          assert(
            grad.dataSync().every(Number.isFinite),
            `gradient ${grad.dataSync()} of ${values}`,
          );
        }
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("logits that are NaN or infinite give a NaN loss, never a finite one", () => {
  for (const broken of [NaN, Infinity, -Infinity]) {
    const z = tf.tensor2d([[0, broken, 1]]);
    for (const label of [0, 1]) assert(Number.isNaN(crossEntropy(z, ints([label])).dataSync()[0]));
  }
});

Deno.test("labels that no logit stands for are refused by name and value", () => {
  const z = tf.zeros([2, 3]) as tf.Tensor2D;
  for (const loss of [crossEntropy, labelSmoothingCrossEntropy]) {
    assertThrows(() => loss(z, ints([0, 3])), RangeError, "labels[1] to be an integer in [0, 2]");
    assertThrows(() => loss(z, ints([-1, 0])), RangeError, "labels[0]");
    assertThrows(() => loss(z, ints([0])), RangeError, "2 samples");
    assertThrows(() => loss(z, tf.tensor1d([0, 1]) as tf.Tensor1D), TypeError, "int32");
    assertThrows(() => loss(tf.zeros([2, 3], "int32"), ints([0, 1])), TypeError, "logits");
  }
});

Deno.test("options out of range are refused", () => {
  const z = tf.zeros([1, 3]) as tf.Tensor2D;
  const labels = ints([0]);
  const unknown = "max" as "mean";
  assertThrows(() => crossEntropy(z, labels, { reduction: unknown }), RangeError, "reduction");
  for (const smoothing of [-0.1, 1, NaN]) {
    assertThrows(
      () => labelSmoothingCrossEntropy(z, labels, { smoothing }),
      RangeError,
      "smoothing",
    );
  }
  const spread = "all" as "others";
  assertThrows(() => labelSmoothingCrossEntropy(z, labels, { spread }), RangeError, "spread");
  const single = tf.zeros([1, 1]) as tf.Tensor2D;
  assertThrows(() => labelSmoothingCrossEntropy(single, labels), RangeError, "classes");
});

Deno.test("a loss leaves no tensor behind but its result", () => {
  const z = tf.zeros([4, 3]) as tf.Tensor2D;
  const labels = ints([0, 1, 2, 0]);
  crossEntropy(z, labels).dispose();
  const before = tf.memory().numTensors;
  for (let k = 0; k < 5; k++) {
    crossEntropy(z, labels).dispose();
    labelSmoothingCrossEntropy(z, labels, { reduction: "none" }).dispose();
  }
  assertEquals(tf.memory().numTensors, before);
});
