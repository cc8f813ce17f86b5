/** Runs side by side: seeds of one id together, and never two profiles or two kinds of data. */
import type { RunRecord } from "./record.ts";
import { requireList, requireParts, requireText } from "../../arguments/require.ts";
import { describeSelection } from "../../train/history.ts";
import { variantText } from "../specs/variant_text.ts";
import { canonicalJson } from "../../format/canonical_json.ts";

/**
 * Requires that numbers of these runs may stand in one table.
 *
 * @throws {RangeError} If there is no run, or profiles or real and procedural data are mixed.
 */
export function requireComparable(runs: readonly RunRecord[]): void {
  if (runs.length === 0) throw new RangeError("Expected at least one run but found none");
  const profiles = [...new Set(runs.map(({ config }) => config.profile))];
  if (profiles.length > 1) {
    throw new RangeError(
      `Expected runs of one profile but found ${profiles.join(" and ")}; ` +
        `numbers of different budgets do not belong in one table`,
    );
  }
  const kinds = [
    ...new Set(
      runs.map(({ metrics }) => metrics.source === "real-subset" ? "real" : metrics.source),
    ),
  ];
  if (kinds.length > 1) {
    throw new RangeError(
      `Expected runs on one kind of data but found ${kinds.join(" and ")}; ` +
        `numbers of real images, of stand-ins and of others do not belong in one table`,
    );
  }
}

/** The names of the settings in which two seeds of a run differ. */
function differingSettings(one: RunRecord, other: RunRecord): string[] {
  const settings = ({ config: { spec: { seed: _, ...spec } }, metrics }: RunRecord) =>
    new Map<string, unknown>(Object.entries({ ...spec, "test images": metrics.description }));
  const [a, b] = [settings(one), settings(other)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) =>
    canonicalJson(a.get(key)) !== canonicalJson(b.get(key))
  );
}

/**
 * Puts the seeds of each id together, in the order in which the ids first appear.
 *
 * @throws {RangeError} As {@linkcode requireComparable}, or if seeds of an id differ in more than
 * their seed: their mean would be one of nothing.
 */
export function groupBySeed(runs: readonly RunRecord[]): RunRecord[][] {
  requireComparable(runs);
  const groups = new Map<string, RunRecord[]>();
  for (const run of runs) {
    const group = groups.get(run.id) ?? [];
    groups.set(run.id, group);
    if (group.some(({ seed }) => seed === run.seed)) continue;
    const differing = group[0] === undefined ? [] : differingSettings(group[0], run);
    if (differing.length > 0) {
      throw new RangeError(
        `Expected the seeds of ${run.id} to differ in their seed alone but found ` +
          `${differing.join(", ")} of seed ${run.seed} to differ from seed ${group[0]!.seed}`,
      );
    }
    group.push(run);
  }
  return [...groups.values()];
}

/**
 * Puts together what the seeds of a run have in common, e.g. one attack at one budget.
 *
 * @param seeds A list of things for each seed.
 * @param keyOf What tells the things of one seed apart.
 * @returns A group for each key, in the order in which the keys first appear.
 */
export function alignSeeds<T>(
  seeds: readonly (readonly T[])[],
  keyOf: (item: T) => string,
): T[][] {
  return [...Map.groupBy(seeds.flat(), keyOf).values()];
}

/** "seed 0", "seeds 0, 1, 2", or of how many runs there are which seeds. */
function describeSeeds(runs: readonly RunRecord[]): string {
  const inWords = (seeds: readonly number[]) => {
    const sorted = [...new Set(seeds)].sort((a, b) => a - b);
    return `${sorted.length === 1 ? "seed" : "seeds"} ${sorted.join(", ")}`;
  };
  const ofIds = [...Map.groupBy(runs, ({ id }) => id).values()]
    .map((group) => inWords(group.map(({ seed }) => seed)));
  const kinds = Map.groupBy(ofIds, (words) => words);
  const repeated = ofIds.some((words) => words.startsWith("seeds"));
  if (kinds.size === 1 || !repeated) return inWords(runs.map(({ seed }) => seed));
  return [...kinds].sort(([a], [b]) => b.length - a.length)
    .map(([words, { length }]) => `${words} of ${length} ${length === 1 ? "run" : "runs"}`)
    .join("; ");
}

/** Names the runs whose weights the usual validation accuracy did not choose; empty without any. */
export function selectionNote(runs: readonly RunRecord[]): string {
  const groups = Map.groupBy(runs, ({ history }) => describeSelection(history.selectBy));
  return [...groups].filter(([selection]) => selection !== undefined).map(([selection, chosen]) =>
    ` Weights of ${[...new Set(chosen.map(({ id }) => id))].join(", ")}: the epoch with the best ` +
    `${selection}.`
  ).join("");
}

/** Names the variants among runs with their parents and what they change; empty without any. */
export function variantNote(runs: readonly RunRecord[]): string {
  const first = new Map(runs.map(({ id, config }) => [id, config.spec]));
  return [...first].map(([id, spec]) => [id, variantText(spec)])
    .filter(([, text]) => text !== undefined).map(([id, text]) => ` ${id}: ${text}.`).join("");
}

/** Data, profile and seeds of a set of runs in one sentence. */
function describe(runs: readonly RunRecord[], dataOf: (run: RunRecord) => string): string {
  requireComparable(runs);
  const data = [...new Set(runs.map(dataOf))].join("; ");
  return `${data}. Profile ${runs[0]!.config.profile}, ${describeSeeds(runs)}.` +
    selectionNote(runs) + variantNote(runs);
}

/**
 * The test data and seeds behind a set of runs in one sentence, for captions.
 *
 * @param name The evaluation that is shown, e.g. "mnist-test". Default each run's own test split.
 */
export function describeRuns(runs: readonly RunRecord[], name?: string): string {
  return describe(
    runs,
    ({ metrics, evaluations }) =>
      (name === undefined ? metrics : evaluations.get(name) ?? metrics).description,
  );
}

/** The training data and seeds behind a set of runs in one sentence, for captions. */
export function describeTrainingData(runs: readonly RunRecord[]): string {
  return describe(runs, ({ config }) => config.description);
}

/** What every chart, table and comparison reads of a run. */
const RUN_PARTS = ["id", "config", "metrics", "evaluations", "history"];

/**
 * Requires a finished run: in a notebook no compiler looks at an argument's type.
 *
 * @throws {TypeError} Naming the argument and what was found.
 */
export function requireRun(name: string, value: unknown): void {
  requireParts(name, value, "a finished run", RUN_PARTS);
}

/**
 * Requires a list of finished runs.
 *
 * @throws {TypeError} Naming the argument and what was found.
 */
export function requireRuns(name: string, value: unknown): void {
  if (!Array.isArray(value)) {
    throw new TypeError(`Expected ${name} to be a list of finished runs but found ${typeof value}`);
  }
  value.forEach((run, k) => requireRun(`${name}[${k}]`, run));
}

/** One run or several. */
export type Runs = RunRecord | readonly RunRecord[];

/**
 * A list of finished runs, from one or several.
 *
 * @throws {TypeError} Naming the place and what was found.
 */
export function runList(runs: Runs): readonly RunRecord[] {
  const list = Array.isArray(runs) ? runs as readonly RunRecord[] : [runs as RunRecord];
  requireRuns("runs", list);
  return list;
}

/**
 * The runs of one id, e.g. its seeds, in the order of the list.
 *
 * @param runs Finished runs.
 * @param id A run's id.
 * @returns Empty if the list has no such run.
 * @throws {TypeError} If an argument is of another type.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { publishedRuns } from "../lab_session.ts";
 * const seeds = runsOf(await publishedRuns(), "svhn-ls");
 * assertEquals(seeds.map(({ seed }) => seed), [0, 1, 2]);
 * ```
 */
export function runsOf(runs: readonly RunRecord[], id: string): RunRecord[] {
  requireRuns("runs", runs);
  requireText("id", id);
  return runs.filter((run) => run.id === id);
}

/**
 * The first run of an id in a list: that of its first seed.
 *
 * @param runs Finished runs.
 * @param id A run's id.
 * @throws {RangeError} If the list has no such run.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { publishedRuns } from "../lab_session.ts";
 * assertEquals(firstSeed(await publishedRuns(), "svhn-ls").seed, 0);
 * ```
 */
export function firstSeed(runs: readonly RunRecord[], id: string): RunRecord {
  const [first] = runsOf(runs, id);
  if (first === undefined) {
    const known = [...new Set(runs.map((run) => run.id))].join(", ") || "none";
    throw new RangeError(`Expected id to be one of the runs ${known} but found "${id}"`);
  }
  return first;
}

/**
 * The first run of each id, see {@linkcode firstSeed}.
 *
 * @param runs Finished runs.
 * @param ids Runs' ids.
 * @returns One run an id, in the order of the ids.
 * @throws {RangeError} If the list lacks one of them.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { publishedRuns } from "../lab_session.ts";
 * const [smoothed, baseline] = firstSeeds(await publishedRuns(), ["svhn-ls", "svhn-baseline"]);
 * assertEquals([smoothed!.id, baseline!.id], ["svhn-ls", "svhn-baseline"]);
 * ```
 */
export function firstSeeds(runs: readonly RunRecord[], ids: readonly string[]): RunRecord[] {
  requireList("ids", ids);
  return ids.map((id) => firstSeed(runs, id));
}

/** The lowest seed of each id, in the order in which the ids first appear. */
export function lowestSeeds(runs: readonly RunRecord[]): RunRecord[] {
  return [...Map.groupBy(runs, ({ id }) => id).values()]
    .map((seeds) => seeds.reduce((first, one) => one.seed < first.seed ? one : first));
}

/**
 * The name of a run whose first seed alone is spoken of: with the seed where there are others.
 *
 * @param seeds The seeds of one id, at least one.
 * @throws {RangeError} If there is none.
 */
export function firstSeedLabel(seeds: readonly RunRecord[]): string {
  requireRuns("seeds", seeds);
  const [first] = seeds;
  if (first === undefined) throw new RangeError("Expected at least one run but found none");
  return seeds.length === 1 ? first.id : `${first.id} (seed ${first.seed})`;
}
