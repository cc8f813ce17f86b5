/** The content of a run's config.json. */
import type { KnownNormalisation } from "../../nn/checkpoint_options.ts";
import type { RunConfig } from "../records/schema.ts";
import type { RunSpec } from "../specs/run_spec.ts";
import type { RunIdentity } from "./identify_run.ts";
import { normalisationOf } from "./measure/normalisation.ts";
import { numericsVersion } from "./numerics_version.ts";

/**
 * What a run was made of.
 *
 * @param start The normalisation that the first weights were trained with; `null` for random ones, which
 * get that of the training images.
 */
export function configOf(
  spec: RunSpec,
  { data, encoder, hash, trainingHash }: RunIdentity,
  start: Pick<KnownNormalisation, "mean" | "std"> | null,
): RunConfig {
  const { id, seed, profile } = spec;
  return {
    schema: 1,
    id,
    seed,
    profile,
    source: data.train.source,
    description: data.train.describe(),
    hash,
    trainingHash,
    numericsVersion,
    spec,
    data: data.identity,
    trainImages: data.train.length,
    validationImages: data.validation.length,
    normalisation: start === null
      ? normalisationOf(data.train)
      : { mean: start.mean, std: start.std },
    encoder: encoder && {
      description: encoder.description,
      digest: encoder.digest,
      standIn: encoder.standIn,
    },
  };
}
