/** Experiments: runs, the matrix, records, tables, charts and sentences. */
export { comparableMetrics } from "./views/columns.ts";
export * from "./views/comparisons.ts";
export {
  classRobustnessTable,
  conformalTable,
  corruptionTable,
  ensembleTable,
  membershipTable,
  noveltyTable,
} from "./views/evidence_tables.ts";
export { compareSides, type Side } from "./views/side_comparisons.ts";
export { type Findings, predictionTable } from "./views/prediction_table.ts";
export { type DataProvider, dataProvider, type RunData } from "./runs/data_provider.ts";
export {
  evaluateModel,
  type EvaluateModelOptions,
  type FurtherOutputs,
  type ModelEvaluation,
  type Shift,
} from "./runs/evaluate_model.ts";
export type { Evaluation } from "./records/complete_evaluation.ts";
export type {
  FeaturePoints,
  Novelty,
  OutsideSet,
  PredictionsContent,
  Traces,
} from "./records/predictions_file.ts";
export type { ExampleRow as MeasuredExampleRow, Examples } from "./runs/measure/examples.ts";
export { experimentMatrix, specById, withSeed } from "./specs/matrix.ts";
export { numericsVersion } from "./runs/numerics_version.ts";
export * from "./lab_session.ts";
export { loadRecord, loadRecords, publishRecord, type RunRecord } from "./records/record.ts";
export type { NewEvaluationFile, Provenance, RunConfig, StoredDomain } from "./records/schema.ts";
export {
  attackedMapChart,
  confusionChart,
  domainMapChart,
  iterationChart,
  mapChart,
  perClassChart,
  reliabilityChart,
  type ReliabilityChoice,
} from "./views/charts.ts";
export * from "./views/comparison_charts.ts";
export { gridChart } from "./views/saved_grid.ts";
export type { RunAllOptions } from "./runs/make_runs.ts";
export type { ProgressLine, ShowOptions } from "../terminal/progress.ts";
export { type RunOptions, type RunProgress } from "./runs/run_context.ts";
export { firstSeed, firstSeedLabel, firstSeeds, type Runs, runsOf } from "./records/run_groups.ts";
export { findExperiment, type RunResult } from "./runs/make_run.ts";
export { runAll, runExperiment } from "./run_experiment.ts";
export {
  type EvaluationOptions,
  parseRunSpec,
  type Profile,
  profiles,
  type RunSpec,
} from "./specs/run_spec.ts";
export {
  type Difference,
  differenceStatement,
  predicted,
  type Proportion,
  type Statement,
  statement,
  type StatementNumbers,
  type Verdict,
} from "./views/statement.ts";
export type { Changed, VariantChanges } from "./specs/variant.ts";
export {
  type JudgedMetric,
  type JudgedSets,
  type Judgement,
  type JudgeOptions,
  judgePredictions,
} from "./report/judge/judge_predictions.ts";
export {
  type JudgedDifference,
  type JudgedDifferences,
  judgeDifference,
  type JudgeDifferenceOptions,
} from "./report/judge/judge_difference.ts";
export {
  type NamedModel,
  writeJudgement,
  type WriteJudgementOptions,
  type WrittenJudgement,
} from "./report/judge/write_judgement.ts";
export { metricsSummaryJson, writeSummaries } from "./report/summaries.ts";
export type { Table } from "./views/table.ts";
export {
  classRiskTable,
  maskingTable,
  representationTable,
  shiftTable,
} from "./views/condition_tables.ts";
export {
  calibrationTable,
  crossDomainTable,
  domainTable,
  fineTuningTable,
  objectiveTable,
  pretrainedTable,
  robustnessTable,
  temperatureTable,
  trainingTable,
} from "./views/tables.ts";
