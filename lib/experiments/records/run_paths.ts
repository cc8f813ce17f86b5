/** Where the files of a run are. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { requireDatasetName, type Split } from "../../data/dataset.ts";
import type { RunSpec } from "../specs/run_spec.ts";

/** The checkout this module belongs to. */
export function checkoutRoot(): string {
  return fileURLToPath(new URL("../../..", import.meta.url)).replace(/[\\/]$/, "");
}

/** `<dataset>-<split>`, the first part of an evaluation's file names. */
export function evaluationName(dataset: string, split: Split): string {
  requireDatasetName(dataset);
  return `${dataset}-${split}`;
}

/**
 * The directory of a run: `<root>/data/runs/<profile>/<id>-s<seed>-<first 8 digits of the hash>`.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@trusted-ai-lab/lab/assert";
 * import { experimentMatrix } from "../specs/matrix.ts";
 * const directory = runDirectory("lab", experimentMatrix("quick")[0]!, "0123456789abcdef");
 * assertMatch(directory, /runs.quick.svhn-baseline-s0-01234567$/);
 * ```
 */
export function runDirectory(root: string, spec: RunSpec, hash: string): string {
  return join(runsFolder(root), spec.profile, `${runName(spec)}-${hash.slice(0, 8)}`);
}

/** The folder that holds the runs of a checkout, or of another root. */
export function runsFolder(root: string): string {
  return join(root, "data", "runs");
}

/** `<id>-s<seed>`: the name of a run in tables and of its committed record. */
export function runName({ id, seed }: { readonly id: string; readonly seed: number }): string {
  return `${id}-s${seed}`;
}

/** Where the committed records, summaries and figures of the published run are. */
export function publishedPaths(root: string): {
  readonly results: string;
  readonly records: string;
  readonly figures: string;
} {
  const results = join(root, "data", "results");
  return { results, records: join(results, "runs"), figures: join(root, "figures") };
}

/** The folder that holds reports of all profiles. */
export function reportsFolder(root: string): string {
  return join(root, "data", "reports");
}

/** Where a student's own report is written; git ignores it. */
export function reportDirectory(root: string, profile: string): string {
  return join(reportsFolder(root), profile);
}
