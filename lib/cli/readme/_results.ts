/** The tables of docs/results.md, from the published records. */
import type { RunRecord } from "../../experiments/records/record.ts";
import { groupBySeed } from "../../experiments/records/run_groups.ts";
import { FEW_SEEDS } from "../../experiments/views/statement.ts";
import type { Table } from "../../experiments/views/table.ts";
import {
  crossDomainTable,
  overviewTable,
  robustnessTable,
} from "../../experiments/views/tables.ts";

function section(title: string, table: Table): string {
  return `## ${title}\n\n${table.toMarkdown().trim()}`;
}

function ids(groups: readonly (readonly RunRecord[])[]): string {
  return groups.map(([run]) => `\`${run!.id}\``).join(", ");
}

/** How many training seeds there are, and what the intervals therefore cover. */
function seedParagraph(groups: readonly (readonly RunRecord[])[]): string {
  const images = "an interval covers the choice of test images, not the training's luck.";
  const repeated = groups.filter(({ length }) => length > 1);
  if (repeated.length === 0) return `${groups.length} runs, one training seed each: ${images}`;
  const kinds = [...Map.groupBy(repeated, ({ length }) => length)].sort(([a], [b]) => b - a);
  const single = groups.length - repeated.length;
  const fewest = Math.min(...kinds.map(([n]) => n));
  const warning = fewest > FEW_SEEDS
    ? ""
    : ` ${fewest} seeds decide little: only large and steady differences show.`;
  const seeds = kinds.map(([n, some]) =>
    some.length === groups.length
      ? `${groups.length} runs, each with ${n} training seeds`
      : `${some.length} with ${n} training seeds (${ids(some)})`
  ).join(", ");
  const counted = kinds[0]![1].length === groups.length ? seeds : `${groups.length} runs, ${seeds}`;
  return `${counted}. Values of several seeds are mean ± sample standard deviation (n = number of ` +
    "seeds); below each table stand the differences to a baseline with the same seeds, paired by " +
    `seed, with 95 % t-intervals.${warning}` +
    (single === 0
      ? ""
      : ` ${single} ${single === 1 ? "run has" : "runs have"} one seed: ${images}`);
}

/**
 * The results block: the number of seeds, then a table of every run's accuracy and calibration, of
 * transfer and of robustness.
 *
 * @param runs The published records; may be empty.
 */
export function resultsBlock(runs: readonly RunRecord[]): string {
  if (runs.length === 0) return "No run is published yet.";
  const groups = groupBySeed(runs);
  const transfer = runs.filter(({ evaluations }) => evaluations.size > 1);
  const attacked = runs.filter(({ metrics }) => metrics.strongAttacks.length > 0);
  return [
    seedParagraph(groups),
    section("Accuracy and calibration", overviewTable(runs)),
    ...(transfer.length > 0 ? [section("Transfer", crossDomainTable(transfer))] : []),
    ...(attacked.length > 0 ? [section("Robustness", robustnessTable(attacked))] : []),
  ].join("\n\n");
}
