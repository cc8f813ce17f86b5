/** Runs side by side: seeds of one id together, and never two profiles or two kinds of data. */
import type { RunRecord } from "./record.ts";
import { requireParts } from "../arguments/require.ts";

/**
 * Requires that figures of these runs may stand in one table.
 *
 * @throws {RangeError} If there is no run, or profiles or real and procedural data are mixed.
 */
export function requireComparable(runs: readonly RunRecord[]): void {
  if (runs.length === 0) throw new RangeError("Expected at least one run but found none");
  const profiles = [...new Set(runs.map(({ config }) => config.profile))];
  if (profiles.length > 1) {
    throw new RangeError(
      `Expected runs of one profile but found ${profiles.join(" and ")}; ` +
        `figures of different budgets do not belong in one table`,
    );
  }
  const kinds = [
    ...new Set(runs.map(({ metrics }) => metrics.source === "procedural" ? "procedural" : "real")),
  ];
  if (kinds.length > 1) {
    throw new RangeError(
      `Expected runs on one kind of data but found ${kinds.join(" and ")}; ` +
        `figures of stand-ins and of real images do not belong in one table`,
    );
  }
}

/**
 * Puts the seeds of each id together, in the order in which the ids first appear.
 *
 * @throws {RangeError} As {@linkcode requireComparable}.
 */
export function groupBySeed(runs: readonly RunRecord[]): RunRecord[][] {
  requireComparable(runs);
  const groups = new Map<string, RunRecord[]>();
  for (const run of runs) {
    const group = groups.get(run.id);
    if (group === undefined) groups.set(run.id, [run]);
    else if (!group.some(({ seed }) => seed === run.seed)) group.push(run);
  }
  return [...groups.values()];
}

/** Data, profile and seeds of a set of runs in one sentence. */
function describe(runs: readonly RunRecord[], dataOf: (run: RunRecord) => string): string {
  requireComparable(runs);
  const data = [...new Set(runs.map(dataOf))].join("; ");
  const seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);
  return `${data}. Profile ${runs[0]!.config.profile}, ${seeds.length === 1 ? "seed" : "seeds"} ${
    seeds.join(", ")
  }.`;
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
