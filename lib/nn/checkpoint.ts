import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import type { tf } from "../backend/tf.ts";
import { FileError } from "../files/file_error.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { type Classifier, requireClassifier } from "./classifier.ts";
import { damagedTensors, MAX_BYTES, readSafetensors } from "./read_safetensors.ts";
import {
  encodeSafetensors,
  type RawTensor,
  type SafetensorsContent,
  type StoredIntegers,
  type StoredTensor,
} from "./safetensors.ts";
import { SafetensorsError } from "./safetensors_header.ts";
import { MODEL_KEY, storedJson } from "./_stored_options.ts";
import { knownArchitecture, otherArchitecture } from "./_architecture.ts";
import { MODEL_FACTS } from "./model_names.ts";
import { DIGEST_KEY, requireMetadata } from "./_metadata.ts";
import {
  fitting,
  type FittingTensor,
  fromStored,
  torchShape,
  toStored,
} from "./_stored_variable.ts";
import { understandNames } from "./_tensor_names.ts";
import { requireText } from "../arguments/require.ts";
import { printable } from "../format/printable.ts";
import { sha256 } from "../format/sha256.ts";

/** The model options that weights belong to; a checkpoint that differs in one is refused. */
const BINDING_OPTIONS = [
  "architecture",
  "stem",
  "batchNorm",
  "bnBeforeFc",
  "outShortcut",
  "channels",
  "classes",
  "mean",
  "std",
] as const;
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
  /**
   * `true`: missing, extra and misshapen tensors are errors. `false`: they are left out, which a
   * warning counts if the file is another network's or fills less than half of the model. Default
   * `true`.
   */
  readonly strict?: boolean;
  /** Names, the model's or the file's, that are left as they are in the model. */
  readonly skip?: RegExp;
}

const optionNames: OptionNames<LoadOptions> = { strict: true, skip: true };

/** What was taken from a checkpoint. */
export interface LoadResult {
  /** Names (torchvision's) of the tensors that the model took from the file. */
  readonly loaded: string[];
  /** Names left out: by `skip`, or missing, extra or misshapen with `strict: false`. */
  readonly skipped: string[];
  /** Strings in the file's `__metadata__`: the model's options, a SHA-256, the caller's own. */
  readonly metadata: Record<string, string>;
}

function modelVariables(model: Classifier): Map<string, tf.Variable> {
  return new Map([...model.parameters, ...model.buffers]);
}

/** Requires names that a checkpoint brings back to where they came from. */
function requireOwnNames({ parameters, buffers }: Classifier): void {
  for (const name of [...parameters.keys(), ...buffers.keys()]) {
    if (name.startsWith(EXTRA_PREFIX)) {
      throw new RangeError(
        `Expected no variable of model to start with "${EXTRA_PREFIX}", which checkpoints keep for ` +
          `the state of training, but found ${printable(name)}; rename it`,
      );
    }
    if (parameters.has(name) && buffers.has(name)) {
      throw new RangeError(
        `Expected model.parameters and model.buffers to share no name but both have ` +
          `${printable(name)}; rename one`,
      );
    }
  }
}

/** A model's options and the name of its network as JSON. */
function optionsJson({ options, architecture }: Classifier): string | undefined {
  const given = givenOptions(options);
  // Files of ResNet-18 stay as they were: whoever passes their options to resnet18 can.
  if (architecture === undefined || architecture === "resnet18") return given;
  const named = JSON.stringify({ architecture });
  return given === undefined || given === "{}" ? named : `${named.slice(0, -1)},${given.slice(1)}`;
}

function givenOptions(options: Classifier["options"]): string | undefined {
  if (options === undefined || options === null) return undefined;
  let text: string | undefined;
  try {
    text = JSON.stringify(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new TypeError(`Expected model.options to be plain JSON but found: ${reason}`, {
      cause: error,
    });
  }
  if (text?.startsWith("{")) return text;
  throw new TypeError(`Expected model.options to be an object but found ${typeof options}`);
}

/**
 * Writes a model's weights, and optionally more, as one safetensors file.
 *
 * @param path The file; it is replaced atomically.
 * @throws {TypeError|RangeError} If {@linkcode loadCheckpoint} or Python's safetensors would refuse
 * the file: see {@linkcode saveCheckpoint}.
 * @throws {Error} Naming the file, if it cannot be written or a weight is not finite.
 */
export async function writeCheckpoint(
  path: string,
  model: Classifier,
  { metadata = {}, extraTensors = new Map() }: CheckpointContent = {},
): Promise<void> {
  requireText("path", path);
  requireClassifier("model", model);
  requireMetadata("extra", metadata);
  requireOwnNames(model);
  const tensors = new Map<string, StoredTensor | StoredIntegers>();
  for (const [name, variable] of modelVariables(model)) {
    tensors.set(name, toStored(name, variable));
  }
  for (const [name, tensor] of extraTensors) {
    if (!name.startsWith(EXTRA_PREFIX)) {
      throw new RangeError(`Expected the extra tensor ${name} to start with "${EXTRA_PREFIX}"`);
    }
    tensors.set(name, tensor);
  }
  requireFinite(tensors, (name, what) => new Error(`Cannot write ${path}: ${name} ${what}`));
  const own: Record<string, string> = { format: "pt", ...metadata };
  const options = optionsJson(model);
  if (options !== undefined) own[MODEL_KEY] = options;
  const digested = (data: Uint8Array) => ({ ...own, [DIGEST_KEY]: sha256(data) });
  const file = encodeSafetensors(tensors, digested);
  if (file.length > MAX_BYTES) {
    throw new RangeError(
      `Cannot write ${path}: it would have ${file.length} bytes, more than the ${MAX_BYTES} that ` +
        `loadCheckpoint reads`,
    );
  }
  await writeAtomically(path, file);
}

/**
 * Saves a model's weights as safetensors with torchvision's names and layouts, so that PyTorch opens
 * them. Float32, int32 and bool variables keep their type (F32, I32, BOOL). The model's options and a
 * SHA-256 of the tensors go into the metadata. What could not be read again is refused before anything
 * is written.
 *
 * @param path The file; it is replaced atomically.
 * @param model Its variables' names must differ and must not start with "optimizer.".
 * @param extra Further strings for the metadata. Default: none.
 * @throws {TypeError} Naming the key of `extra` whose value is not text, a variable of another type,
 * or model options that are no JSON object.
 * @throws {RangeError} Naming a key or variable whose name is reserved or not well-formed Unicode.
 * @throws {Error} Naming the file, if it cannot be written or a weight is not finite.
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
  const message = `Cannot load the checkpoint ${path}: ${printable(what)}`;
  return new FileError(message, { path, place: printable(place) });
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

/** Larger weights overflow as soon as two of them are multiplied: float32 ends at 3.4e38. */
const LARGEST_WEIGHT = 1e18;

/**
 * @param refuse Is given the tensor's name and what is wrong with it.
 */
function requireFinite(
  tensors: Iterable<readonly [name: string, tensor: FittingTensor]>,
  refuse: (name: string, what: string) => Error,
): void {
  for (const [name, { values }] of tensors) {
    if (!(values instanceof Float32Array)) continue;
    if (!name.startsWith(EXTRA_PREFIX)) requireUsable(values, (what) => refuse(name, what));
    // x - x is 0 for finite x and NaN otherwise; the sum is cheap and stops for nothing.
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += values[k]! - values[k]!;
    if (sum !== 0) throw refuse(name, NOT_FINITE);
  }
}

const NOT_FINITE = "is not finite";

/** Requires weights that a product of two does not carry out of float32. */
function requireUsable(values: Float32Array, refuse: (what: string) => Error): void {
  let largest = 0;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k]!);
    if (size > largest) largest = size;
  }
  if (largest > LARGEST_WEIGHT && largest !== Infinity) {
    throw refuse(`holds weights of up to ${largest.toPrecision(2)}, beyond ${LARGEST_WEIGHT}`);
  }
}

function checkOptions(
  path: string,
  model: Classifier,
  metadata: Record<string, string>,
  skip: RegExp | undefined,
): void {
  const stored = storedJson(path, metadata);
  const text = optionsJson(model);
  if (stored === undefined || text === undefined) return;
  const own = JSON.parse(text) as Record<string, unknown>;
  for (const name of BINDING_OPTIONS) {
    const skipsHead = skip && ["fc.weight", "linear.weight"].some((head) => head.search(skip) >= 0);
    if (name === "classes" && skipsHead) continue;
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

type Tensors = ReadonlyMap<string, StoredTensor | RawTensor>;

function shapesOf(tensors: Iterable<[string, { readonly shape: readonly number[] }]>) {
  return new Map(Array.from(tensors, ([name, { shape }]) => [name, shape] as const));
}

/** Says whose weights a file holds and what the model is, if that is another network of the lab. */
function otherNetwork(model: Classifier, tensors: Tensors): string | undefined {
  const shapes = Array.from(
    modelVariables(model),
    ([name, { shape }]) => [name, torchShape(shape)] as const,
  );
  const own = knownArchitecture(new Map(shapes));
  const found = shapesOf(tensors);
  const known = knownArchitecture(found);
  if (own === undefined || known === own) return undefined;
  const other = otherArchitecture(found) ?? (known && `a ${MODEL_FACTS[known].title}`);
  return other && `it belongs to ${other}, the model is a ${MODEL_FACTS[own].title}`;
}

/** Why a stored tensor does not fit a variable. */
function misfit(
  name: string,
  variable: tf.Variable,
  stored: StoredTensor | RawTensor | undefined,
): string | undefined {
  if (stored === undefined) return `${name} is missing`;
  const expected = torchShape(variable.shape);
  if (stored.shape.join() !== expected.join()) {
    return `${name} has shape [${stored.shape}], the model's is [${expected}]`;
  }
  if (fitting(stored, variable.dtype) !== undefined) return undefined;
  const type = "bytes" in stored ? stored.dtype : "F32";
  return `${name} has the type ${type}, the model's is ${variable.dtype}`;
}

/** What of a file goes where. */
interface Plan {
  readonly load: readonly [string, tf.Variable, FittingTensor][];
  readonly skipped: string[];
  /** Sentences for whoever loads with `strict: false`. */
  readonly notes: readonly string[];
}

/** Sorts names into those to load and those to leave; refuses what strictness forbids. */
function plan(
  path: string,
  model: Classifier,
  tensors: Tensors,
  { strict = true, skip }: LoadOptions,
): Plan {
  const other = otherNetwork(model, tensors);
  const belongs = other === undefined ? "" : `${other}: `;
  const refuse = (name: string, what: string): never => {
    throw refusal(path, name, `${belongs}${what}`);
  };
  const load: [string, tf.Variable, FittingTensor][] = [];
  const skipped: string[] = [];
  // A RegExp with the g flag remembers where it stopped; search() does not.
  const skips = (name: string) => skip !== undefined && name.search(skip) >= 0;
  const variables = modelVariables(model);
  const problems: [name: string, what: string][] = [];
  for (const [name, variable] of variables) {
    const stored = tensors.get(name);
    const problem = misfit(name, variable, stored);
    if (!skips(name) && problem === undefined) {
      load.push([name, variable, fitting(stored!, variable.dtype)!]);
      continue;
    }
    skipped.push(name);
    if (!skips(name)) problems.push([name, problem!]);
  }
  for (const [name, tensor] of tensors) {
    if (variables.has(name) || name.startsWith(EXTRA_PREFIX) || skips(name)) continue;
    if (BATCH_COUNTER.test(name)) continue;
    skipped.push(name);
    // Other types hold no weights that could be missed.
    if (!("bytes" in tensor)) problems.push([name, `the model has no ${name}`]);
  }
  if (strict && problems[0] !== undefined) refuse(...problems[0]);
  if (load.length === 0 && variables.size > 0) {
    const [name, what] = problems[0] ?? [variables.keys().next().value!, "skip leaves out all"];
    refuse(name, `none of its ${tensors.size} tensors was loaded (${name}: ${what})`);
  }
  const isLittle = 2 * load.length < variables.size;
  const network = other === undefined ? "" : `${other}; `;
  const notes = problems.length > 0 && (isLittle || other !== undefined)
    ? [
      `${network}${load.length} of the model's ${variables.size} and of the file's ${tensors.size} ` +
      "tensors were loaded, since strict is false",
    ]
    : [];
  return { load, skipped, notes };
}

/** A file's tensors under the model's names. */
function named(
  path: string,
  model: Classifier,
  { tensors, others }: SafetensorsContent,
  skip: RegExp | undefined,
): { tensors: Tensors; notes: readonly string[] } {
  // What a caller skips under its name in the file chooses no prefix.
  const all = new Map<string, StoredTensor | RawTensor>(
    [...tensors, ...others].filter(([name]) => skip === undefined || name.search(skip) < 0),
  );
  const variables = modelVariables(model);
  const understood = understandNames([...all.keys()], (name) => variables.has(name));
  const { names, notes, rivals } = understood;
  if (rivals.length > 1) {
    const [first, second] = rivals;
    throw refusal(
      path,
      `${second}*`,
      `it holds the model's weights ${rivals.length} times, behind "${
        rivals.join('" and "')
      }"; save ` +
        `one of them in a file of its own, e.g. in Python {name.removeprefix("${first}"): value for ` +
        `name, value in state.items() if name.startswith("${first}")}, or leave the others out with ` +
        `skip, e.g. /^${second!.replaceAll(".", "\\.")}/`,
    );
  }
  const found = new Map<string, StoredTensor | RawTensor>();
  for (const [name, tensor] of all) {
    const known = names.get(name)!;
    if (found.has(known)) {
      throw refusal(path, known, `it holds ${known} twice, once of them as ${name}`);
    }
    found.set(known, tensor);
  }
  return { tensors: found, notes };
}

/**
 * Loads weights saved by {@linkcode saveCheckpoint}, or torchvision's / timm's for a ResNet-18, into
 * a model. Names behind a prefix such as `module.` (DataParallel), `_orig_mod.` (torch.compile) or
 * `ema_model.`, and kuangliu/pytorch-cifar's `shortcut` and `linear`, are understood, which a warning
 * says; a file that holds the model behind two prefixes is refused. Everything is checked before the
 * first weight changes.
 *
 * @param path A safetensors file. F64, F16 and BF16 become float32; tensors of types that hold no
 * weights may be surplus.
 * @param options See {@linkcode LoadOptions}.
 * @returns The names taken and left, as the model has them, and the file's metadata.
 * @throws {Error} Naming the file, if it is missing, damaged or of another format, holds NaN or
 * infinity, belongs to a model with other options, (strict) has missing, extra or misshapen tensors or
 * those of another network, which is named, or if none of its tensors fits.
 */
export async function loadCheckpoint(
  path: string,
  model: Classifier,
  options: LoadOptions = {},
): Promise<LoadResult> {
  requireText("path", path);
  requireClassifier("model", model);
  requireKnownOptions("loadCheckpoint", options, optionNames);
  const content = await readCheckpoint(path);
  const { metadata } = content;
  checkOptions(path, model, metadata, options.skip);
  const { tensors, notes } = named(path, model, content, options.skip);
  const { load, skipped, notes: counted } = plan(path, model, tensors, options);
  const weights = load.map(([name, , tensor]) => [name, tensor] as const);
  const state = [...content.tensors].filter(([name]) => name.startsWith(EXTRA_PREFIX));
  requireFinite(
    [...weights, ...state],
    (name, what) => refusal(path, name, `${name} ${what}`),
  );
  for (const note of [...notes, ...counted]) console.warn(`${path}: ${printable(note)}`);
  for (const [, variable, stored] of load) {
    const value = fromStored(stored, variable.dtype);
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
