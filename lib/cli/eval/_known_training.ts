/** What the config.json beside a checkpoint says about its training. */
import { dirname, join } from "node:path";
import { z } from "zod";
import { FileError } from "../../files/file_error.ts";
import { readJson } from "../../files/read_json.ts";
import { isListed } from "../../experiments/records/checksums.ts";
import { readConfig } from "../../experiments/records/record.ts";
import { isTraining } from "../../experiments/specs/training_spec.ts";
import { configDigest } from "../../train/run_directory.ts";

/** How the held-out images were split off, and how to know that they are the same ones. */
export interface HeldOut {
  /** Number of training images before the split. */
  readonly whole: number;
  readonly fraction: number;
  /** Of the whole training split, or of the held-out part, as {@linkcode identifyData} has it. */
  readonly sha256: { readonly whole: string } | { readonly part: string };
}

/** What is known about a training. */
export interface KnownTraining {
  /** Name of the run in charts; a training outside the matrix goes by its folder. */
  readonly id?: string;
  readonly seed: number;
  /** Of the config.json, as a checkpoint that was trained with it names it. */
  readonly configDigest: string;
  /** Name of the data that it was trained on, e.g. "svhn". */
  readonly dataset?: string | undefined;
  /** The same for captions. */
  readonly trainedOn?: string | undefined;
  readonly heldOut?: HeldOut;
  /** Its directory is the cache of a run: files there are not written over. */
  readonly cached: boolean;
}

/** Far larger than any config.json. */
const MAX_BYTES = 2 ** 22;

const identity = z.looseObject({
  name: z.string().min(1),
  length: z.int().min(1).max(2 ** 31),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits"),
});

/** What the library's `train` writes into a directory; `deno task train` wrote the same once. */
const identitySchema = z.looseObject({
  seed: z.int().optional(),
  train: identity.optional(),
  validation: identity.nullable().optional(),
});
type IdentityConfig = z.infer<typeof identitySchema>;

function identityIn(value: unknown, path: string): IdentityConfig {
  const parsed = identitySchema.safeParse(value);
  if (parsed.success) return value as IdentityConfig;
  const { path: names, message } = parsed.error.issues[0]!;
  const place = names.join(".") || "the whole file";
  throw new FileError(
    `Cannot read ${path}: it is no config.json of a training: ${message} (at ${place}); restore it, ` +
      "or move it away to evaluate the checkpoint alone",
    { path, place, cause: parsed.error },
  );
}

/** Share of the training images that `deno task train` holds out. */
const HELD_OUT_FRACTION = 0.1;

function ofIdentity(config: IdentityConfig): KnownTraining {
  const { seed = 0, train, validation } = config;
  const known = {
    seed,
    configDigest: configDigest(config),
    dataset: train?.name,
    trainedOn: train?.name,
    cached: false,
  };
  if (train === undefined || !validation) return known;
  const whole = train.length + validation.length;
  const sha256 = { part: validation.sha256 };
  return { ...known, heldOut: { whole, fraction: HELD_OUT_FRACTION, sha256 } };
}

/**
 * Reads the config.json beside a checkpoint.
 *
 * @returns `undefined` if there is none.
 * @throws {Error} Naming the file, if it is damaged.
 */
export async function knownTraining(checkpoint: string): Promise<KnownTraining | undefined> {
  const directory = dirname(checkpoint);
  const path = join(directory, "config.json");
  const value = await readJson(path, { maxBytes: MAX_BYTES });
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || !("spec" in value)) {
    return ofIdentity(identityIn(value, path));
  }
  const { id, seed, spec, description, data } = (await readConfig(directory))!;
  const sealed = await isListed(directory, "config.json"); // a list of an evaluation seals no run
  const train = data["train"];
  return {
    ...(isTraining(spec) ? {} : { id }),
    seed,
    configDigest: configDigest(value),
    dataset: spec.dataset,
    trainedOn: description,
    ...(train && {
      heldOut: {
        whole: train.length,
        fraction: spec.data.validationFraction,
        sha256: { whole: train.sha256 },
      },
    }),
    cached: sealed || !isTraining(spec),
  };
}
