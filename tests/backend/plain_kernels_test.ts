/** The forms of the operations that a GPU gets, run on the CPU beside the CPU's own. */
import { tf } from "../../lib/backend/tf.ts";
import { convolution, prepareFilter } from "../../lib/backend/convolution.ts";
import { kernelsInUse, usesGpu, waitForDevice } from "../../lib/backend/device.ts";
import { kernelTable } from "../../lib/backend/kernel_table.ts";
import { foldedConvolution } from "../../lib/backend/folded_convolution.ts";
import { maxPool3x3Stride2 } from "../../lib/backend/max_pool.ts";
import { nativeBackend } from "../../lib/backend/native_op.ts";
import { randomNormal, randomUniform } from "../../lib/backend/random.ts";
import { pgd } from "../../lib/attacks/pgd.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { createOptimizer } from "../../lib/train/optimizers.ts";
import { resolveSettings } from "../../lib/train/options.ts";
import { trainStep } from "../../lib/train/train_step.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { assertSameFunction, relativeDifference } from "./numerical_gradient.ts";
import { withPretendedGpu } from "./_pretended_gpu.ts";

/** The names of the native kernels that run during work. */
function kernelsOf(work: () => void): Set<string> {
  const backend = nativeBackend() as { binding: object };
  const { binding } = backend;
  const names = new Set<string>();
  backend.binding = new Proxy({}, {
    get(_, key) {
      const member: unknown = Reflect.get(binding, key);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (key === "executeOp") names.add(String(args[0]));
        return member.apply(binding, args) as unknown;
      };
    },
  });
  try {
    work();
  } finally {
    backend.binding = binding;
  }
  return names;
}

/** Each form that a convolution of ResNet-18 can take on a CPU: general, stem, patches, small map. */
const CONVOLUTIONS = [
  { size: 8, kernel: 3, stride: 1 },
  { size: 8, kernel: 3, stride: 2 },
  { size: 32, kernel: 7, stride: 2 },
  { size: 4, kernel: 3, stride: 2 },
  { size: 4, kernel: 1, stride: 2 },
  { size: 2, kernel: 3, stride: 1 },
  { size: 2, kernel: 3, stride: 2 },
  { size: 1, kernel: 3, stride: 1 },
];

for (const { size, kernel, stride } of CONVOLUTIONS) {
  const geometry = { stride, padding: (kernel - 1) / 2 };
  const label = `${kernel}x${kernel}/${stride} on ${size}x${size}`;
  const convolve = (kernels: "plain" | "tuned") => ({ x, filter }: Record<string, tf.Tensor>) =>
    convolution(x as tf.Tensor4D, filter as tf.Tensor4D, { ...geometry, kernels });
  Deno.test(`plain convolution ${label} equals the tuned one, in both gradients too`, () => {
    assertSameFunction(convolve("plain"), convolve("tuned"), {
      x: randomNormal([3, size, size, 3], 1),
      filter: randomNormal([kernel, kernel, 3, 4], 2),
    }, 2e-6);
  });
  Deno.test(`plain folded convolution ${label} equals the tuned one`, () => {
    const channel = (seed: number) => tf.variable(tf.add(randomUniform([4], seed), 0.5));
    const layer = {
      filter: tf.variable(randomNormal([kernel, kernel, 3, 4], 2)),
      scale: channel(3),
      offset: channel(4),
      mean: channel(5),
      variance: channel(6),
      ...geometry,
      epsilon: 1e-5,
    };
    const folded = (["plain", "tuned"] as const).map((kernels) =>
      foldedConvolution({ ...layer, kernels })
    );
    const [plain, tuned] = folded.map(({ apply }) => ({ x }: Record<string, tf.Tensor>) =>
      apply(x as tf.Tensor4D)
    );
    assertSameFunction(plain!, tuned!, { x: randomNormal([3, size, size, 3], 1) }, 5e-6);
    folded.forEach(({ dispose }) => dispose());
  });
}

Deno.test("plain max pooling equals the tuned one, also where maxima are equal", () => {
  const pool = (library: "public" | "onednn") => ({ x }: Record<string, tf.Tensor>) =>
    maxPool3x3Stride2(x as tf.Tensor4D, { library });
  const inputs = { x: randomNormal([2, 8, 6, 3], 9) };
  const own = pool(kernelTable().maxPool);
  assertSameFunction(pool("public"), own, inputs, 1e-6);
  assertSameFunction(pool("public"), own, { x: tf.relu(inputs.x) }, 1e-6);
});

Deno.test("the backend decides: tuned on the CPU, plain on a GPU", () => {
  assertEquals(kernelsInUse(), usesGpu() ? "plain" : "tuned");
  withPretendedGpu(() => {
    assertEquals([usesGpu(), kernelsInUse()], [true, "plain"]);
    waitForDevice();
  });
  const filter = tf.ones<tf.Rank.R4>([3, 3, 2, 2]);
  const shape = [1, 1, 1, 2] as const;
  const geometry = { stride: 1, padding: 1 };
  const tuned = prepareFilter(filter, shape, { ...geometry, kernels: "tuned" });
  assert(tuned.forward !== filter, "1 x 1 maps want a matrix");
  const plain = withPretendedGpu(() => prepareFilter(filter, shape, geometry));
  assert(plain.forward === filter && plain.inputGradient === filter);
});

/** A pass in eval mode, an attack and a step of training: what all runs consist of. */
function studyModel() {
  const model = resnet18({ seed: 1 });
  const x = randomUniform([16, 32, 32, 3], 3) as tf.Tensor4D;
  const y = tf.tensor1d(Array.from({ length: 16 }, (_, k) => k % 10), "int32");
  const logitsOf = (pixels: tf.Tensor) =>
    model.forward(pixels as tf.Tensor4D, { training: false }).logits;
  const logits = tf.tidy(() => logitsOf(x));
  const gradient = tf.tidy(() => tf.grad((pixels) => tf.sum(tf.sin(logitsOf(pixels))))(x));
  const attacked = pgd(model, x, y, { epsilon: 8 / 255, steps: 2, randomStart: false });
  const settings = resolveSettings({ epochs: 1, optimizer: "sgd" });
  const { momentum, weightDecay } = settings;
  const trained = model.parameters;
  const optimizer = createOptimizer(trained, { kind: "sgd", momentum, weightDecay });
  const context = { model, settings, optimizer, trained, frozen: () => false };
  trainStep(context, { x, y, seed: 0 }, 0.01);
  const weights = tf.add(trained.get("conv1.weight")!, 0);
  const mean = tf.add(model.buffers.get("layer4.1.bn2.running_mean")!, 0);
  optimizer.dispose();
  model.dispose();
  return { logits, gradient, attacked, weights, mean };
}

Deno.test("a whole model computes the same with a GPU's kernels, and calls no others", () => {
  const tuned = studyModel();
  let plain = tuned;
  const names = kernelsOf(() => plain = withPretendedGpu(studyModel));
  for (const name of ["logits", "gradient", "weights", "mean"] as const) {
    const difference = relativeDifference(plain[name], tuned[name]);
    // Training on 16 images: batch norm over 1 x 1 maps and ReLU enlarge Winograd's last digits.
    const tolerance = name === "weights" ? 1e-4 : 1e-5;
    assert(difference < tolerance, `${name} differ by ${difference}`);
  }
  // Where a gradient is near 0 its sign may differ: then a pixel moves the other way.
  const moved = tf.greater(tf.abs(tf.sub(plain.attacked, tuned.attacked)), 1e-6);
  const part = tf.mean(tf.cast(moved, "float32")).dataSync()[0]!;
  assert(part < 0.01, `${100 * part} % of the attacked pixels differ`);
  assertEquals([...names].filter((name) => name.startsWith("_Mkl")), []);
  for (const name of ["UnsortedSegmentSum", "DepthToSpace"]) assert(!names.has(name), name);
  assert(names.has("Conv2DBackpropInput") && names.has("MaxPoolGrad"));
});
