/** Attacked images on disk, as the attack made them: float32, in a safetensors file. */
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import {
  requireInteger,
  requireNumber,
  requireOneOf,
  requireParts,
  requireText,
} from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import { FileError } from "../files/file_error.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { printable } from "../format/printable.ts";
import { sha256 } from "../format/sha256.ts";
import { readSafetensors } from "../nn/read_safetensors.ts";
import {
  encodeSafetensors,
  type SafetensorsContent,
  type StoredIntegers,
  type StoredTensor,
} from "../nn/safetensors.ts";

/** How far an image may lie from its original, and in which length. */
export type ExampleNorm = "linf" | "l2";
const NORMS: readonly ExampleNorm[] = ["linf", "l2"];

/** Attacked images with what is needed to judge them elsewhere, see {@linkcode saveExamples}. */
export interface ExampleParts {
  /** [n, height, width, channels], pixels in [0, 1]. */
  readonly images: tf.Tensor4D;
  /** n true classes, whole numbers from 0. */
  readonly labels: tf.Tensor1D | ArrayLike<number>;
  /** n classes that the attacked model says. */
  readonly predictions: tf.Tensor1D | ArrayLike<number>;
  /** Budget of the attack in pixel units, >= 0. */
  readonly epsilon: number;
  /** Length in which epsilon is measured. */
  readonly norm: ExampleNorm;
  /** Name of the attack, e.g. "pgd". */
  readonly attack: string;
  /** The attacked model: the path or SHA-256 of its checkpoint, or a name. */
  readonly checkpoint: string;
  /**
   * The images before the attack, bytes of the same shape, row-major. With them a file proves its
   * epsilon, and another model's clean accuracy can stand beside the attacked one. Default: none.
   */
  readonly originals?: Uint8Array | undefined;
}

const partNames: OptionNames<ExampleParts> = {
  images: true,
  labels: true,
  predictions: true,
  epsilon: true,
  norm: true,
  attack: true,
  checkpoint: true,
  originals: true,
};

/** What {@linkcode loadExamples} returns. */
export interface SavedExamples extends ExampleParts {
  /** Owned: dispose it. */
  readonly images: tf.Tensor4D;
  /** n true classes. */
  readonly labels: Int32Array;
  /** n classes that the attacked model said. */
  readonly predictions: Int32Array;
}

/** Metadata keys: the form's version, and SHA-256 of the tensors' bytes as in checkpoints. */
const VERSION_KEY = "lab.examples";
const DIGEST_KEY = "lab.sha256";
const VERSION = "1";
const FACT_KEYS = ["epsilon", "norm", "attack", "checkpoint"] as const;
const OWN_KEYS: readonly string[] = [VERSION_KEY, DIGEST_KEY, "layout", ...FACT_KEYS];
/** float32 rounds a pixel by at most half of this; an L2 length sums many such errors. */
const ROUNDING: Readonly<Record<ExampleNorm, number>> = { linf: 2 ** -23, l2: 1e-4 };

/** Largest distance of an image from its original. */
function largestDistance(
  images: Float32Array,
  originals: Uint8Array,
  norm: ExampleNorm,
  count: number,
): number {
  const size = images.length / count;
  let largest = 0;
  for (let image = 0; image < count; image++) {
    let [greatest, squares] = [0, 0];
    for (let k = image * size; k < (image + 1) * size; k++) {
      const difference = Math.abs(images[k]! - Math.fround(originals[k]! / 255));
      greatest = Math.max(greatest, difference);
      squares += difference * difference;
    }
    largest = Math.max(largest, norm === "linf" ? greatest : Math.sqrt(squares));
  }
  return largest;
}

/** Requires pixels. */
function requirePixels(images: Float32Array): void {
  const index = images.findIndex((value) => !(value >= 0 && value <= 1));
  if (index < 0) return;
  throw new RangeError(
    `Expected images to hold pixels in [0, 1] but found ${images[index]} at value ${index}`,
  );
}

/** Requires images that keep their budget. */
function requireBudget(
  { images, originals, epsilon, norm, count }: {
    readonly images: Float32Array;
    readonly originals: Uint8Array;
    readonly epsilon: number;
    readonly norm: ExampleNorm;
    readonly count: number;
  },
): void {
  if (originals.length !== images.length) {
    throw new RangeError(
      `Expected originals to hold ${images.length} bytes, one for each value of images, but found ` +
        originals.length,
    );
  }
  const distance = largestDistance(images, originals, norm, count);
  if (distance <= epsilon + ROUNDING[norm]) return;
  throw new RangeError(
    `Expected images within epsilon = ${epsilon} (${norm}) of originals but found one at ${distance}`,
  );
}

/** n classes as whole numbers. */
function classesOf(
  name: string,
  value: tf.Tensor1D | ArrayLike<number>,
  count: number,
): Int32Array {
  const list = value instanceof tf.Tensor ? value.dataSync() : value;
  requireParts(name, list, "a list or tensor of classes", ["length"]);
  if (list.length !== count) {
    throw new RangeError(
      `Expected ${name} to hold a class for each of ${count} images but found ${list.length}`,
    );
  }
  for (let k = 0; k < count; k++) {
    requireInteger(`${name}[${k}]`, list[k] as number, { min: 0, max: 2 ** 31 - 1 });
  }
  return Int32Array.from(list as ArrayLike<number>);
}

function requireImages(images: unknown): tf.Tensor4D {
  if (images instanceof tf.Tensor && images.rank === 4 && images.dtype === "float32") {
    if (images.size > 0) return images as tf.Tensor4D;
  }
  const found = images instanceof tf.Tensor
    ? `${images.dtype} of shape [${images.shape}]`
    : typeof images;
  throw new TypeError(
    `Expected images to be a float32 tensor [n, height, width, channels] but found ${found}`,
  );
}

function requireFacts({ epsilon, norm, attack, checkpoint }: Omit<ExampleParts, "images">): void {
  requireNumber("epsilon", epsilon, { min: 0 });
  requireOneOf("norm", norm, NORMS);
  for (const [name, text] of [["attack", attack], ["checkpoint", checkpoint]] as const) {
    requireText(name, text);
    if (text.trim() === "" || !text.isWellFormed()) {
      throw new RangeError(`Expected ${name} to be a name but found ${JSON.stringify(text)}`);
    }
  }
}

/**
 * Saves attacked images without loss: as bytes they would move by up to half a grey level, beyond
 * epsilon, and some would lose their effect.
 *
 * The file is a safetensors file with `images` (float32 [n, height, width, channels] in [0, 1]),
 * `labels` and `predictions` (int32 [n]), `originals` (uint8) where they are given, and the rest as
 * text in its metadata. In Python: `safetensors.torch.load_file(path)["images"].permute(0, 3, 1, 2)`.
 *
 * @param path The file; replaced if it is there.
 * @param examples See {@linkcode ExampleParts}; left unchanged.
 * @throws {TypeError} If a part is missing, of another type or of another name.
 * @throws {RangeError} If numbers of images differ, a pixel lies outside [0, 1], a class is no whole
 * number >= 0, or an image lies further than epsilon from its original.
 * @throws {Error} Naming the path, if it cannot be written.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const path = `${await Deno.makeTempDir()}/pgd.safetensors`;
 * const images = tf.fill([2, 4, 4, 3], 0.1) as tf.Tensor4D;
 * const attack = { epsilon: 8 / 255, norm: "linf", attack: "pgd", checkpoint: "best.safetensors" } as const;
 * await saveExamples(path, { images, labels: [0, 1], predictions: [2, 1], ...attack });
 * const loaded = await loadExamples(path);
 * assertEquals(loaded.images.dataSync(), images.dataSync());
 * assertEquals([loaded.epsilon, loaded.predictions], [8 / 255, Int32Array.of(2, 1)]);
 * loaded.images.dispose();
 * images.dispose();
 * ```
 */
export async function saveExamples(path: string, examples: ExampleParts): Promise<void> {
  requireText("path", path);
  requireKnownOptions("saveExamples", examples, partNames);
  requireParts("examples", examples, "an object with images, labels and predictions", [
    "images",
    "labels",
    "predictions",
    ...FACT_KEYS,
  ]);
  requireFacts(examples);
  const tensor = requireImages(examples.images);
  const { shape } = tensor;
  const [count] = shape;
  const images = tensor.dataSync<"float32">();
  requirePixels(images);
  const { epsilon, norm, attack, checkpoint, originals } = examples;
  const classes = (name: "labels" | "predictions"): StoredIntegers => ({
    shape: [count],
    values: classesOf(name, examples[name], count),
    dtype: "I32",
  });
  const tensors = new Map<string, StoredTensor | StoredIntegers>([
    ["images", { shape, values: images }],
    ["labels", classes("labels")],
    ["predictions", classes("predictions")],
  ]);
  if (originals !== undefined) {
    if (!(originals instanceof Uint8Array)) {
      throw new TypeError("Expected originals to be a Uint8Array of pixels from 0 to 255");
    }
    requireBudget({ images, originals, epsilon, norm, count });
    tensors.set("originals", { shape, values: originals, dtype: "U8" });
  }
  const facts = { epsilon: String(epsilon), norm, attack, checkpoint, layout: "NHWC" };
  const file = encodeSafetensors(
    tensors,
    (data) => ({ [VERSION_KEY]: VERSION, ...facts, [DIGEST_KEY]: sha256(data) }),
  );
  await writeAtomically(path, file);
}

/** The error of a file that holds no examples, or none that can be trusted. */
function refusal(path: string, reason: string, place?: string): FileError {
  return new FileError(`Cannot load the examples ${path}: ${printable(reason)}`, { path, place });
}

/** Whole numbers of any type that NumPy or PyTorch may have written. */
function integers({ tensors, others }: SafetensorsContent, name: string): number[] | undefined {
  const floats = tensors.get(name);
  if (floats !== undefined) return [...floats.values];
  const raw = others.get(name);
  if (raw === undefined) return undefined;
  const { dtype, bytes } = raw;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const readers: Record<string, readonly [size: number, read: (at: number) => number]> = {
    U8: [1, (at) => view.getUint8(at)],
    I16: [2, (at) => view.getInt16(at, true)],
    I32: [4, (at) => view.getInt32(at, true)],
    I64: [8, (at) => Number(view.getBigInt64(at, true))],
  };
  const reader = readers[dtype];
  if (reader === undefined) return undefined;
  const [size, read] = reader;
  return Array.from({ length: bytes.length / size }, (_, k) => read(k * size));
}

/** The facts in the metadata, as text. */
function factsOf(metadata: Record<string, string>) {
  for (const key of FACT_KEYS) {
    if (metadata[key] === undefined) throw new RangeError(`its metadata lack "${key}"`);
  }
  const text = metadata["epsilon"]!;
  const facts = {
    epsilon: text.trim() === "" ? NaN : Number(text),
    norm: metadata["norm"] as ExampleNorm,
    attack: metadata["attack"]!,
    checkpoint: metadata["checkpoint"]!,
  };
  requireFacts({ ...facts, labels: [], predictions: [] });
  if (metadata["layout"] !== undefined && metadata["layout"] !== "NHWC") {
    throw new RangeError(`Expected layout to be NHWC but found ${metadata["layout"]}`);
  }
  return facts;
}

/** Everything but the tensor of images, checked. */
function partsOf(content: SafetensorsContent) {
  const { metadata, tensors, others } = content;
  const images = tensors.get("images");
  if (images === undefined || (images.dtype !== undefined && images.dtype !== "F32")) {
    throw new RangeError("it has no float32 tensor images");
  }
  const { shape, values } = images;
  const [count = 0] = shape;
  if (shape.length !== 4 || values.length === 0) {
    throw new RangeError(`images has shape [${shape}] instead of [n, height, width, channels]`);
  }
  requirePixels(values);
  const classes = (name: string) => {
    const found = integers(content, name);
    if (found === undefined) throw new RangeError(`it has no tensor of whole numbers ${name}`);
    return classesOf(name, found, count);
  };
  const facts = factsOf(metadata);
  const stored = others.get("originals");
  if (stored !== undefined && stored.dtype !== "U8") {
    throw new RangeError(`originals is of type ${stored.dtype} instead of U8`);
  }
  const originals = stored && new Uint8Array(stored.bytes);
  if (originals) requireBudget({ images: values, originals, count, ...facts });
  return {
    shape: shape as [number, number, number, number],
    values,
    parts: {
      labels: classes("labels"),
      predictions: classes("predictions"),
      ...facts,
      ...(originals ? { originals } : {}),
    },
  };
}

/**
 * Loads what {@linkcode saveExamples} saved, or another program in the same form.
 *
 * @param path The file.
 * @returns The examples; `images` is an owned tensor: dispose it.
 * @throws {FileError} Naming the file, if it is missing, damaged, holds something else, a pixel outside
 * [0, 1], or an image further than epsilon from its original.
 * @example
 * ```ts
 * import { assertRejects } from "@trusted-ai-lab/lab/assert";
 * await assertRejects(() => loadExamples("none.safetensors"), Error, "there is no such file");
 * ```
 */
export async function loadExamples(path: string): Promise<SavedExamples> {
  requireText("path", path);
  const content = await readSafetensors(path, "the examples");
  const { metadata, data } = content;
  const version = metadata[VERSION_KEY];
  if (version !== undefined && version !== VERSION) {
    throw refusal(path, `it is of version ${version}, newer than this lab reads`);
  }
  // Another program's file has other metadata and no digests; the lab's has its own and no more.
  const digest = metadata[DIGEST_KEY];
  const isWhole = version === undefined ||
    Object.keys(metadata).sort().join() === OWN_KEYS.toSorted().join();
  if (!isWhole || (digest !== undefined && digest !== sha256(data))) {
    throw refusal(path, "its tensors do not match their SHA-256; the file is damaged");
  }
  try {
    const { shape, values, parts } = partsOf(content);
    return { images: tf.tensor4d(values, shape), ...parts };
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      throw refusal(path, error.message);
    }
    throw error;
  }
}
