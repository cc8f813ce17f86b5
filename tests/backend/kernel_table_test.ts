/** Which kernels compute is decided by one table, and every form of it computes the same function. */
import { fileURLToPath } from "node:url";
import { tf } from "../../lib/backend/tf.ts";
import { convolution, CONVOLUTION_FORMS } from "../../lib/backend/convolution.ts";
import { classOf, CONVOLUTION_CLASSES } from "../../lib/backend/convolution_class.ts";
import {
  type ConvolutionForm,
  filterGradientBy,
  type FormOf,
  forwardBy,
  inputGradientBy,
  outputShape,
  type Pass,
  PASSES,
  type Problem,
} from "../../lib/backend/convolution_form.ts";
import { batchNormTraining } from "../../lib/backend/batch_norm.ts";
import { FORM_NAMES, PRODUCT_KINDS } from "../../lib/backend/kernel_choices.ts";
import { kernelTable, shippedTable } from "../../lib/backend/kernel_table.ts";
import { missingOneDnnKernels } from "../../lib/backend/onednn.ts";
import { batchProduct, product } from "../../lib/backend/product.ts";
import { randomNormal } from "../../lib/backend/random.ts";
import { readTuning, tunedTable } from "../../lib/backend/tuning_file.ts";
import { kernelAdvice } from "../../lib/cli/setup/kernel_advice.ts";
import { hardware, readEnvironment } from "../../lib/experiments/runs/provenance.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../lib/assert/mod.ts";
import { assertSameFunction } from "./numerical_gradient.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const hasOneDnn = missingOneDnnKernels().length === 0;

function problem(size: number, kernel: number, stride: number, channels = 3, outputs = 4): Problem {
  return {
    input: [3, size, size, channels],
    filter: [kernel, kernel, channels, outputs],
    stride,
    padding: (kernel - 1) / 2,
  };
}

/** At least one problem of each class; few channels, odd numbers of them, and many. */
const PROBLEMS = ([
  [32, 7, 2],
  [1, 3, 1],
  [2, 3, 1],
  [4, 3, 1],
  [8, 3, 1],
  [2, 3, 2],
  [4, 3, 2],
  [8, 3, 2],
  [2, 1, 2],
  [4, 1, 2],
  [8, 1, 2],
  [5, 3, 2],
  [6, 5, 1],
] as const).flatMap(([size, kernel, stride]) => [
  problem(size, kernel, stride),
  problem(size, kernel, stride, 17, 33),
]);

Deno.test("the problems below have every class of the table", () => {
  const classes = new Set(PROBLEMS.map(classOf));
  assertEquals(CONVOLUTION_CLASSES.filter((name) => !classes.has(name)), []);
});

/** The largest difference of two tensors over the largest magnitude of the second. */
function relativeError(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))).dataSync()[0]!);
}

/** What a form gives of a pass. */
function passOf(form: ConvolutionForm, pass: Pass, of: Problem): tf.Tensor {
  const x = randomNormal(of.input, 1) as tf.Tensor4D;
  const filter = randomNormal(of.filter, 2) as tf.Tensor4D;
  const dy = randomNormal(outputShape(of), 3) as tf.Tensor4D;
  const prepared = form.prepare?.(filter, of) ?? filter;
  const able = form as FormOf<Pass>;
  if (pass === "forward") return forwardBy(able, x, prepared, of);
  return pass === "inputGradient"
    ? inputGradientBy(able, dy, prepared, of)
    : filterGradientBy(able, dy, x, of);
}

/** Winograd's F(4, 3) multiplies by up to 8 and adds: Lavin and Gray 2016, table 2, have 1e-5. */
const TOLERANCE: Readonly<Record<string, number>> = { winograd: 2e-5 };

for (const name of FORM_NAMES.filter((name) => name !== "public")) {
  Deno.test({
    name: `the ${name} form equals the public kernels, value and both gradients`,
    ignore: name === "onednn" && !hasOneDnn,
    fn: () => {
      const form = CONVOLUTION_FORMS[name];
      const fitting = PROBLEMS.filter(form.fits);
      assert(fitting.length > 0);
      for (const one of fitting) {
        for (const pass of PASSES.filter((pass) => form[pass])) {
          const error = tf.tidy(() =>
            relativeError(passOf(form, pass, one), passOf(CONVOLUTION_FORMS.public, pass, one))
          );
          const tolerance = TOLERANCE[name] ?? 3e-6;
          assert(error < tolerance, `${pass} of ${JSON.stringify(one)}: ${error}`);
        }
      }
    },
  });
}

Deno.test("Winograd's products for 2 x 2 maps and for stride 2 lose no digits", () => {
  for (const one of [problem(2, 3, 1, 64, 64), problem(4, 3, 2, 64, 64)]) {
    for (const pass of PASSES) {
      const { winograd, public: plain } = CONVOLUTION_FORMS;
      const error = relativeError(passOf(winograd, pass, one), passOf(plain, pass, one));
      assert(error < 1e-6, `${pass}: ${error}`);
    }
  }
});

Deno.test("every form that a shipped table names computes its class", () => {
  for (const table of [shippedTable(), kernelTable("plain"), kernelTable("tuned")]) {
    for (const one of PROBLEMS) {
      for (const pass of PASSES) {
        const name = table.convolutions[classOf(one)][pass];
        const form = CONVOLUTION_FORMS[name];
        assert(form.fits(one) && form[pass], `${table.name}: ${name} for ${classOf(one)}, ${pass}`);
      }
    }
  }
});

Deno.test({
  name: "both libraries' products and batch norms are the same functions",
  ignore: !hasOneDnn,
  fn: () => {
    const [a, b] = [randomNormal([5, 7], 1), randomNormal([7, 6], 2)];
    const factors = { "a b": [a, b], "a bT": [a, tf.transpose(b)], "aT b": [tf.transpose(a), b] };
    for (const kind of PRODUCT_KINDS) {
      const [left, right] = factors[kind] as [tf.Tensor, tf.Tensor];
      const stacked = [left, right].map((matrix) => tf.stack([matrix, tf.mul(matrix, 2)]));
      for (const library of ["public", "onednn"] as const) {
        assert(relativeError(product(left, right, kind, library), tf.matMul(a, b)) < 1e-6);
        const [one, four] = tf.unstack(batchProduct(stacked[0]!, stacked[1]!, kind, library));
        assert(relativeError(one!, tf.matMul(a, b)) < 1e-6);
        assert(relativeError(four!, tf.mul(tf.matMul(a, b), 4)) < 1e-6);
      }
    }
    const norm = (library: "public" | "onednn") => (inputs: Record<string, tf.Tensor>) => {
      const state = { mean: tf.zeros([5]), variance: tf.ones([5]) };
      const { scale, offset } = inputs as Record<"scale" | "offset", tf.Tensor>;
      const options = { library };
      return batchNormTraining(inputs.x as tf.Tensor4D, { scale, offset, ...state }, options).y;
    };
    assertSameFunction(norm("onednn"), norm("public"), {
      x: randomNormal([4, 3, 3, 5], 1),
      scale: randomNormal([5], 2),
      offset: randomNormal([5], 3),
    });
  },
});

/** A digest of a convolution and a public product under this value of TensorFlow's switch. */
async function digestWith(choice: string | undefined): Promise<string> {
  const { TF_ENABLE_ONEDNN_OPTS: _own, ...rest } = Deno.env.toObject();
  const code = `
    import { tf } from "./lib/backend/tf.ts";
    import { convolution } from "./lib/backend/convolution.ts";
    import { hardware } from "./lib/experiments/runs/provenance.ts";
    const x = tf.randomNormal([2, 8, 8, 16], 0, 1, "float32", 1);
    const y = convolution(x, tf.randomNormal([3, 3, 16, 16], 0, 1, "float32", 2), { padding: 1 });
    const product = tf.matMul(tf.reshape(y, [16, 128]), tf.reshape(y, [128, 16]));
    const digest = await crypto.subtle.digest("SHA-256", await product.data());
    console.log(new Uint8Array(digest).join(), hardware());`;
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--ext=ts", code],
    cwd: root,
    clearEnv: true,
    env: { ...rest, ...(choice === undefined ? {} : { TF_ENABLE_ONEDNN_OPTS: choice }) },
  }).output();
  assert(success);
  return new TextDecoder().decode(stdout);
}

Deno.test("TensorFlow's oneDNN switch in the user's environment decides nothing", async () => {
  const digests = [await digestWith(undefined), await digestWith("0"), await digestWith("1")];
  assertEquals(new Set(digests).size, 1);
});

Deno.test("provenance names the kernel table", async () => {
  const { name } = kernelTable();
  assertEquals((await readEnvironment(root)).kernels, name);
  assertStringIncludes(hardware(), `kernel table ${name}`);
});

Deno.test("doctor says which kernels a build of TensorFlow lacks", () => {
  assertEquals(kernelAdvice({ kernels: "x86-64", missing: [] }), "kernel table x86-64");
  assertStringIncludes(kernelAdvice({ kernels: "public", missing: ["MatMul"] }), "(MatMul)");
});

async function withTuningFile(text: string, work: (path: string) => void): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    work(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("a tuning file is read back under a name of its own; without one there is no table", async () => {
  const { name, ...choices } = shippedTable();
  await withTuningFile(JSON.stringify(choices), (path) => {
    assertEquals(readTuning(path), { ...tunedTable(choices) });
    assert(readTuning(path)!.name !== name);
  });
  const maxPool = choices.maxPool === "public" ? "onednn" : "public";
  const other = { ...choices, maxPool } as const;
  assert(tunedTable(other).name !== tunedTable(choices).name);
  assertEquals(readTuning("/nowhere/tuning.json"), undefined);
});

Deno.test("a damaged tuning file is refused with its name and the remedy", async () => {
  const { name: _, ...choices } = shippedTable();
  for (const text of ["{", "{}", JSON.stringify({ ...choices, maxPool: "fastest" })]) {
    await withTuningFile(text, (path) => {
      const message = assertThrows(() => readTuning(path), Error).message;
      assertStringIncludes(message, path);
      assertStringIncludes(message, "task tune");
    });
  }
});

Deno.test("convolution is the same with plain kernels on every class, through its gradients", () => {
  for (const { input, filter, stride, padding } of PROBLEMS) {
    const by = (kernels: "plain" | "tuned") => ({ x, w }: Record<string, tf.Tensor>) =>
      convolution(x as tf.Tensor4D, w as tf.Tensor4D, { stride, padding, kernels });
    const inputs = { x: randomNormal(input, 1), w: randomNormal(filter, 2) };
    const [tuned, plain] = (["tuned", "plain"] as const).map((kernels) => by(kernels)(inputs));
    assert(relativeError(tuned!, plain!) < 2e-5);
    assertSameFunction(by("tuned"), by("plain"), inputs, 2e-5);
  }
});
