/** How the network of a checkpoint is made: by its metadata, its tensors, and what the caller says. */
import { FileError } from "../files/file_error.ts";
import { printable } from "../format/printable.ts";
import {
  isResNetName,
  knownArchitecture,
  otherArchitecture,
  revealedOptions,
  type TensorShapes,
} from "./_architecture.ts";
import type { AnyNetworkOptions } from "./architectures.ts";
import { DEFAULT_MODEL, MODEL_FACTS, MODEL_NAMES, type ModelName } from "./model_names.ts";
import { understandNames } from "./_tensor_names.ts";
import type { Stem } from "./resnet18.ts";
import type { RawTensor, SafetensorsContent, StoredTensor } from "./safetensors.ts";
import { type StoredOptions, storedOptions } from "./_stored_options.ts";

/** What a caller says about a checkpoint that may not say it itself. */
export interface ToldOptions {
  /** The network, e.g. "resnet34". */
  readonly model?: ModelName | undefined;
  /** Of the pixels in [0, 1]: one number a channel, or one for all. */
  readonly mean?: readonly number[] | undefined;
  /** Likewise. */
  readonly std?: readonly number[] | undefined;
  readonly stem?: Stem | undefined;
  readonly classes?: number | undefined;
  /** In pixels: of both sides, or height and width. */
  readonly imageSize?: number | readonly [height: number, width: number] | undefined;
}

/** ImageNet's statistics, as torchvision publishes them: what foreign weights most often expect. */
export const imagenetNormalisation = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

const IMAGENET_CHANNELS = 3;

/** Mean and standard deviation inside a model, and where they come from. */
export interface KnownNormalisation {
  /** Of each channel's pixels in [0, 1]. */
  readonly mean: readonly number[];
  /** Of each channel's pixels; positive. */
  readonly std: readonly number[];
  /** The checkpoint's metadata, the caller, or neither: then ImageNet's are assumed. */
  readonly from: "checkpoint" | "caller" | "assumed";
}

/** How to make the model that a checkpoint's weights belong to. */
export interface CheckpointOptions {
  /** The network, by the file's metadata or else by its tensors. */
  readonly architecture: ModelName;
  readonly options: AnyNetworkOptions & Required<Pick<AnyNetworkOptions, "stem" | "batchNorm">>;
  readonly normalisation: KnownNormalisation;
  /** What was taken from the tensors' shapes, e.g. "stem cifar and 100 classes"; "" if nothing. */
  readonly revealed: string;
}

function refusal(path: string, place: string, what: string): FileError {
  const message = `Cannot load the checkpoint ${path}: ${printable(what)}`;
  return new FileError(message, { path, place });
}

/** Shapes under torchvision's names, and the network; refuses what the lab does not have. */
function networkOf(
  path: string,
  { tensors, others }: SafetensorsContent,
  stored: string | undefined,
): { shapes: TensorShapes; architecture: ModelName } {
  const all = new Map<string, StoredTensor | RawTensor>([...tensors, ...others]);
  const { names } = understandNames([...all.keys()], isResNetName);
  const shapes = new Map(Array.from(all, ([name, { shape }]) => [names.get(name)!, shape]));
  const known = knownArchitecture(shapes);
  const other = known === undefined ? otherArchitecture(shapes) : undefined;
  if (other !== undefined) {
    throw refusal(
      path,
      "header",
      `it belongs to ${other}, which is not one of the lab's networks, a ResNet-18 or one of ` +
        `${MODEL_NAMES.filter((name) => name !== DEFAULT_MODEL).join(", ")} (see its header)`,
    );
  }
  if (![...shapes.keys()].some(isResNetName)) {
    const some = [...all.keys()].slice(0, 3).join(", ");
    const has = all.size === 0 ? "no tensors" : `the ${all.size} tensors ${some}, ...`;
    throw refusal(
      path,
      "header",
      `it holds none of a ResNet-18's weights but ${has} (see its header)`,
    );
  }
  if (stored === undefined) return { shapes, architecture: known ?? DEFAULT_MODEL };
  const named = MODEL_NAMES.find((name) => name === stored);
  if (named !== undefined) return { shapes, architecture: named };
  throw refusal(
    path,
    "architecture",
    `it belongs to a network named ${stored}, which is not one of ${MODEL_NAMES.join(", ")}`,
  );
}

function revealedBy(path: string, shapes: TensorShapes, architecture: ModelName) {
  try {
    return revealedOptions(shapes, architecture);
  } catch (error) {
    if (error instanceof RangeError) {
      throw refusal(path, "conv1.weight", `conv1.weight: ${error.message}`);
    }
    throw error;
  }
}

/** One number for all channels, which may stand there several times, or one for each. */
function perChannel(values: readonly number[], channels: number): readonly number[] {
  const first = values[0]!;
  return values.every((value) => value === first) ? Array<number>(channels).fill(first) : values;
}

/** Features that the last layer of any of the lab's networks takes at least. */
const LEAST_FEATURES = 64;

/** Requires the tensors that decide a model's size to hold numbers: a shape alone costs no byte. */
function requireDeciding(path: string, shapes: TensorShapes, { others }: SafetensorsContent): void {
  const refuse = (name: string, what: string) => {
    throw refusal(path, name, `${name} ${what}`);
  };
  for (const [name, rank] of [["conv1.weight", 4], ["fc.weight", 2]] as const) {
    const shape = shapes.get(name);
    if (shape === undefined) continue;
    const other = [...others].find(([key]) => key === name || key.endsWith(`.${name}`));
    if (other !== undefined) refuse(name, `has the type ${other[1].dtype}, which holds no weights`);
    if (shape.length !== rank || shape.includes(0)) {
      refuse(name, `has shape [${shape}] instead of ${rank} sizes above 0`);
    }
    if (name === "fc.weight" && shape[1]! < LEAST_FEATURES) {
      refuse(name, `has shape [${shape}], so that it reads less than ${LEAST_FEATURES} features`);
    }
  }
}

/** What the metadata say of sizes, as far as tensors bear it out; a contradiction is refused. */
function confirmed(
  path: string,
  stored: StoredOptions,
  found: { readonly [name: string]: unknown },
): StoredOptions {
  const { classes, channels, ...rest } = stored;
  for (const name of Object.keys(found)) {
    const [said, shown] = [(stored as Record<string, unknown>)[name], found[name]];
    if (said === undefined || shown === undefined || said === shown) continue;
    throw refusal(path, name, `its lab.model says ${name} ${said}, its tensors' shapes ${shown}`);
  }
  const count = found["channels"] ?? 3;
  for (const name of ["mean", "std"] as const) {
    const length = stored[name]?.length;
    if (length === undefined || length === count) continue;
    const what = `its lab.model has ${length} values of ${name}, its tensors ${count} channels`;
    throw refusal(path, name, what);
  }
  return {
    ...rest,
    ...(classes === undefined || found["classes"] === undefined ? {} : { classes }),
    ...(channels === undefined || found["channels"] === undefined ? {} : { channels }),
  };
}

function normalisationOf(
  told: ToldOptions,
  stored: StoredOptions | undefined,
  channels: number,
): KnownNormalisation {
  if (stored?.mean !== undefined && stored.std !== undefined) {
    return { mean: stored.mean, std: stored.std, from: "checkpoint" };
  }
  if ((told.mean === undefined) !== (told.std === undefined)) {
    throw new TypeError("Expected mean and std together but found only one of them; give both");
  }
  if (told.mean === undefined && channels !== IMAGENET_CHANNELS) {
    throw new TypeError(
      `Expected mean and std for weights of ${channels} channels, whose file does not say them, but ` +
        "found neither; ImageNet's are of 3 channels",
    );
  }
  const { mean, std } = told.mean && told.std
    ? { mean: told.mean, std: told.std }
    : imagenetNormalisation;
  return {
    mean: perChannel(mean, channels),
    std: perChannel(std, channels),
    from: told.mean === undefined ? "assumed" : "caller",
  };
}

/** Requires that what the caller says is what the file says, where both do. */
function requireAgreement(
  path: string,
  told: ToldOptions,
  known: ToldOptions,
  channels: number,
  by: string,
): void {
  for (const name of ["model", "mean", "std", "stem", "classes"] as const) {
    const [said, found] = [told[name], known[name]];
    if (said === undefined || found === undefined) continue;
    const theirs = typeof said === "object" ? perChannel(said, channels) : said;
    if (JSON.stringify(theirs) !== JSON.stringify(found)) {
      const what = `${name} is ${JSON.stringify(found)} by its ${by}, not ${
        JSON.stringify(theirs)
      }`;
      throw refusal(path, name, `${what}; leave out ${name}`);
    }
  }
}

/**
 * The network that a checkpoint's weights belong to, and its options. Metadata come first, then the
 * tensors' shapes (stem, batch norm, classes), then the caller; without a word on mean and std,
 * ImageNet's are assumed, which `normalisation.from` says.
 *
 * @param path The file, for errors.
 * @param content What it holds.
 * @param told What the caller says; a mean or std of one number holds for all channels.
 * @throws {FileError} If the file is another network's, which is named, or the caller contradicts it.
 * @throws {TypeError} If only one of mean and std is told and the file has none, or neither and the
 * weights are not of three channels.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const tensors = new Map([
 *   ["conv1.weight", { shape: [64, 3, 3, 3], values: new Float32Array(64 * 27) }],
 * ]);
 * const bytes = new Uint8Array();
 * const content = { tensors, others: new Map(), metadata: {}, data: bytes, dataStart: 0 };
 * const { options, normalisation } = checkpointOptions("a.safetensors", content);
 * assertEquals([options.stem, normalisation.from], ["cifar", "assumed"]);
 * ```
 */
export function checkpointOptions(
  path: string,
  content: SafetensorsContent,
  told: ToldOptions = {},
): CheckpointOptions {
  const { architecture: named, ...said } = storedOptions(path, content.metadata) ?? {};
  const isStored = Object.keys(said).length > 0;
  const { shapes, architecture } = networkOf(path, content, named);
  requireDeciding(path, shapes, content);
  const { stem, batchNorm, classes: counted, ...rest } = revealedBy(path, shapes, architecture);
  // A bias alone may be of any length; its matrix costs bytes.
  const classes = shapes.has("fc.weight") ? counted : undefined;
  const others = { ...rest, ...(classes === undefined ? {} : { classes }) };
  const shownChannels = shapes.get("conv1.weight")?.[1];
  const channels = shownChannels ?? 3;
  const { choosesStem, title } = MODEL_FACTS[architecture];
  if (told.stem !== undefined && !choosesStem) {
    throw refusal(path, "stem", `a ${title} has one stem; leave out stem`);
  }
  // Which maps a shortcut reads is only assumed.
  const { outShortcut: _assumed, ...shown } = others;
  const stored = confirmed(path, said, { ...shown, stem, batchNorm, channels: shownChannels });
  requireAgreement(path, told, stored, channels, "metadata");
  requireAgreement(
    path,
    told,
    { model: architecture, ...(stem && { stem }), ...(classes && { classes }) },
    channels,
    "tensors",
  );
  const normalisation = normalisationOf(told, stored, channels);
  const { mean, std } = normalisation;
  const imageSize = told.imageSize ?? stored.imageSize;
  const found = isStored
    ? []
    : [...(stem ? [`stem ${stem}`] : []), ...(classes ? [`${classes} classes`] : [])];
  return {
    architecture,
    options: {
      ...others,
      channels,
      stem: told.stem ?? stem ?? (choosesStem ? "imagenet" : "cifar"),
      batchNorm: batchNorm ?? true,
      ...(told.classes === undefined ? {} : { classes: told.classes }),
      ...stored,
      ...(imageSize === undefined ? {} : { imageSize }),
      mean,
      std,
    },
    normalisation,
    revealed: found.join(" and "),
  };
}

const origins: Readonly<Record<KnownNormalisation["from"], string>> = {
  checkpoint: "the checkpoint's own",
  caller: "as given",
  assumed: "assumed: ImageNet's, since neither the file nor --mean and --std say",
};

/**
 * Says how a model normalises its pixels, and on whose word.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const known = { mean: [0.5], std: [0.25], from: "caller" } as const;
 * assertEquals(normalisationText(known), "normalised with mean 0.5 and std 0.25 (as given)");
 * ```
 */
export function normalisationText({ mean, std, from }: KnownNormalisation): string {
  return `normalised with mean ${mean.join(", ")} and std ${std.join(", ")} (${origins[from]})`;
}
