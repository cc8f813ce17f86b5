/** One comparison: both sides in turn, round by round. */
import type { Row } from "./result.ts";
import type { RowPlan } from "./_row_plans.ts";
import { median } from "./_statistics.ts";

/** Seconds of each call of one round. */
export type Times = readonly number[];

/** A comparison's times, round by round. */
export interface RowTimes {
  readonly ours: readonly Times[];
  /** By variant; empty without another side. */
  readonly theirs: Readonly<Record<string, readonly Times[]>>;
}

/** Measures for one round. */
export type Measure = () => Promise<Times>;

/**
 * Lets the sides take turns: ours, theirs (each variant), ours, theirs, ... A first round warms both
 * up and is dropped.
 *
 * @param rounds At least 1.
 */
export async function takeTurns(
  ours: Measure,
  theirs: Readonly<Record<string, Measure>>,
  rounds: number,
): Promise<RowTimes> {
  const times = {
    ours: [] as Times[],
    theirs: Object.fromEntries(Object.keys(theirs).map((name) => [name, [] as Times[]])),
  };
  for (let round = 0; round <= rounds; round++) {
    const mine = await ours();
    if (round > 0) times.ours.push(mine);
    for (const [name, measure] of Object.entries(theirs)) {
      const other = await measure();
      if (round > 0) times.theirs[name]!.push(other);
    }
  }
  return times;
}

/** The variant with the lowest median over the rounds. */
function fastest(theirs: RowTimes["theirs"]): [string, readonly Times[]] | undefined {
  const middle = (rounds: readonly Times[]) => median(rounds.map(median));
  return Object.entries(theirs).sort(([, a], [, b]) => middle(a) - middle(b))[0];
}

/**
 * Turns times into a row: the rate of a round is from the median call; ours and theirs are medians
 * over the rounds; the ratio is the median of the rounds' ratios, so that a disturbance that slows a
 * whole round down leaves it alone.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const plan = {
 *   name: "forward",
 *   unit: "images/s",
 *   task: "forward",
 *   against: { task: "forward", name: "PyTorch" },
 *   options: {},
 *   amount: 128,
 * } as const;
 * const row = summarizeRow(plan, { ours: [[0.5]], theirs: { slow: [[2]], fast: [[1]] } });
 * assertEquals([row.ours, row.theirs, row.ratio], [256, 128, 2]);
 * assertEquals(row.against, "PyTorch, fast");
 * ```
 */
export function summarizeRow(plan: RowPlan, { ours, theirs }: RowTimes): Row {
  const rate = (seconds: number) => plan.unit === "s" ? seconds : plan.amount / seconds;
  const best = (rounds: readonly Times[]) => rate(Math.min(...rounds.flat()));
  const middle = (rounds: readonly Times[]) => median(rounds.map((round) => rate(median(round))));
  const [variant, other] = fastest(theirs) ?? [];
  const named = variant === undefined || variant === "default" ? "" : `, ${variant}`;
  return {
    name: plan.name,
    unit: plan.unit,
    ours: middle(ours),
    theirs: other ? middle(other) : null,
    ratio: other ? median(other.map((round, k) => median(round) / median(ours[k]!))) : null,
    oursBest: best(ours),
    theirsBest: other ? best(other) : null,
    against: other ? `${plan.against.name}${named}` : null,
    shareOfPeak: null,
    rounds: ours.map((round, k) => ({
      ours: rate(median(round)),
      theirs: other ? rate(median(other[k]!)) : null,
    })),
    variants: Object.fromEntries(
      Object.entries(theirs).map(([name, rounds]) => [name, middle(rounds)]),
    ),
  };
}
