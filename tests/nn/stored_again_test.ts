/** Whatever saveCheckpoint accepts comes back, here and in Python's safetensors. */
import { join } from "node:path";
import fc from "fast-check";
import { tf } from "../../lib/backend/tf.ts";
import { sha256 } from "../../lib/format/sha256.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { loadCheckpoint, saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";

interface Sketch {
  readonly shape: number[];
  readonly dtype: "float32" | "int32" | "bool";
  readonly numbers: readonly number[];
}

interface Drawn {
  readonly variables: ReadonlyMap<string, Sketch>;
  readonly metadata: Record<string, string>;
  readonly options: object | undefined;
}

function variable({ shape, dtype, numbers }: Sketch, fill?: number): tf.Variable {
  const size = shape.reduce((product, length) => product * length, 1);
  const raw = Array.from({ length: size }, (_, k) => fill ?? numbers[k % numbers.length]!);
  const initial = tf.tensor(raw, shape, "float32");
  const typed = dtype === "bool" ? tf.greater(initial, 0) : tf.cast(initial, dtype);
  const made = tf.variable(typed);
  tf.dispose([initial, typed]);
  return made;
}

/** A model that only holds variables. */
function modelOf({ variables, options }: Pick<Drawn, "variables" | "options">, fill?: number) {
  const made = [...variables].map(([name, sketch]) => [name, variable(sketch, fill)] as const);
  const model: Classifier = {
    inputShape: [1, 1, 1],
    classes: 2,
    parameters: new Map(made.filter((_, k) => k % 2 === 0)),
    buffers: new Map(made.filter((_, k) => k % 2 === 1)),
    ...(options === undefined ? {} : { options }),
    forward: () => ({ logits: tf.zeros([1, 2]), features: tf.zeros([1, 1]) }),
    dispose: () => tf.dispose(made.map(([, one]) => one)),
  };
  return model;
}

const all = (model: Classifier) => new Map([...model.parameters, ...model.buffers]);
const contents = (model: Classifier) =>
  [...all(model)].map(([name, one]) => [name, one.dtype, one.shape, [...one.dataSync()]]);

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("__proto__", "constructor", "", "10", "2", "format", "\u0000", "\u{1f600}"),
);
const reserved = (name: string) => name === "__metadata__" || name.startsWith("optimizer.");
const sketch: fc.Arbitrary<Sketch> = fc.record({
  shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 }),
  dtype: fc.constantFrom("float32", "int32", "bool"),
  numbers: fc.array(
    fc.oneof(
      fc.integer({ min: -(2 ** 24), max: 2 ** 24 }),
      fc.float({ min: -(2 ** 20), max: 2 ** 20, noNaN: true }),
    ),
    { minLength: 1, maxLength: 9 },
  ),
});
const ofResNet = fc.constantFrom(
  "stem",
  "batchNorm",
  "classes",
  "imageSize",
  "mean",
  "std",
  "seed",
);
const drawn: fc.Arbitrary<Drawn> = fc.record({
  variables: fc.uniqueArray(fc.tuple(text.filter((name) => !reserved(name)), sketch), {
    selector: ([name]) => name,
    maxLength: 5,
  }).map((entries) => new Map(entries)),
  metadata: fc.array(fc.tuple(text, text), { maxLength: 5 }).map((list) =>
    Object.fromEntries(list)
  ),
  options: fc.oneof(
    fc.constant(undefined),
    fc.dictionary(fc.oneof(ofResNet, fc.string()), fc.jsonValue({ maxDepth: 2 })),
  ),
});

const BYTES: Readonly<Record<string, number>> = { F32: 4, I32: 4, BOOL: 1 };

/** What a reader by the letter of the format's description finds in a file. */
function strictly(file: Uint8Array) {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  assert(length <= 100_000_000 && length <= file.length - 8);
  const json = new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(8, 8 + length));
  assert(json.startsWith("{"));
  const { __metadata__: metadata, ...entries } = JSON.parse(json);
  for (const [key, value] of Object.entries(metadata)) {
    assert(typeof value === "string" && key.isWellFormed() && value.isWellFormed(), key);
  }
  let end = 0;
  const tensors = new Map<string, [dtype: string, shape: number[], digest: string]>();
  // deno-lint-ignore no-explicit-any -- checked line by line
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries<any>(entries)) {
    assert(name.isWellFormed());
    assertEquals(to - from, shape.reduce((n: number, one: number) => n * one, BYTES[dtype]));
    tensors.set(name, [dtype, shape, sha256(file.subarray(8 + length + from, 8 + length + to))]);
    end = Math.max(end, to);
  }
  assertEquals(8 + length + end, file.length);
  return { metadata: metadata as Record<string, string>, tensors };
}

/** A Python that has safetensors, where there is one. */
async function python(): Promise<string | undefined> {
  const candidates = [
    Deno.env.get("LAB_PYTHON"),
    join(checkoutRoot(), ".venv", "bin", "python"),
    "python3",
  ];
  for (const program of candidates) {
    if (!program) continue;
    const args = ["-c", "import numpy, safetensors.numpy"];
    const { success } = await new Deno.Command(program, { args, stdout: "null", stderr: "null" })
      .output().catch(() => ({ success: false }));
    if (success) return program;
  }
  return undefined;
}

const withSafetensors = await python();

async function roundTrip(folder: string, runs: number): Promise<number> {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(drawn, async (one) => {
      const path = join(folder, `${count++}.safetensors`);
      const [saved, loaded] = [modelOf(one), modelOf(one, 0)];
      await saveCheckpoint(path, saved, one.metadata);
      const { metadata, skipped } = await loadCheckpoint(path, loaded);
      assertEquals(contents(loaded), contents(saved));
      assertEquals(skipped, []);
      const ours = new Map(Object.entries(metadata));
      for (const [key, value] of Object.entries(one.metadata)) assertEquals(ours.get(key), value);
      const read = strictly(await Deno.readFile(path));
      const types = { float32: "F32", int32: "I32", bool: "BOOL" } as Record<string, string>;
      for (const [name, { dtype }] of all(saved)) {
        assertEquals(read.tensors.get(name)![0], types[dtype]);
      }
      for (const model of [saved, loaded]) model.dispose();
    }),
    { numRuns: runs, seed: 15 },
  );
  return count;
}

Deno.test("random variables, metadata and options come back from a file that is by the book", () =>
  withFolder(async (folder) => {
    const before = tf.memory().numTensors;
    assertEquals(await roundTrip(folder, 200), 200);
    assertEquals(tf.memory().numTensors, before);
  }));

Deno.test({
  name: "Python's safetensors reads every such file, with the same metadata, types and bytes",
  ignore: withSafetensors === undefined,
  fn: () =>
    withFolder(async (folder) => {
      const count = await roundTrip(folder, 200);
      const script = join(checkoutRoot(), "tests", "golden", "read_safetensors.py");
      const { stdout, stderr } = await new Deno.Command(withSafetensors!, {
        args: [script, folder],
      }).output();
      const lines = new TextDecoder().decode(stdout).trim().split("\n");
      assertEquals(lines.length, count, new TextDecoder().decode(stderr));
      for (const line of lines) {
        const { name, metadata, tensors } = JSON.parse(line);
        const ours = strictly(await Deno.readFile(join(folder, name)));
        assertEquals(new Map(metadata), new Map(Object.entries(ours.metadata)), name);
        assertEquals(new Map(tensors), ours.tensors, name);
      }
    }),
});

const one: Sketch = { shape: [2], dtype: "float32", numbers: [1, 2] };

Deno.test("metadata that is not text is a TypeError that names the key, and nothing is written", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const model = modelOf({ variables: new Map([["a", one]]), options: undefined });
    const wrong: [unknown, typeof TypeError | typeof RangeError, string][] = [
      [{ epoch: 7 }, TypeError, 'extra["epoch"] to be a text but found number 7'],
      [{ note: null }, TypeError, 'extra["note"]'],
      [{ note: undefined }, TypeError, 'extra["note"]'],
      [{ list: ["a"] }, TypeError, 'extra["list"] to be a text but found a list'],
      [{ "lab.model": "x" }, RangeError, "lab.model"],
      [{ "lab.sha256": "x" }, RangeError, "lab.sha256"],
      [{ "lab.sha256.header": "x" }, RangeError, "lab.sha256.header"],
      [{ note: "\ud800" }, RangeError, 'extra["note"]'],
      [{ "\udc00": "x" }, RangeError, "surrogate"],
      [new Map([["a", "b"]]), TypeError, "Map"],
      [["a"], TypeError, "extra"],
      ["text", TypeError, "extra"],
      [null, TypeError, "extra"],
    ];
    for (const [extra, type, part] of wrong) {
      const { message } = await assertRejects(
        () => saveCheckpoint(path, model, extra as Record<string, string>),
        type,
      );
      assertStringIncludes(message, part);
    }
    assertEquals([...Deno.readDirSync(folder)], []);
    model.dispose();
  }));

Deno.test("variables and options that could not be read again are refused by name", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const wrong: [Map<string, Sketch>, object | undefined, string][] = [
      [new Map([["__metadata__", one]]), undefined, "__metadata__"],
      [new Map([["a\ud800", one]]), undefined, "well-formed"],
      [new Map([["optimizer.step", one]]), undefined, "optimizer."],
      [new Map([["a", { ...one, numbers: [NaN] }]]), undefined, "a is not finite"],
      [new Map([["a", one]]), { size: 3n }, "model.options"],
      [new Map([["a", one]]), cyclic, "model.options"],
      [new Map([["a", one]]), ["a"], "model.options"],
    ];
    for (const [variables, options, part] of wrong) {
      const model = modelOf({ variables, options });
      const { message } = await assertRejects(() => saveCheckpoint(path, model), Error);
      assertStringIncludes(message, part);
      model.dispose();
    }
    const twice = variable(one);
    const model = {
      ...modelOf({ variables: new Map(), options: undefined }),
      parameters: new Map([["a", twice]]),
      buffers: new Map([["a", twice]]),
    };
    await assertRejects(() => saveCheckpoint(path, model), RangeError, "share no name");
    twice.dispose();
    const complex = tf.variable(tf.complex([1], [2]));
    const strange = { ...model, parameters: new Map([["c", complex]]), buffers: new Map() };
    await assertRejects(() => saveCheckpoint(path, strange), TypeError, "complex64");
    complex.dispose();
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("a counter of batches that the model itself has comes back", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const variables = new Map<string, Sketch>([
      ["fc.weight", one],
      ["bn.num_batches_tracked", { shape: [], dtype: "int32", numbers: [2 ** 24 - 1] }],
    ]);
    const [saved, loaded] = [
      modelOf({ variables, options: {} }),
      modelOf({ variables, options: {} }, 0),
    ];
    await saveCheckpoint(path, saved);
    await loadCheckpoint(path, loaded);
    assertEquals(contents(loaded), contents(saved));
    for (const model of [saved, loaded]) model.dispose();
  }));
