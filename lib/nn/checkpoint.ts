import { tf } from "../backend/tf.ts";
import { FileError } from "../files/file_error.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { type Classifier, requireClassifier } from "./classifier.ts";
import { damagedTensors, readSafetensors } from "./read_safetensors.ts";
import { encodeSafetensors, type StoredTensor } from "./safetensors.ts";
import { SafetensorsError } from "./safetensors_header.ts";
import { MODEL_KEY, storedOptions } from "./stored_options.ts";
import { sha256 } from "../format/sha256.ts";

/** Our own metadata key: SHA-256 of the tensors. */
const DIGEST_KEY = "lab.sha256";
/** The model options that weights belong to; a checkpoint that differs in one is refused. */
const BINDING_OPTIONS = ["stem", "batchNorm", "classes", "mean", "std"] as const;
/** State of training that lies beside the weights in last.safetensors. */
const EXTRA_PREFIX = "optimizer.";
const BATCH_COUNTER = /\.num_batches_tracked$/;

/** Further content of a checkpoint. */
export interface CheckpointContent {
  /** Strings for the file's `__metadata__`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Tensors beside the model's; names start with "optimizer.". */
  readonly extraTensors?: ReadonlyMap<string, StoredTensor>;
}

/** How {@linkcode loadCheckpoint} treats what does not fit. */
export interface LoadOptions {
  /** `true`: missing, extra and misshapen tensors are errors. Default `true`. */
  readonly strict?: boolean;
  /** Names (torchvision's) that are left as they are in the model. */
  readonly skip?: RegExp;
}

/** What was taken from a checkpoint. */
export interface LoadResult {
  /** Names (torchvision's) of the tensors that the model took from the file. */
  readonly loaded: string[];
  /** Names left out: by `skip`, or missing, extra or misshapen with `strict: false`. */
  readonly skipped: string[];
  /** Strings in the file's `__metadata__`: the model's options, a SHA-256, the caller's own. */
  readonly metadata: Record<string, string>;
}

/** From tfjs's layout (HWIO, [in, out]) to PyTorch's (OIHW, [out, in]), and back. */
const TO_TORCH: Record<number, number[]> = { 2: [1, 0], 4: [3, 2, 0, 1] };
const FROM_TORCH: Record<number, number[]> = { 2: [1, 0], 4: [2, 3, 1, 0] };

function torchShape(shape: readonly number[]): number[] {
  const order = TO_TORCH[shape.length];
  return order ? order.map((axis) => shape[axis]!) : [...shape];
}

function toStored(variable: tf.Tensor): StoredTensor {
  const order = TO_TORCH[variable.rank];
  const tensor = order ? tf.transpose(variable, order) : tf.clone(variable);
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return { shape: torchShape(variable.shape), values };
}

function fromStored({ shape, values }: StoredTensor): tf.Tensor {
  const order = FROM_TORCH[shape.length];
  return tf.tidy(() => {
    const tensor = tf.tensor(values, [...shape], "float32");
    return order ? tf.transpose(tensor, order) : tensor;
  });
}

function modelVariables(model: Classifier): Map<string, tf.Variable> {
  return new Map([...model.parameters, ...model.buffers]);
}

/**
 * Writes a model's weights, and optionally more, as one safetensors file.
 *
 * @param path The file; it is replaced atomically.
 * @throws {Error} Naming the file, if it cannot be written or a weight is not finite.
 */
export async function writeCheckpoint(
  path: string,
  model: Classifier,
  { metadata = {}, extraTensors = new Map() }: CheckpointContent = {},
): Promise<void> {
  requireClassifier("model", model);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, variable] of modelVariables(model)) tensors.set(name, toStored(variable));
  for (const [name, tensor] of extraTensors) {
    if (!name.startsWith(EXTRA_PREFIX)) {
      throw new RangeError(`Expected the extra tensor ${name} to start with "${EXTRA_PREFIX}"`);
    }
    tensors.set(name, tensor);
  }
  requireFinite(tensors, (name) => new Error(`Cannot write ${path}: ${name} is not finite`));
  const own: Record<string, string> = { format: "pt", ...metadata };
  if (model.options) own[MODEL_KEY] = JSON.stringify(model.options);
  const digested = (data: Uint8Array) => ({ ...own, [DIGEST_KEY]: sha256(data) });
  await writeAtomically(path, encodeSafetensors(tensors, digested));
}

/**
 * Saves a model's weights as safetensors with torchvision's names and layouts, so that PyTorch opens
 * them. The model's options and a SHA-256 of the tensors go into the metadata.
 *
 * @param path The file; it is replaced atomically.
 * @param extra Further strings for the metadata.
 * @throws {Error} Naming the file, if it cannot be written.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { resnet18 } from "./resnet18.ts";
 * const path = `${await Deno.makeTempDir()}/model.safetensors`;
 * const model = resnet18();
 * await saveCheckpoint(path, model, { note: "untrained" });
 * const { metadata, skipped } = await loadCheckpoint(path, model);
 * assertEquals([metadata.note, skipped], ["untrained", []]);
 * model.dispose();
 * ```
 */
export function saveCheckpoint(
  path: string,
  model: Classifier,
  extra: Record<string, string> = {},
): Promise<void> {
  return writeCheckpoint(path, model, { metadata: extra });
}

/** The error of a checkpoint that does not fit; `place` is the tensor or option that does not. */
function refusal(path: string, place: string, what: string): FileError {
  return new FileError(`Cannot load the checkpoint ${path}: ${what}`, { path, place });
}

async function readCheckpoint(path: string) {
  const content = await readSafetensors(path, "the checkpoint");
  const digest = content.metadata[DIGEST_KEY];
  if (digest !== undefined && digest !== sha256(content.data)) {
    const what = "its tensors do not match their SHA-256; the file is damaged";
    throw damagedTensors(
      path,
      "the checkpoint",
      new SafetensorsError(what, content.dataStart),
    );
  }
  return content;
}

function requireFinite(
  tensors: ReadonlyMap<string, StoredTensor>,
  refuse: (name: string) => Error,
): void {
  for (const [name, { values }] of tensors) {
    // x - x is 0 for finite x and NaN otherwise; the sum is cheap and stops for nothing.
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += values[k]! - values[k]!;
    if (sum !== 0) throw refuse(name);
  }
}

function checkOptions(
  path: string,
  model: Classifier,
  metadata: Record<string, string>,
  skip: RegExp | undefined,
): void {
  const stored = storedOptions(path, metadata);
  if (stored === undefined || !model.options) return;
  const own = model.options as Record<string, unknown>;
  for (const name of BINDING_OPTIONS) {
    if (name === "classes" && skip && "fc.weight".search(skip) >= 0) continue;
    const [theirs, ours] = [JSON.stringify(stored[name]), JSON.stringify(own[name])];
    if (theirs !== undefined && theirs !== ours) {
      throw refusal(
        path,
        name,
        `it belongs to a model with ${name} ${theirs}, ` +
          `this one has ${ours}. Create the model with the same ${name}.`,
      );
    }
  }
}

/** Sorts names into those to load and those to leave; refuses what strictness forbids. */
function plan(
  path: string,
  model: Classifier,
  tensors: ReadonlyMap<string, StoredTensor>,
  { strict = true, skip }: LoadOptions,
): { load: [string, tf.Variable, StoredTensor][]; skipped: string[] } {
  const refuse = (name: string, what: string): never => {
    throw refusal(path, name, what);
  };
  const load: [string, tf.Variable, StoredTensor][] = [];
  const skipped: string[] = [];
  // A RegExp with the g flag remembers where it stopped; search() does not.
  const skips = (name: string) => skip !== undefined && name.search(skip) >= 0;
  const variables = modelVariables(model);
  for (const [name, variable] of variables) {
    const stored = tensors.get(name);
    const expected = torchShape(variable.shape);
    if (skips(name)) skipped.push(name);
    else if (!stored) strict ? refuse(name, `${name} is missing`) : skipped.push(name);
    else if (stored.shape.join() !== expected.join()) {
      strict
        ? refuse(name, `${name} has shape [${stored.shape}], the model's is [${expected}]`)
        : skipped.push(name);
    } else load.push([name, variable, stored]);
  }
  for (const name of tensors.keys()) {
    if (variables.has(name) || name.startsWith(EXTRA_PREFIX) || skips(name)) continue;
    if (strict) refuse(name, `the model has no ${name}`);
    skipped.push(name);
  }
  return { load, skipped };
}

/**
 * Loads weights saved by {@linkcode saveCheckpoint}, or torchvision's / timm's for a ResNet-18, into
 * a model. Everything is checked before the first weight changes.
 *
 * @param path A safetensors file.
 * @param options See {@linkcode LoadOptions}.
 * @returns The names taken and left, and the file's metadata.
 * @throws {Error} Naming the file, if it is missing or damaged, holds NaN or infinity, belongs to a
 * model with other options, or (strict) has missing, extra or misshapen tensors.
 */
export async function loadCheckpoint(
  path: string,
  model: Classifier,
  options: LoadOptions = {},
): Promise<LoadResult> {
  requireClassifier("model", model);
  const { tensors, integers, metadata } = await readCheckpoint(path);
  for (const name of integers) {
    if (!BATCH_COUNTER.test(name)) {
      throw refusal(path, name, `${name} has an integer type`);
    }
  }
  checkOptions(path, model, metadata, options.skip);
  requireFinite(tensors, (name) => refusal(path, name, `${name} is not finite`));
  for (const name of [...tensors.keys()].filter((name) => BATCH_COUNTER.test(name))) {
    tensors.delete(name);
  }
  const { load, skipped } = plan(path, model, tensors, options);
  for (const [, variable, stored] of load) {
    const value = fromStored(stored);
    variable.assign(value);
    value.dispose();
  }
  return { loaded: load.map(([name]) => name), skipped, metadata };
}

/**
 * Reads the tensors beside the model's.
 *
 * @param prefix Only names that start with it, e.g. "optimizer.".
 * @throws {Error} Naming the file, if it is missing or damaged.
 */
export async function readExtraTensors(
  path: string,
  prefix: string,
): Promise<Map<string, StoredTensor>> {
  const { tensors } = await readCheckpoint(path);
  return new Map([...tensors].filter(([name]) => name.startsWith(prefix)));
}
