import type { RunRecord } from "../records/record.ts";
import { changesText } from "../specs/variant_text.ts";
import type { Column } from "./table.ts";

/**
 * The columns of a table with, behind the run's name, the run that it is a variant of; unchanged where
 * no run is one. What a variant changes stands in the caption, and in the CSV beside it.
 *
 * @param columns The table's own; the first is the run's name.
 * @param runOf The run that an item belongs to.
 */
export function withVariants<T>(
  columns: readonly Column<T>[],
  runs: readonly RunRecord[],
  runOf: (item: T) => RunRecord,
): Column<T>[] {
  if (runs.every(({ config }) => config.spec.variant === undefined)) return [...columns];
  const specOf = (item: T) => runOf(item).config.spec;
  const variant: Column<T>[] = [
    {
      key: "variant_of",
      title: "Variant of",
      kind: "text",
      value: (item) => specOf(item).variant?.of,
    },
    {
      key: "changes",
      title: "Changes",
      kind: "text",
      onlyCsv: true,
      value: (item) => changesText(specOf(item)),
    },
  ];
  return [...columns.slice(0, 1), ...variant, ...columns.slice(1)];
}
