import { tf } from "../../lib/backend/tf.ts";
import { clipGradients, gradientNorm } from "../../lib/train/_clip_gradients.ts";
import { createOptimizer, type OptimizerOptions } from "../../lib/train/optimizers.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import golden from "../golden/optimizers.json" with { type: "json" };

for (const { options, w, b, norms } of golden.cases) {
  Deno.test(`PyTorch's weights after ${golden.epochs} steps: ${JSON.stringify(options)}`, () => {
    const start = golden.start;
    const variables = {
      w: tf.variable(tf.tensor2d(start.w)),
      b: tf.variable(tf.tensor1d(start.b)),
    };
    const { gradientClip, ...rule } = options as OptimizerOptions & { gradientClip?: number };
    const optimizer = createOptimizer(
      new Map<string, tf.Variable>(Object.entries(variables)),
      rule,
    );
    const loss = () =>
      tf.tidy(() => {
        const out = tf.add(tf.matMul(tf.tensor2d(start.x), variables.w), variables.b);
        return tf.sum(tf.square(tf.sub(out, tf.tensor2d(start.target)))).asScalar();
      });
    for (let step = 0; step < golden.epochs; step++) {
      tf.tidy(() => {
        const { grads } = tf.variableGrads(loss);
        const gradients = { w: grads[variables.w.name]!, b: grads[variables.b.name]! };
        const norm = gradientNorm(gradients);
        if (gradientClip !== undefined) assertAlmostEquals(norm, norms[step]!, 1e-4);
        const applied = gradientClip === undefined
          ? gradients
          : clipGradients(gradients, norm, gradientClip);
        optimizer.step(new Map(Object.entries(applied)), golden.learningRate);
      });
    }
    const expected = [...w.flat(), ...b];
    const found = [...variables.w.dataSync(), ...variables.b.dataSync()];
    expected.forEach((value, k) => assertAlmostEquals(found[k]!, value, 2e-5));
    optimizer.dispose();
    tf.dispose(variables);
  });
}

Deno.test("a short gradient is not lengthened, none has length 0", () => {
  const gradients = { a: tf.tensor1d([0.3, 0.4]) };
  assertEquals(clipGradients(gradients, 0.5, 10).a!.dataSync(), gradients.a.dataSync());
  assertEquals(gradientNorm({}), 0);
  const clipped = clipGradients(gradients, 0.5, 0.25);
  assertAlmostEquals(clipped.a!.dataSync()[0]!, 0.3 * 0.25 / (0.5 + 1e-6), 1e-7);
});

Deno.test("adam refuses a momentum, which it would not use", () => {
  const create = () => createOptimizer(new Map(), { kind: "adam", momentum: 0.5 });
  assertThrows(create, RangeError, "momentum");
});

Deno.test("Nesterov's momentum is refused where there is no momentum", () => {
  const refused = (options: OptimizerOptions) =>
    assertThrows(() => createOptimizer(new Map(), options), RangeError, "nesterov");
  refused({ kind: "adam", nesterov: true });
  refused({ kind: "sgd", momentum: 0, nesterov: true });
});

/** PyTorch's update rules in plain arithmetic. */
function reference(
  w: number,
  gradient: (w: number) => number,
  options: OptimizerOptions,
  lr: number,
  steps: number,
) {
  const { kind, momentum = 0.9, weightDecay = 0 } = options;
  let [v, m, s] = [0, 0, 0];
  for (let t = 1; t <= steps; t++) {
    const g = gradient(w) + weightDecay * w;
    if (kind === "sgd") {
      v = momentum * v + g;
      w -= lr * v;
    } else {
      m = 0.9 * m + 0.1 * g;
      s = 0.999 * s + 0.001 * g * g;
      w -= lr * (m / (1 - 0.9 ** t)) / (Math.sqrt(s / (1 - 0.999 ** t)) + 1e-8);
    }
  }
  return w;
}

const CASES: OptimizerOptions[] = [
  { kind: "sgd" },
  { kind: "sgd", momentum: 0 },
  { kind: "sgd", momentum: 0, weightDecay: 0.1 },
  { kind: "sgd", momentum: 0.5, weightDecay: 0.1 },
  { kind: "adam" },
  { kind: "adam", weightDecay: 0.1 },
];

for (const options of CASES) {
  Deno.test(`${JSON.stringify(options)} follows PyTorch's rule`, () => {
    const w = tf.variable(tf.tensor1d([1.5]));
    const optimizer = createOptimizer(new Map([["w", w]]), options);
    for (let step = 0; step < 7; step++) {
      tf.tidy(() => optimizer.step(new Map([["w", tf.cos(w)]]), 0.05));
    }
    assertAlmostEquals(w.dataSync()[0]!, reference(1.5, Math.cos, options, 0.05, 7), 2e-5);
    optimizer.dispose();
  });
}

Deno.test("Adam's epsilon counts as PyTorch's, also for tiny gradients", () => {
  const w = tf.variable(tf.tensor1d([1]));
  const optimizer = createOptimizer(new Map([["w", w]]), { kind: "adam" });
  for (let step = 0; step < 3; step++) {
    tf.tidy(() => optimizer.step(new Map([["w", tf.tensor1d([1e-8])]]), 0.1));
  }
  assertAlmostEquals(w.dataSync()[0]!, reference(1, () => 1e-8, { kind: "adam" }, 0.1, 3), 1e-4);
  optimizer.dispose();
});

Deno.test("an assignment from outside is honoured and earlier readings keep their value", () => {
  const w = tf.variable(tf.tensor1d([1]));
  const optimizer = createOptimizer(new Map([["w", w]]), { kind: "sgd", momentum: 0 });
  const step = () => tf.tidy(() => optimizer.step(new Map([["w", tf.tensor1d([1])]]), 0.5));
  step();
  const reading = tf.clone(w);
  step();
  assertEquals([reading.dataSync()[0], w.dataSync()[0]], [0.5, 0]);
  w.assign(tf.tensor1d([10]));
  step();
  assertEquals(w.dataSync()[0], 9.5);
  optimizer.dispose();
  assertEquals(w.dataSync()[0], 9.5);
});

Deno.test("a restored optimizer continues bit for bit", () => {
  for (const kind of ["sgd", "adam"] as const) {
    const run = (w: tf.Variable, optimizer: ReturnType<typeof createOptimizer>, steps: number) => {
      for (let k = 0; k < steps; k++) {
        tf.tidy(() => optimizer.step(new Map([["w", tf.cos(w)]]), 0.1));
      }
    };
    const first = tf.variable(tf.tensor1d([0.3, 2]));
    const original = createOptimizer(new Map([["w", first]]), { kind, weightDecay: 0.01 });
    run(first, original, 3);
    const second = tf.variable(tf.clone(first));
    const copy = createOptimizer(new Map([["w", second]]), { kind, weightDecay: 0.01 });
    copy.restore(original.state());
    run(first, original, 4);
    run(second, copy, 4);
    assertEquals(first.dataSync(), second.dataSync());
    original.dispose();
    copy.dispose();
  }
});

Deno.test("parameters without a gradient stay as they are; unknown names and bad settings are refused", () => {
  const [a, b] = [tf.variable(tf.tensor1d([1])), tf.variable(tf.tensor1d([1]))];
  const optimizer = createOptimizer(new Map([["a", a], ["b", b]]), {
    kind: "sgd",
    weightDecay: 0.5,
  });
  optimizer.step(new Map([["a", tf.tensor1d([1])]]), 0.1);
  assertEquals(b.dataSync()[0], 1);
  assertThrows(() => optimizer.step(new Map([["c", a]]), 0.1), RangeError, "c");
  assertThrows(() => optimizer.step(new Map(), 0), RangeError, "learningRate");
  assertThrows(() => optimizer.restore(new Map()), RangeError, "step");
  optimizer.dispose();
  assertThrows(() => createOptimizer(new Map(), { kind: "sgd", momentum: 1 }), RangeError);
  assertThrows(() => createOptimizer(new Map(), { kind: "adam", weightDecay: -1 }), RangeError);
});

Deno.test("a vector whose gradient comes and goes is updated as if it were alone", () => {
  const start = { a: [1, 2], b: [3, 4, 5], c: [6] };
  const gradients = [{ a: [1, 1], b: [1, 0, 2], c: [3] }, { a: [2, 1], c: [1] }, { b: [1, 1, 1] }, {
    a: [1, 1],
    b: [2, 2, 2],
    c: [1],
  }] as Record<string, number[]>[];
  for (const options of [{ kind: "sgd" }, { kind: "adam" }] as const) {
    const run = (names: readonly (keyof typeof start)[]) => {
      const variables = names.map((name) => [name, tf.variable(tf.tensor1d(start[name]))] as const);
      const optimizer = createOptimizer(new Map(variables), { ...options, weightDecay: 0.1 });
      for (const step of gradients) {
        const own = names.filter((name) => step[name]).map((name) =>
          [name, tf.tensor1d(step[name]!)] as const
        );
        optimizer.step(new Map(own), 0.1);
      }
      const values = variables.map(([, variable]) => [...variable.dataSync()]);
      const state = [...optimizer.state()].filter(([name]) => name !== "step")
        .map(([name, { values }]) => [name, ...values].join()).sort();
      optimizer.dispose();
      return { values, state };
    };
    const together = run(["a", "b", "c"]);
    const alone = (["a", "b", "c"] as const).map((name) => run([name]));
    assertEquals(together.values, alone.flatMap(({ values }) => values));
    assertEquals(together.state, alone.flatMap(({ state }) => state).sort());
  }
});

Deno.test("steps leave no tensors behind", () => {
  const w = tf.variable(tf.ones([3]));
  const optimizer = createOptimizer(new Map([["w", w]]), { kind: "adam", weightDecay: 0.1 });
  const gradient = tf.ones([3]);
  const step = () => optimizer.step(new Map([["w", gradient]]), 0.1);
  step();
  const before = tf.memory().numTensors;
  for (let k = 0; k < 5; k++) step();
  assertEquals(tf.memory().numTensors, before);
  assert(gradient.dataSync()[0] === 1);
  optimizer.dispose();
});
