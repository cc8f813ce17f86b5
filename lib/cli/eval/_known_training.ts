/** What the config.json beside a checkpoint says about its training. */
import { dirname, join } from "node:path";
import { exists } from "../../files/exists.ts";
import { CHECKSUM_FILE } from "../../experiments/records/checksums.ts";
import { readConfig } from "../../experiments/records/record.ts";
import { isTraining } from "../../experiments/specs/training_spec.ts";
import type { DataIdentity } from "../../train/run_directory.ts";

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
  /** Name of the data that it was trained on, e.g. "svhn". */
  readonly dataset?: string | undefined;
  /** The same for captions. */
  readonly trainedOn?: string | undefined;
  readonly heldOut?: HeldOut;
  /** Its directory is the cache of a run: files there are not written over. */
  readonly cached: boolean;
}

/** What the library's `train` writes into a directory; `deno task train` wrote the same once. */
interface IdentityConfig {
  readonly seed?: number;
  readonly train?: DataIdentity;
  readonly validation?: DataIdentity | null;
}

/** Share of the training images that `deno task train` holds out. */
const HELD_OUT_FRACTION = 0.1;

function ofIdentity({ seed = 0, train, validation }: IdentityConfig): KnownTraining {
  const known = { seed, dataset: train?.name, trainedOn: train?.name, cached: false };
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
  let value: unknown;
  try {
    value = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read ${path}: ${reason}`, { cause: error });
  }
  if (typeof value !== "object" || value === null || !("spec" in value)) {
    return ofIdentity(value ?? {});
  }
  const { id, seed, spec, description, data } = (await readConfig(directory))!;
  const sealed = await exists(join(directory, CHECKSUM_FILE));
  const train = data["train"];
  return {
    ...(isTraining(spec) ? {} : { id }),
    seed,
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
