/** The summary files of a report: three CSVs and one JSON, made from finished runs, only here. */
import { join } from "node:path";
import { writeAtomically } from "../../files/write_atomically.ts";
import { seedDifference } from "../../metrics/seed_difference.ts";
import { seedSummary } from "../../metrics/seed_summary.ts";
import { baselineOf } from "../specs/variant.ts";
import { variantText } from "../specs/variant_text.ts";
import type { Evaluation } from "../records/complete_evaluation.ts";
import { pairBySeed } from "../records/paired_seeds.ts";
import type { RunRecord } from "../records/record.ts";
import { describeRuns, groupBySeed, requireRuns } from "../records/run_groups.ts";
import { type MetricKey, summarizedMetrics } from "../views/columns.ts";
import { sweepTable } from "../views/condition_tables.ts";
import {
  crossDomainTable,
  emptyCrossDomainTable,
  hasTransfer,
  trainingTable,
} from "../views/tables.ts";

/** The names of the summary files. */
export const SUMMARY_FILES = {
  training: "training_summary.csv",
  crossDomain: "cross_domain_summary.csv",
  robustness: "robustness_summary.csv",
  metrics: "metrics_summary.json",
} as const;

/** The metrics of which metrics_summary.json gives mean, sd and n over seeds, in their order there. */
function summarizedIn(evaluation: Evaluation): MetricKey[] {
  return (Object.keys(evaluation) as MetricKey[]).filter((key) => summarizedMetrics.has(key));
}

function summaryOf(values: readonly number[]) {
  const { mean, sd, n } = seedSummary(values);
  return { mean, sd: n === 1 ? null : sd, n };
}

/** One evaluation without what only charts need. */
function metricsOf(evaluation: Evaluation) {
  const { confusion: _, classNames: __, provenance, ...metrics } = evaluation;
  const withoutBits = (results: Evaluation["robustnessSweep"]) =>
    results.map(({ correct: _, ...result }) => result);
  return {
    ...metrics,
    robustnessSweep: withoutBits(metrics.robustnessSweep),
    strongAttacks: withoutBits(metrics.strongAttacks),
    pgdIterationSweep: withoutBits(metrics.pgdIterationSweep),
    hash: provenance.hash,
  };
}

/** Evaluations of one name, one per seed. */
function named(group: readonly RunRecord[], name: string): Evaluation[] {
  return group.map(({ evaluations }) => evaluations.get(name)).filter((one) => !!one);
}

/** The part of a difference that the summary holds. */
function differenceOf(first: readonly number[], second: readonly number[]) {
  const { pValue: _, ...difference } = seedDifference(first, second);
  return difference;
}

/** Paired differences to the baseline's evaluation, over the seeds that both have. */
function differences(all: readonly Evaluation[], name: string, baseline: readonly RunRecord[]) {
  const pairs = pairBySeed(all, named(baseline, name))
    .filter(([one, other]) => one.description === other.description);
  if (pairs.length < 2) return {};
  const metrics = summarizedIn(all[0]!).map((key) => [
    key,
    differenceOf(pairs.map(([one]) => one[key]), pairs.map(([, other]) => other[key])),
  ]);
  return {
    differenceToBaseline: {
      baseline: baseline[0]!.id,
      seeds: pairs.map(([{ seed }]) => seed),
      interval: "paired by seed, Student's t, 95 %",
      ...Object.fromEntries(metrics),
    },
  };
}

function runsOf(group: readonly RunRecord[], groups: readonly (readonly RunRecord[])[]) {
  const names = [...group[0]!.evaluations.keys()];
  const { id, config: { spec, encoder } } = group[0]!;
  const baseline = groups.find(([run]) => run!.id === baselineOf(spec)) ?? [];
  const evaluations = names.map((name) => {
    const all = named(group, name);
    return {
      name,
      overSeeds: Object.fromEntries(
        summarizedIn(all[0]!).map((
          key,
        ) => [key, summaryOf(all.map((evaluation) => evaluation[key]))]),
      ),
      ...differences(all, name, baseline),
      seeds: all.map(metricsOf),
    };
  });
  const variant = variantText(spec);
  return {
    id,
    ...(variant === undefined ? {} : { variant }),
    encoder: encoder?.description ?? null,
    evaluations,
  };
}

/**
 * The text of metrics_summary.json: `{ schema, profile, description, runs }` with full precision. Where
 * a run and its baseline share at least two seeds, an evaluation holds `differenceToBaseline`.
 *
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function metricsSummaryJson(runs: readonly RunRecord[]): string {
  requireRuns("runs", runs);
  const groups = groupBySeed(runs);
  const summary = {
    schema: 1,
    profile: runs[0]?.config.profile,
    description: describeRuns(runs),
    runs: groups.map((group) => runsOf(group, groups)),
  };
  return JSON.stringify(summary, null, 1) + "\n";
}

/**
 * Writes the four summary files.
 *
 * @param runs Finished runs of one profile.
 * @param directory Where to; created if missing.
 * @returns The paths written.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 * @throws {Error} Naming the file, if it cannot be written.
 */
export async function writeSummaries(
  runs: readonly RunRecord[],
  directory: string,
): Promise<string[]> {
  requireRuns("runs", runs);
  const transferred = runs.filter(hasTransfer);
  const files: [name: string, text: string][] = [
    [SUMMARY_FILES.training, trainingTable(runs).toCsv()],
    [
      SUMMARY_FILES.crossDomain,
      (transferred.length === 0 ? emptyCrossDomainTable() : crossDomainTable(transferred)).toCsv(),
    ],
    [SUMMARY_FILES.robustness, sweepTable(runs).toCsv()],
    [SUMMARY_FILES.metrics, metricsSummaryJson(runs)],
  ];
  for (const [name, text] of files) await writeAtomically(join(directory, name), text);
  return files.map(([name]) => join(directory, name));
}
