/** Which of many runs have to be made, and which must be made before others. */
import { requireList } from "../../arguments/require.ts";
import { relative } from "node:path";
import { findRun } from "./_cache.ts";
import { dataProvider } from "./data_provider.ts";
import { identifyRun } from "./identify_run.ts";
import { type RunContext, runContext, type RunOptions } from "./run_context.ts";
import { runDirectory, runName } from "../records/run_paths.ts";
import { parseRunSpec, type RunSpec } from "../specs/run_spec.ts";

/** A run by its name and its directory, relative to the root. */
export interface RunPlace {
  /** `<id>-s<seed>`. */
  readonly name: string;
  readonly directory: string;
}

/** A run that has to be made. */
export interface PlannedRun extends RunPlace {
  readonly spec: RunSpec;
  readonly hash: string;
  /** The run whose weights it starts from; null for random weights or a file's. */
  readonly encoder: RunPlace | null;
}

async function add(
  spec: RunSpec,
  context: RunContext,
  missing: Map<string, PlannedRun>,
): Promise<RunPlace> {
  const { hash, encoder } = await identifyRun(spec, context);
  const directory = runDirectory(context.root, spec, hash);
  const place = { name: runName(spec), directory: relative(context.root, directory) };
  if (missing.has(place.name)) return place;
  if (await findRun(context.root, spec, hash, context.weights) !== undefined) return place;
  const start = encoder?.kind === "run"
    ? await add(encoder.spec, { ...context, weights: true }, missing)
    : null;
  missing.set(place.name, { ...place, spec, hash, encoder: start });
  return place;
}

/**
 * Finds the runs that have to be made, with those that their encoders come from, also where these
 * were not asked for.
 *
 * @param specs Settings of the runs that are wanted.
 * @param options As of {@linkcode runExperiment}.
 * @returns The missing runs, each after the run that it starts from; empty if all have been made.
 * @throws {Error} If data or an encoder are missing or damaged.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { specById } from "../specs/matrix.ts";
 * const root = await Deno.makeTempDir();
 * const missing = await planRuns([specById("quick", "mnist-to-svhn-probe")], { root });
 * assertEquals(missing.map(({ name }) => name), ["mnist-train-s0", "mnist-to-svhn-probe-s0"]);
 * ```
 */
export async function planRuns(
  specs: readonly RunSpec[],
  options: RunOptions = {},
): Promise<PlannedRun[]> {
  requireList("specs", specs);
  const data = options.data ?? dataProvider(options.dataDirectory);
  const context = runContext({ ...options, data });
  const missing = new Map<string, PlannedRun>();
  for (const spec of specs) await add(parseRunSpec(spec), context, missing);
  return [...missing.values()];
}
