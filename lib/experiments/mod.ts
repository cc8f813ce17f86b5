/** Experiments: runs, the matrix, records, tables, charts and sentences. */
export * from "./compare_runs.ts";
export { type DataProvider, dataProvider, type RunData } from "./data_provider.ts";
export { evaluateModel, type ModelEvaluation } from "./evaluate_model.ts";
export type { Evaluation } from "./evaluation.ts";
export { experimentMatrix, specById, withSeed } from "./matrix.ts";
export { numericsVersion } from "./numerics_version.ts";
export * from "./lab_session.ts";
export {
  loadRecord,
  loadRecords,
  publishRecord,
  type RunConfig,
  type RunRecord,
} from "./record.ts";
export * from "./record_charts.ts";
export { runAll, type RunAllOptions } from "./run_all.ts";
export { type RunOptions, type RunProgress } from "./run_context.ts";
export { firstSeedLabel, type Runs } from "./run_groups.ts";
export { findExperiment, runExperiment, type RunResult } from "./run_experiment.ts";
export { parseRunSpec, type Profile, profiles, type RunSpec } from "./run_spec.ts";
export {
  differenceStatement,
  predicted,
  type Statement,
  statement,
  type Verdict,
} from "./statement.ts";
export { metricsSummaryJson, writeSummaries } from "./summaries.ts";
export type { Table } from "./table.ts";
export { calibrationTable, shiftTable, temperatureTable } from "./tables/calibration_table.ts";
export { classRiskTable } from "./tables/class_risk_table.ts";
export { crossDomainTable, domainTable } from "./tables/cross_domain_table.ts";
export { fineTuningTable, pretrainedTable } from "./tables/fine_tuning_table.ts";
export { objectiveTable } from "./tables/objective_table.ts";
export { representationTable } from "./tables/representation_table.ts";
export { maskingTable, robustnessTable } from "./tables/robustness_table.ts";
export { trainingTable } from "./tables/training_table.ts";
