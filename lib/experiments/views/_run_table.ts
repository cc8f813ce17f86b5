/** Tables of runs: over several seeds with their spread, and with the differences to the baselines. */
import {
  type SeedDifference,
  seedDifference,
  studentFactor,
} from "../../metrics/seed_difference.ts";
import { holmAdjusted } from "../../metrics/holm_adjusted.ts";
import { seedSummary } from "../../metrics/seed_summary.ts";
import { baselineOf } from "../specs/variant.ts";
import { pairBySeed } from "../records/paired_seeds.ts";
import type { RunRecord } from "../records/record.ts";
import { FEW_SEEDS, pText, verdictOf } from "./statement.ts";
import { buildTable, type Column, type Table } from "./table.ts";
import { signed } from "../../format/signed.ts";

/** One metric of a run and of its baseline over the seeds that both have. */
interface Comparison {
  readonly run: string;
  readonly baseline: string;
  readonly metric: string;
  readonly first: number;
  readonly second: number;
  readonly difference: SeedDifference;
  /** A value of the metric in its unit; a difference with its sign. */
  readonly shown: (value: number, signed?: boolean) => string;
}

/** How the items of a table belong to runs. */
export interface RunTableParts<T> {
  readonly run: (item: T) => RunRecord;
  /** Where a run has several rows: what tells them apart, e.g. "PGD-20". */
  readonly condition?: (item: T) => string;
}

function inUnit<T>({ kind, digits }: Column<T>): Comparison["shown"] {
  const percent = kind === "percent";
  return (value, plus = false) =>
    signed(percent ? 100 * value : value, digits ?? (percent ? 2 : 4), plus);
}

function isMeasured(pair: readonly (string | number | null | undefined)[]): pair is number[] {
  return pair.every((value) => typeof value === "number" && Number.isFinite(value));
}

/** The values at the seeds at which both runs have one on the same images. */
function sharedValues<T>(
  column: Column<T>,
  [items, others]: readonly [readonly T[], readonly T[]],
  runOf: (item: T) => RunRecord,
): number[][] {
  const valueOf = column.comparedBy?.value ?? column.value;
  const seeded = (list: readonly T[]) =>
    list.map((item) => ({ item, seed: runOf(item).seed, metrics: runOf(item).metrics }));
  return pairBySeed(seeded(items), seeded(others))
    .filter(([{ item: a }, { item: b }]) =>
      runOf(a).metrics.description === runOf(b).metrics.description
    )
    .map(([a, b]) => [valueOf(a.item), valueOf(b.item)]).filter(isMeasured);
}

/** Heading of a column without what it says about intervals. */
function metricName<T>({ title, comparedBy }: Column<T>): string {
  return (comparedBy?.title ?? title).replace(/ \[.*\]$/, "");
}

/** The comparisons of runs with their baselines that the seeds of both allow. */
function comparisonsOf<T>(
  columns: readonly Column<T>[],
  groups: readonly (readonly T[])[],
  { run: runOf, condition = () => "" }: RunTableParts<T>,
): Comparison[] {
  return groups.flatMap((items) => {
    const { id, config } = runOf(items[0]!);
    const [baseline, where] = [
      baselineOf({ id, variant: config?.spec.variant }),
      condition(items[0]!),
    ];
    const others = groups.find(([other]) =>
      runOf(other!).id === baseline && condition(other!) === where
    );
    if (baseline === undefined || others === undefined) return [];
    return columns.filter(({ compared }) => compared).flatMap((column): Comparison[] => {
      const pairs = sharedValues(column, [items, others], runOf);
      if (pairs.length < 2) return [];
      const [first, second] = [pairs.map(([a]) => a!), pairs.map(([, b]) => b!)];
      return [{
        run: id,
        baseline,
        metric: metricName(column) + (where === "" ? "" : `, ${where}`),
        first: seedSummary(first).mean,
        second: seedSummary(second).mean,
        difference: seedDifference(first, second),
        shown: inUnit(column),
      }];
    });
  });
}

function interval({ difference: { mean, low, high }, shown }: Comparison): string {
  return `${shown(mean, true)} [${shown(low, true)}, ${shown(high, true)}]`;
}

/** A comparison among others, with its p-value adjusted for them. */
type Judged = Comparison & { readonly adjusted: number };

const columns: readonly Column<Judged>[] = [
  { key: "run", title: "Run − baseline", kind: "text", value: (c) => `${c.run} − ${c.baseline}` },
  { key: "metric", title: "Metric", kind: "text", value: ({ metric }) => metric },
  { key: "n", title: "n seeds", kind: "count", value: ({ difference }) => difference.n },
  { key: "mean", title: "Run", kind: "written", value: ({ first, shown }) => shown(first) },
  {
    key: "baseline_mean",
    title: "Baseline",
    kind: "written",
    value: ({ second, shown }) => shown(second),
  },
  { key: "difference", title: "Difference [95 %]", kind: "written", value: interval },
  {
    key: "difference_sd",
    title: "sd",
    kind: "written",
    value: ({ difference: { sd }, shown }) => shown(sd),
  },
  {
    key: "p_holm",
    title: "p (Holm)",
    kind: "written",
    value: ({ adjusted }) => pText(adjusted),
  },
  {
    key: "verdict",
    title: "The run is",
    kind: "text",
    value: ({ difference }) => verdictOf(difference),
  },
];

function captionOf(comparisons: readonly Comparison[]): string {
  const n = Math.min(...comparisons.map(({ difference }) => difference.n));
  const reach = `At n = ${n} the interval reaches ${studentFactor(n).toFixed(1)} standard errors ` +
    "to each side" +
    (n > FEW_SEEDS
      ? ". "
      : `, so that only large and steady differences show: ${n} seeds decide little. `);
  return "Run − baseline, paired by training seed: means over the n seeds that both have, the mean " +
    "difference with Student's 95 % t-interval, and the differences' sample standard deviation " +
    "(sd); of numbers in %, differences are in points. The interval speaks of other seeds on these " +
    `test images, not of other images. ${reach}Interval and verdict judge each row alone: where nothing ` +
    "differs, one row in twenty is still called higher or lower. p is that of the paired t test, " +
    "adjusted by Holm for all rows of this table.";
}

function differencesTable(comparisons: readonly Comparison[]): Table | undefined {
  if (comparisons.length === 0) return undefined;
  const adjusted = holmAdjusted(comparisons.map(({ difference }) => difference.pValue));
  return buildTable(
    captionOf(comparisons),
    columns,
    comparisons.map((one, k) => [{ ...one, adjusted: adjusted[k]! }]),
  );
}

/** What ± means, where a row has it. */
function seedNote<T>(groups: readonly (readonly T[])[]): string {
  if (groups.every(({ length }) => length === 1)) return "";
  const single = groups.some(({ length }) => length === 1)
    ? "; a row without n is one seed, and its interval is over test images"
    : "";
  return ` a ± b (n = k): mean and sample standard deviation over k training seeds${single}.`;
}

/**
 * Builds a table of runs. Where a run has several seeds, the caption says what ± means; where a run
 * and its baseline share at least two, a second table below holds the paired difference in each
 * column that is `compared`.
 *
 * @param groups One group per row, with one item per seed.
 * @param parts How items belong to runs.
 * @throws {RangeError} If a group is empty.
 */
export function runTable<T>(
  caption: string,
  columns: readonly Column<T>[],
  groups: readonly (readonly T[])[],
  parts: RunTableParts<T>,
): Table {
  const differences = differencesTable(comparisonsOf(columns, groups, parts));
  return buildTable(caption + seedNote(groups), columns, groups, differences);
}
