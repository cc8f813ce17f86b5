/** Tables with one row a run; the columns are in columns.ts. */
import { requireKnownOptions } from "../../arguments/known_options.ts";
import { epsilonText } from "../../format/epsilon.ts";
import { isTemperatureBound } from "../../metrics/temperature.ts";
import { temperatureText } from "../../metrics/temperature_text.ts";
import { objectiveWeightNames, type ObjectiveWeights } from "../../metrics/unified_objective.ts";
import type { RunRecord } from "../records/record.ts";
import { describeRuns, groupBySeed, requireRuns, selectionNote } from "../records/run_groups.ts";
import { runName } from "../records/run_paths.ts";
import { columnsOf, type RunTableName } from "./columns.ts";
import { objectiveOf, transferOf } from "./_readings.ts";
import { runTable } from "./_run_table.ts";
import { buildTable, type Column, type Table } from "./table.ts";

/**
 * Builds a table of runs.
 *
 * @param caption Stands before the description of the runs, or makes the caption with it.
 * @param values Replace those of the columns with their keys.
 */
function tableOf(
  name: RunTableName,
  runs: readonly RunRecord[],
  caption: string | ((described: string) => string),
  values: Readonly<Record<string, Column<RunRecord>["value"]>> = {},
): Table {
  requireRuns("runs", runs);
  const groups = groupBySeed(runs);
  const columns = columnsOf(name, runs).map((column) => ({
    ...column,
    value: values[column.key] ?? column.value,
  }));
  const described = describeRuns(runs);
  const text = typeof caption === "string" ? `${caption} ${described}` : caption(described);
  return runTable(text, columns, groups, { run: (run) => run });
}

/** The best epoch by what chose it; where that is not the same for all, a note says it. */
function bestEpoch(runs: readonly RunRecord[]): string {
  return selectionNote(runs) === "" ? "epoch with the best validation accuracy" : "best epoch";
}

/**
 * Accuracy and calibration of each run at a glance, as README shows them.
 *
 * @throws {RangeError} As {@linkcode trainingTable}.
 */
export function overviewTable(runs: readonly RunRecord[]): Table {
  return tableOf(
    "overview",
    runs,
    () =>
      `Weights of the ${bestEpoch(runs)}; temperature fitted on the validation part.` +
      selectionNote(runs),
  );
}

/**
 * Table II: how each run learned and how well it generalizes. Train accuracy is the mean over the
 * best epoch's batches, each before its update, so augmentation, dropout and perturbation count.
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function trainingTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  const epoch = bestEpoch(runs).replace("with", "of");
  return tableOf("training", runs, `Training, at the ${epoch}.`);
}

/**
 * Table V: calibration and selective prediction on each run's own test split.
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function calibrationTable(runs: readonly RunRecord[]): Table {
  return tableOf(
    "calibration",
    runs,
    (described) =>
      `Calibration (${runs[0]?.metrics.bins} bins) and selective prediction. ${described}`,
  );
}

/** A sentence for each run whose temperature is an end of the range that was searched. */
function temperaturesAtBounds(runs: readonly RunRecord[]): string[] {
  return runs.flatMap((run) => {
    const temperature = run.metrics.temperatureScaling?.temperature;
    return temperature === undefined || !isTemperatureBound(temperature)
      ? []
      : [`${runName(run)}: T is ${temperatureText(temperature)}.`];
  });
}

/**
 * Calibration on the test split before and after dividing the logits by a temperature that was
 * fitted on the held-out part of the training images.
 *
 * @throws {RangeError} As {@linkcode calibrationTable}.
 */
export function temperatureTable(runs: readonly RunRecord[]): Table {
  const caption = "Temperature scaling, fitted on held-out training images.";
  requireRuns("runs", runs);
  return tableOf("temperature", runs, [caption, ...temperaturesAtBounds(runs)].join(" "));
}

/** Whether a run was evaluated on another domain too. */
export function hasTransfer(run: RunRecord): boolean {
  return transferOf(run) !== undefined;
}

function transferTable(name: RunTableName, runs: readonly RunRecord[], caption: string): Table {
  requireRuns("runs", runs);
  const without = runs.find((run) => !hasTransfer(run));
  if (without !== undefined) {
    throw new RangeError(
      `Expected runs that were evaluated on another domain but found ${without.id}, which was not`,
    );
  }
  const targets = [...new Set(runs.map((run) => transferOf(run)!.description))].join("; ");
  return tableOf(name, runs, (described) => `${caption} ${described} Targets: ${targets}.`);
}

/**
 * Table III: accuracy on the training domain and on the other digits. AdaBN re-estimates batch
 * norm's statistics on unlabelled target images (Li et al. 2016).
 *
 * @param runs Runs with a transfer evaluation, of one profile.
 * @throws {RangeError} If one has none, there is no run, or profiles or kinds of data are mixed.
 */
export function crossDomainTable(runs: readonly RunRecord[]): Table {
  const caption = "Accuracy across domains, without any training on the target.";
  return transferTable("crossDomain", runs, caption);
}

/** The table of a report in which no run was evaluated on another domain: its heading alone. */
export function emptyCrossDomainTable(): Table {
  return buildTable("No run was evaluated on another domain.", columnsOf("crossDomain", []), []);
}

/**
 * The risk decomposition R_t = R_s + (R_t − R_s) beside the estimated divergence of the bound
 * R_t <= R_s + d / 2 + lambda (Ben-David et al. 2010). The bound's third term, the error of the best
 * joint classifier, cannot be measured here, and a linear domain classifier underestimates d.
 *
 * @throws {RangeError} As {@linkcode crossDomainTable}.
 */
export function domainTable(runs: readonly RunRecord[]): Table {
  const caption = "Risk on source and target, and the divergence between them.";
  return transferTable("domain", runs, caption);
}

/**
 * Fine-tuning on small subsets: frozen convolutions, all layers, from scratch.
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function fineTuningTable(runs: readonly RunRecord[]): Table {
  return tableOf(
    "fineTuning",
    runs,
    "From pretrained and from random weights, by number of training images.",
  );
}

/**
 * A pretrained encoder with a new head against the same network from scratch: final accuracy, speed
 * of convergence, calibration, transfer.
 *
 * @throws {RangeError} As {@linkcode fineTuningTable}.
 */
export function pretrainedTable(runs: readonly RunRecord[]): Table {
  return tableOf("pretrained", runs, "From pretrained and from random weights.");
}

/** What training warned of, e.g. catastrophic overfitting: it belongs beside the metrics. */
function warningsOf(runs: readonly RunRecord[]): string {
  const warned = runs.filter(({ history }) => (history.warnings ?? []).length > 0);
  return warned.map(({ id, seed, history }) =>
    ` Warning of ${id} seed ${seed}: ${history.warnings!.join(" ")}`
  ).join("");
}

/**
 * Table IV: accuracy on clean images and under each attack at the budget of the profile (8/255).
 * Each attack stands alone on its first n images; the worst case counts an image as right only if
 * it withstood every attack.
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function robustnessTable(runs: readonly RunRecord[]): Table {
  return tableOf(
    "robustness",
    runs,
    (described) =>
      `Accuracy under L∞ attacks at ε = ${epsilonText(runs[0]!.metrics.epsilon)}. ` +
      described + warningsOf(runs),
  );
}

/**
 * The unified objective J (eq. 8) of all runs with the weights stated. The domain gap is measured
 * for digits only: CIFAR-10 has no second domain here, so J values compare within a dataset.
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @param weights Of the parts; each defaults to 1.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function objectiveTable(
  runs: readonly RunRecord[],
  weights: ObjectiveWeights = {},
): Table {
  requireKnownOptions("objectiveTable", weights, objectiveWeightNames);
  requireRuns("runs", runs);
  const used = { robustRisk: 1, calibrationError: 1, domainGap: 1, metricLoss: 1, ...weights };
  const geometry = runs.some(({ metrics }) => metrics.metricLoss !== undefined)
    ? ` + ${used.metricLoss} × L_metric (Circle Loss / γ of the features)`
    : "";
  return tableOf(
    "objective",
    runs,
    (described) =>
      `J = R + ${used.robustRisk} × R_PGD(${epsilonText(runs[0]!.metrics.epsilon)}) + ` +
      `${used.calibrationError} × ECE + ${used.domainGap} × (R_t − R_s)${geometry}; "–" was not measured and ` +
      "has no part in J, so compare J only between runs with the same parts. " + described,
    { objective: (run) => objectiveOf(run, used).total },
  );
}
