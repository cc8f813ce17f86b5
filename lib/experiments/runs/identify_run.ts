/** What a run is, before it is made: its data, its encoder and the hash of all that decides it. */
import type { RunData } from "./data_provider.ts";
import { type Encoder, resolveEncoder } from "./encoder.ts";
import { runHash, trainingHash } from "./_hash.ts";
import { numericsVersion } from "./numerics_version.ts";
import type { RunContext } from "./run_context.ts";
import type { RunSpec } from "../specs/run_spec.ts";

/** A run that is fully determined. */
export interface RunIdentity {
  readonly data: RunData;
  readonly encoder: Encoder | null;
  readonly hash: string;
  readonly trainingHash: string;
}

/**
 * The spec with the kind of data that "auto" came to. What was loaded decides a run, not whether it
 * was asked for by name: `matrix --data` and a notebook on the same images share their runs.
 */
function resolvedSource(spec: RunSpec, { train }: RunData): RunSpec {
  const source = train.source === "procedural" ? "procedural" : "real";
  return { ...spec, data: { ...spec.data, source } };
}

/** The identity of a run with data and encoder at hand. */
export function identityOf(spec: RunSpec, data: RunData, encoder: Encoder | null): RunIdentity {
  const input = {
    spec: resolvedSource(spec, data),
    data: data.identity,
    encoder: encoder?.digest ?? null,
    numericsVersion,
  };
  return { data, encoder, hash: runHash(input), trainingHash: trainingHash(input) };
}

/**
 * Loads a run's data, finds its encoder and hashes both with its settings.
 *
 * @throws {Error} If data or an encoder are missing or damaged.
 */
export async function identifyRun(spec: RunSpec, context: RunContext): Promise<RunIdentity> {
  const data = await context.data.load(spec);
  const encoder = await resolveEncoder(spec, context, (other) => identifyRun(other, context));
  return identityOf(spec, data, encoder);
}
