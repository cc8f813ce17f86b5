/** The identity of a run: a hash of its settings, its data and the version of the code's numbers. */
import { DEFAULT_MODEL } from "../../nn/model_names.ts";
import { type KnobTable, withoutLaterDefaults } from "../../train/knob_definition.ts";
import { trainKnobs } from "../../train/knobs.ts";
import type { DataIdentity } from "../../train/run_directory.ts";
import { canonicalJson } from "../../format/canonical_json.ts";
import type { RunSpec } from "../specs/run_spec.ts";
import { sha256 } from "../../format/sha256.ts";

/** Everything that decides a run's numbers. */
export interface HashInput {
  readonly spec: RunSpec;
  /** Fingerprints of the datasets as loaded, by their use ("train", "test", "transfer"). */
  readonly data: Readonly<Record<string, DataIdentity>>;
  /** Digest of the weights, or hash of the run, that the encoder comes from. */
  readonly encoder: string | null;
  readonly numericsVersion: number;
}

/** What was added after the first runs counts only where it is not at its default. */
function hashedSpec(spec: RunSpec, knobs: KnobTable): RunSpec {
  const { architecture, ...model } = spec.model;
  const named = architecture === undefined || architecture === DEFAULT_MODEL ? model : spec.model;
  return { ...spec, model: named, train: withoutLaterDefaults(knobs, spec.train) };
}

/**
 * Hashes what decides a run's numbers.
 *
 * @param knobs The declarations of the knobs in `spec.train`.
 * @returns 64 hexadecimal digits (SHA-256 of canonical JSON).
 * @example
 * ```ts
 * import { assertEquals, assertNotEquals } from "@trusted-ai-lab/lab/assert";
 * import { experimentMatrix, withSeed } from "../specs/matrix.ts";
 * const spec = experimentMatrix("quick")[0]!;
 * const hash = (seed: number) =>
 *   runHash({ spec: withSeed(spec, seed), data: {}, encoder: null, numericsVersion: 1 });
 * assertEquals(hash(0), hash(0));
 * assertNotEquals(hash(0), hash(1));
 * ```
 */
export function runHash(input: HashInput, knobs: KnobTable = trainKnobs): string {
  const spec = hashedSpec(input.spec, knobs);
  return sha256(canonicalJson({ ...input, spec }));
}

/**
 * Hashes what decides a run's weights: the same without the settings of the evaluation and without
 * the images that are only evaluated. Runs that agree in it can share one training; a variant goes by
 * its parent's name, so that one that is only measured otherwise is not trained again.
 */
export function trainingHash(
  { spec, data, encoder, numericsVersion }: HashInput,
  knobs: KnobTable = trainKnobs,
): string {
  const { evaluation: _, variant, ...settings } = hashedSpec(spec, knobs);
  const training = { ...settings, id: variant?.of ?? spec.id };
  const trained = { train: data["train"] };
  return sha256(canonicalJson({ spec: training, data: trained, encoder, numericsVersion }));
}
