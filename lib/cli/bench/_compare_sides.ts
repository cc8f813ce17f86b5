import { summarizeRow, takeTurns } from "./_measure_row.ts";
import type { Row } from "./result.ts";
import type { RowPlan } from "./_row_plans.ts";
import type { Sides } from "./_start_sides.ts";

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  readonly secondsPerRound: number;
}

/**
 * Measures one comparison.
 *
 * @param variants Of the other side; default all it has.
 */
export async function compare(
  { ours, theirs }: Sides,
  plan: RowPlan,
  { rounds, secondsPerRound }: Effort,
  variants?: readonly string[],
): Promise<Row> {
  const { task, against, options } = plan;
  const chosen = theirs ? variants ?? theirs.description.variants[against.task] ?? [] : [];
  const others = chosen.map((variant) =>
    [
      variant,
      () => theirs!.side.time(against.task, variant, options, secondsPerRound),
    ] as const
  );
  const times = await takeTurns(
    () => ours.side.time(task, "lab", options, secondsPerRound),
    Object.fromEntries(others),
    Math.min(rounds, plan.mostRounds ?? rounds),
  );
  return summarizeRow(plan, times);
}

/** The variant that a row's other side was fastest in. */
export function fastestVariant({ variants, unit }: Row): string | undefined {
  const direction = unit === "s" ? 1 : -1;
  return Object.entries(variants).sort(([, a], [, b]) => direction * (a - b))[0]?.[0];
}
