/** README's tables, made from the published records and the published benchmark. */
import { join } from "node:path";
import { writeAtomically } from "../../files/write_atomically.ts";
import { loadRecords, type RunRecord } from "../../experiments/records/record.ts";
import { groupBySeed } from "../../experiments/records/run_groups.ts";
import { publishedPaths } from "../../experiments/records/run_paths.ts";
import { fewSeeds } from "../../experiments/views/statement.ts";
import type { Table } from "../../experiments/views/table.ts";
import {
  crossDomainTable,
  overviewTable,
  robustnessTable,
} from "../../experiments/views/tables.ts";
import { readmeBench } from "./readme_bench.ts";
import { readmePermissions } from "./readme_permissions.ts";
import { readmeScaling } from "./readme_scaling.ts";

/** The block of README between its markers of this name. */
export type ReadmeBlock = "results" | "bench" | "scaling" | "permissions";

function section(title: string, table: Table): string {
  return `### ${title}\n\n${table.toMarkdown().trim()}`;
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
  const warning = fewest > fewSeeds
    ? ""
    : ` ${fewest} seeds decide little: only large and steady differences show.`;
  const seeds = kinds.map(([n, some]) =>
    some.length === groups.length
      ? `${groups.length} runs, each with ${n} training seeds`
      : `${some.length} with ${n} training seeds (${ids(some)})`
  ).join(", ");
  const counted = kinds[0]![1].length === groups.length ? seeds : `${groups.length} runs, ${seeds}`;
  return `${counted}. Figures of several seeds are mean ± sample standard deviation (n = number of ` +
    "seeds); below each table stand the differences to a baseline with the same seeds, paired by " +
    `seed, with 95 % t-intervals.${warning}` +
    (single === 0
      ? ""
      : ` ${single} ${single === 1 ? "run has" : "runs have"} one seed: ${images}`);
}

/**
 * The results block: the number of seeds, accuracy and calibration of every run, transfer, robustness.
 *
 * @param runs The published records; may be empty.
 */
export function readmeResults(runs: readonly RunRecord[]): string {
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

/**
 * Puts a block between its markers.
 *
 * @throws {Error} If README lacks the markers.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const readme = "a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb";
 * assertEquals(
 *   withBlock(readme, "bench", "new"),
 *   "a\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nb",
 * );
 * ```
 */
export function withBlock(readme: string, block: ReadmeBlock, content: string): string {
  const [begin, end] = [`<!-- ${block}:begin -->`, `<!-- ${block}:end -->`];
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md lacks the markers ${begin} and ${end}`);
  return `${readme.slice(0, from + begin.length)}\n${content}\n${readme.slice(to)}`;
}

async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** What README of a checkout must say, from its data/results and deno.json. */
export async function expectedReadme(root: string): Promise<string> {
  const { results, records } = publishedPaths(root);
  let readme = await Deno.readTextFile(join(root, "README.md"));
  readme = withBlock(readme, "results", readmeResults(await loadRecords(records)));
  const bench = await textIfThere(join(results, "bench.json"));
  if (bench !== undefined) {
    const cluster = await textIfThere(join(results, "cluster.json"));
    const times = cluster === undefined ? undefined : JSON.parse(cluster);
    readme = withBlock(readme, "bench", readmeBench(JSON.parse(bench)));
    readme = withBlock(readme, "scaling", readmeScaling(JSON.parse(bench), times));
  }
  const config = await textIfThere(join(root, "deno.json"));
  if (config === undefined) return readme;
  return withBlock(readme, "permissions", readmePermissions(JSON.parse(config)));
}

/** Writes README's tables again; a root without README, e.g. a folder of runs alone, stays without. */
export async function writeReadme(root: string): Promise<void> {
  const path = join(root, "README.md");
  const isThere = await Deno.stat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
  if (isThere) await writeAtomically(path, await expectedReadme(root));
}
