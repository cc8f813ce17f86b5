/** Tables of what else a model's answers are worth: sets, novelty, ensembles, membership, corruptions. */
import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import { accuracy } from "../../metrics/accuracy.ts";
import { calibrationError } from "../../metrics/calibration_error.ts";
import { conformalSets } from "../../metrics/conformal_sets.ts";
import { type ConformalOptions, conformalThreshold } from "../../metrics/conformal_threshold.ts";
import { ensemblePredictions } from "../../metrics/ensemble_predictions.ts";
import { firstPredictions } from "../../metrics/first_predictions.ts";
import {
  type MembershipInference,
  membershipInference,
} from "../../metrics/membership_inference.ts";
import { negativeLogLikelihood } from "../../metrics/negative_log_likelihood.ts";
import { outOfDistribution } from "../../metrics/out_of_distribution.ts";
import { outcomes } from "../../metrics/outcomes.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import { worstCaseCorrect } from "../../metrics/robust_accuracy.ts";
import { seedSummary } from "../../metrics/seed_summary.ts";
import { type Separation, separation } from "../../metrics/separation.ts";
import { type AttackName, attackRow, attacks } from "../../attacks/registry.ts";
import { sharedAnswers } from "../records/complete_evaluation.ts";
import type { RunRecord } from "../records/record.ts";
import { describeRuns, groupBySeed, requireRuns } from "../records/run_groups.ts";
import { conditionTable } from "./_condition_table.ts";
import { attackResults } from "./_readings.ts";
import type { Column, Table } from "./table.ts";

/** A row of one seed: a run under a condition. */
interface Row {
  readonly run: RunRecord;
  readonly condition: string;
}

/** Builds a table of rows that have to be read first. */
async function readTable<T extends Row>(
  caption: string,
  runs: readonly RunRecord[],
  rowsOf: (run: RunRecord) => Promise<T[]>,
  columns: readonly Column<T>[],
  conditionTitle: string,
): Promise<Table> {
  requireRuns("runs", runs);
  const rows = new Map<RunRecord, T[]>();
  for (const run of runs) rows.set(run, await rowsOf(run));
  const none = [...rows.values()].every(({ length }) => length === 0)
    ? " None of these runs was measured so."
    : "";
  const named: Column<T>[] = [
    { key: "run", title: "Run", kind: "text", value: ({ run }) => run.id },
    { key: "condition", title: conditionTitle, kind: "text", value: ({ condition }) => condition },
    ...columns,
  ];
  return conditionTable(`${caption} ${describeRuns(runs)}${none}`, named, runs, {
    rowsOf: (run) => rows.get(run)!,
    condition: ({ condition }) => condition,
  });
}

/** Sets under one condition. */
interface SetsRow extends Row {
  readonly n: number;
  readonly coverage: number;
  readonly meanSize: number;
  readonly worstClass: number;
}

const conformalNames: OptionNames<ConformalOptions> = { alpha: true, score: true, seed: true };

/**
 * Conformal prediction sets of each run, at a threshold that its held-out images give: on its own test
 * images, under attack and on the other domain. At home a set holds the label with probability
 * 1 - alpha; elsewhere nothing is promised, and the table shows what is left.
 *
 * @param runs Of one profile; runs whose records hold no held-out logits are left out.
 * @param options As `conformalThreshold`; alpha defaults to 0.1, score to "aps".
 * @throws {RangeError} If an option is out of range, or profiles or kinds of data are mixed.
 */
export function conformalTable(
  runs: readonly RunRecord[],
  options: Partial<ConformalOptions> = {},
): Promise<Table> {
  requireKnownOptions("conformalTable", options, conformalNames);
  const { alpha = 0.1, score = "aps", seed = 0 } = options;
  const rowsOf = async (run: RunRecord): Promise<SetsRow[]> => {
    const { heldOut, predictions, attacked } = await run.predictions();
    if (heldOut === undefined) return [];
    const threshold = conformalThreshold(heldOut, { alpha, score, seed });
    const others = [...run.evaluations].filter(([, one]) => one !== run.metrics);
    const sides: [string, Predictions | undefined][] = [
      ["own test images", predictions],
      ["under PGD", attacked],
    ];
    for (const [name] of others) sides.push([name, (await run.predictions(name)).predictions]);
    return sides.flatMap(([condition, p]) => {
      if (p === undefined) return [];
      const { coverage, meanSize, classCoverage } = conformalSets(p, threshold);
      const measured = classCoverage.filter((share) => !Number.isNaN(share));
      return [{
        run,
        condition,
        n: p.length,
        coverage,
        meanSize,
        worstClass: Math.min(...measured),
      }];
    });
  };
  const caption = `Conformal sets (${score}) at ${100 * (1 - alpha)} %, calibrated on held-out ` +
    "training images: the share of sets that hold the label, overall and for the class with the " +
    "smallest share, and the mean number of classes in a set.";
  return readTable(caption, runs, rowsOf, [
    { key: "images", title: "n", kind: "count", value: ({ n }) => n },
    { key: "coverage", title: "Coverage %", kind: "percent", value: (row) => row.coverage },
    {
      key: "worst_class_coverage",
      title: "Worst class %",
      kind: "percent",
      value: (row) => row.worstClass,
    },
    {
      key: "mean_size",
      title: "Mean size",
      kind: "number",
      digits: 2,
      value: (row) => row.meanSize,
    },
  ], "Images");
}

/** How well scores tell one other data set from the own one. */
interface NoveltyRow extends Row {
  readonly n: number;
  readonly scores: Readonly<Record<"confidence" | "entropy" | "maxLogit" | "energy", Separation>>;
  readonly mahalanobis: Separation | undefined;
}

/** All four scores of the outputs alone. */
function outputScores(inside: Predictions, outside: Predictions): NoveltyRow["scores"] {
  const by = (score: keyof NoveltyRow["scores"]) => outOfDistribution(inside, outside, { score });
  return {
    confidence: by("confidence"),
    entropy: by("entropy"),
    maxLogit: by("maxLogit"),
    energy: by("energy"),
  };
}

/**
 * How well a run's answers tell its own test images from those of other data sets: the area under the
 * ROC curve for scores of the outputs, and for Mahalanobis scores of the features where the record
 * holds them. The own images are the positive class. FPR95 is the share of other images that pass where
 * 95 % of the own ones do.
 *
 * @param runs Of one profile; the transfer's target counts as another data set.
 * @throws {RangeError} If profiles or kinds of data are mixed.
 */
export function noveltyTable(runs: readonly RunRecord[]): Promise<Table> {
  const rowsOf = async (run: RunRecord): Promise<NoveltyRow[]> => {
    const { predictions: inside, novelty } = await run.predictions();
    const stored = novelty?.sets.map(({ name, predictions, mahalanobis }): NoveltyRow => {
      const n = Math.min(inside.length, novelty.inside.length);
      return {
        run,
        condition: name,
        n: predictions.length,
        scores: outputScores(firstPredictions(inside, n), predictions),
        mahalanobis: separation(novelty.inside, mahalanobis),
      };
    }) ?? [];
    const known = new Set(stored.map(({ condition }) => condition));
    const others = [...run.evaluations].filter(([name, one]) =>
      one !== run.metrics && !known.has(name)
    );
    const transferred = await Promise.all(others.map(async ([condition]): Promise<NoveltyRow> => {
      const { predictions } = await run.predictions(condition);
      const scores = outputScores(inside, predictions);
      return { run, condition, n: predictions.length, scores, mahalanobis: undefined };
    }));
    return [...stored, ...transferred];
  };
  const auroc = (score: keyof NoveltyRow["scores"], title: string): Column<NoveltyRow> => ({
    key: `auroc_${score}`,
    title,
    kind: "percent",
    value: ({ scores }) => scores[score].auroc,
  });
  const caption =
    "Own test images against those of another data set: AUROC of five scores, in %, " +
    "and FPR95 of the energy. 50 % is guessing.";
  return readTable(caption, runs, rowsOf, [
    { key: "images", title: "n, other", kind: "count", value: ({ n }) => n },
    auroc("confidence", "Confidence"),
    auroc("entropy", "Entropy"),
    auroc("maxLogit", "Largest logit"),
    auroc("energy", "Energy"),
    {
      key: "auroc_mahalanobis",
      title: "Mahalanobis",
      kind: "percent",
      value: ({ mahalanobis }) => mahalanobis?.auroc,
    },
    {
      key: "fpr95_energy",
      title: "FPR95 %, energy",
      kind: "percent",
      value: ({ scores }) => scores.energy.fpr95,
    },
  ], "Other data set");
}

/** One seed beside the ensemble, or the ensemble. */
interface MemberRow extends Row {
  readonly p: Predictions;
  readonly bins: number;
}

/**
 * An ensemble of the seeds of a run, the mean of their probabilities (Lakshminarayanan et al. 2017),
 * beside the seeds alone and, where a record holds it, Monte-Carlo dropout; at home and on the other
 * domain. Seeds cost no more than they did: they were trained already.
 *
 * @param runs Of one profile; an id with one seed has no ensemble.
 * @throws {RangeError} If profiles or kinds of data are mixed, or seeds answered different images.
 */
export async function ensembleTable(runs: readonly RunRecord[]): Promise<Table> {
  requireRuns("runs", runs);
  const rows = new Map<RunRecord, MemberRow[]>();
  for (const seeds of groupBySeed(runs)) {
    const [first] = seeds;
    for (const [name, { bins }] of first!.evaluations) {
      const outputs = await Promise.all(seeds.map((run) => run.predictions(name)));
      for (const [k, run] of seeds.entries()) {
        const { predictions, dropout } = outputs[k]!;
        const alone = [{ run, condition: `${name}, one network`, p: predictions, bins }];
        const drawn = dropout === undefined
          ? []
          : [{ run, condition: `${name}, Monte-Carlo dropout`, p: dropout, bins }];
        rows.set(run, [...rows.get(run) ?? [], ...alone, ...drawn]);
      }
      if (seeds.length < 2) continue;
      const p = ensemblePredictions(outputs.map(({ predictions }) => predictions));
      const condition = `${name}, ensemble of ${seeds.length}`;
      rows.set(first!, [...rows.get(first!)!, { run: first!, condition, p, bins }]);
    }
  }
  const caption = "Networks alone (mean over seeds) and the mean of their probabilities.";
  return await readTable(caption, runs, (run) => Promise.resolve(rows.get(run) ?? []), [
    { key: "images", title: "n", kind: "count", value: ({ p }) => p.length },
    { key: "accuracy", title: "Accuracy %", kind: "percent", value: ({ p }) => accuracy(p) },
    {
      key: "ece",
      title: "ECE %",
      kind: "percent",
      value: ({ p, bins }) => calibrationError(p, { bins }),
    },
    {
      key: "ece_debiased",
      title: "Debiased ECE %",
      kind: "percent",
      value: ({ p, bins }) => calibrationError(p, { bins, debiased: true }),
    },
    { key: "nll", title: "NLL", kind: "number", value: ({ p }) => negativeLogLikelihood(p) },
  ], "Images and model");
}

/** What an attacker learns of who was trained on. */
interface MembershipRow extends Row {
  readonly members: Predictions;
  readonly others: Predictions;
  readonly found: MembershipInference;
}

/**
 * Membership inference from logits (Yeom et al. 2018; Carlini et al. 2022): how well the logit of the
 * label tells training images from test images. 50 % is guessing.
 *
 * @param runs Of one profile; runs whose records hold no training logits are left out.
 * @throws {RangeError} If profiles or kinds of data are mixed.
 */
export function membershipTable(runs: readonly RunRecord[]): Promise<Table> {
  const rowsOf = async (run: RunRecord): Promise<MembershipRow[]> => {
    const { members, predictions } = await run.predictions();
    if (members === undefined) return [];
    const others = firstPredictions(predictions, Math.min(members.length, predictions.length));
    const found = membershipInference(members, others);
    return [{ run, condition: "training against test images", members, others, found }];
  };
  const caption = "Membership inference by the log odds of the label: AUROC, and the share of " +
    "training images found where 1 % of test images are taken for such.";
  return readTable(caption, runs, rowsOf, [
    { key: "images", title: "n, each", kind: "count", value: ({ members }) => members.length },
    {
      key: "train_accuracy",
      title: "Training images %",
      kind: "percent",
      value: ({ members }) => accuracy(members),
    },
    {
      key: "test_accuracy",
      title: "Test images %",
      kind: "percent",
      value: ({ others }) => accuracy(others),
    },
    {
      key: "auroc",
      title: "AUROC %",
      kind: "percent",
      value: ({ found }) => found.auroc,
    },
    {
      key: "tpr_at_1",
      title: "TPR % at 1 % FPR",
      kind: "percent",
      value: ({ found }) => found.tpr,
    },
  ], "What is told apart");
}

/** Right answers among one class's images. */
interface ClassRow extends Row {
  readonly n: number;
  /** By attack: how many of them stay right. */
  readonly right: ReadonlyMap<string, number>;
}

/**
 * Accuracy of each class under each attack at the budget that tables name: a mean over classes can hide
 * one that withstands nothing.
 *
 * @param runs Of one profile; runs that were not attacked are left out.
 * @throws {RangeError} If profiles or kinds of data are mixed.
 */
export function classRobustnessTable(runs: readonly RunRecord[]): Promise<Table> {
  requireRuns("runs", runs);
  const rowsOf = async (run: RunRecord): Promise<ClassRow[]> => {
    const results = attackResults(run);
    if (results.length === 0) return [];
    const { predictions } = await run.predictions();
    const answers = sharedAnswers(results);
    const n = answers[0]!.length;
    const labels = Array.from(predictions.labels).slice(0, n);
    const bits: [string, Uint8Array][] = [
      ["clean", outcomes(predictions).correct.subarray(0, n)],
      ...results.map(({ attack }, k): [string, Uint8Array] => [attack, answers[k]!]),
    ];
    bits.push(["worst case", worstCaseCorrect(bits.map(([, one]) => one))]);
    return run.metrics.classNames.map((condition, label) => {
      const own = labels.flatMap((one, image) => (one === label ? [image] : []));
      const right = new Map(
        bits.map(([attack, one]) => [attack, own.filter((image) => one[image] === 1).length]),
      );
      return { run, condition, n: own.length, right };
    });
  };
  const names = [...new Set(runs.flatMap((run) => attackResults(run).map(({ attack }) => attack)))];
  const column = (name: string): Column<ClassRow> => ({
    key: `${name.replaceAll(/\W/g, "_")}_accuracy`,
    title: `${name in attacks ? attackRow(name as AttackName).title : name} %`,
    kind: "percent",
    digits: 1,
    value: ({ right, n }) => (n === 0 ? null : (right.get(name) ?? NaN) / n),
  });
  return readTable(
    "Accuracy of each class under attack, on the images that every attack saw.",
    runs,
    rowsOf,
    [
      { key: "images", title: "n", kind: "count", value: ({ n }) => n },
      ...["clean", ...names, "worst case"].map(column),
    ],
    "Class",
  );
}

/** Means over the kinds of corruption at one severity. */
interface CorruptionRow extends Row {
  readonly n: number;
  readonly accuracy: number;
  readonly ece: number;
  readonly nll: number;
}

/**
 * Accuracy and calibration by severity, as means over all kinds of corruption of CIFAR-10-C, and over
 * all severities, where 1 - accuracy is the mean corruption error (Hendrycks and Dietterich 2019,
 * without a reference network to divide by).
 *
 * @param runs Of one profile; runs whose records hold no corruptions are left out.
 * @throws {RangeError} If profiles or kinds of data are mixed.
 */
export function corruptionTable(runs: readonly RunRecord[]): Promise<Table> {
  const rowsOf = (run: RunRecord): Promise<CorruptionRow[]> => {
    const { corruptions } = run.metrics;
    if (corruptions === undefined) return Promise.resolve([]);
    const { n, results } = corruptions;
    const meanOf = (values: readonly number[]) => seedSummary(values).mean;
    const row = (condition: string, chosen: typeof results): CorruptionRow => ({
      run,
      condition,
      n,
      accuracy: meanOf(chosen.map(({ correct }) => correct / n)),
      ece: meanOf(chosen.map(({ debiasedEce }) => debiasedEce)),
      nll: meanOf(chosen.map(({ nll }) => nll)),
    });
    const severities = [...new Set(results.map(({ severity }) => severity))].sort((a, b) => a - b);
    return Promise.resolve([
      ...severities.map((severity) =>
        row(`severity ${severity}`, results.filter((one) => one.severity === severity))
      ),
      row("all", results),
    ]);
  };
  const caption = "Common corruptions: means over all kinds but frost.";
  return readTable(caption, runs, rowsOf, [
    { key: "images", title: "n", kind: "count", value: ({ n }) => n },
    {
      key: "accuracy",
      title: "Accuracy %",
      kind: "percent",
      compared: true,
      value: (row) => row.accuracy,
    },
    {
      key: "mean_error",
      title: "Mean corruption error %",
      kind: "percent",
      value: (row) => 1 - row.accuracy,
    },
    {
      key: "ece",
      title: "Debiased ECE %",
      kind: "percent",
      compared: true,
      value: (row) => row.ece,
    },
    { key: "nll", title: "NLL", kind: "number", value: ({ nll }) => nll },
  ], "Corruption");
}
