/** Tables with several rows a run, one for each condition that it was measured under. */
import type { RunRecord } from "../records/record.ts";
import { alignSeeds, groupBySeed } from "../records/run_groups.ts";
import { runTable } from "./_run_table.ts";
import { withVariants } from "./_variant_columns.ts";
import type { Column, Table } from "./table.ts";

/**
 * Builds a table in which the seeds of a run share a row for each condition.
 *
 * @param rowsOf The rows of one run.
 * @param condition What tells the rows of one run apart.
 */
export function conditionTable<T extends { readonly run: RunRecord }>(
  caption: string,
  columns: readonly Column<T>[],
  runs: readonly RunRecord[],
  { rowsOf, condition }: {
    readonly rowsOf: (run: RunRecord) => readonly T[];
    readonly condition: (row: T) => string;
  },
): Table {
  const groups = groupBySeed(runs).flatMap((seeds) => alignSeeds(seeds.map(rowsOf), condition));
  const runOf = ({ run }: T) => run;
  return runTable(caption, withVariants(columns, runs, runOf), groups, { run: runOf, condition });
}
