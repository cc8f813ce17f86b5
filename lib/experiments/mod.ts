/** Experiments: runs, the matrix, records, tables, charts and sentences. */
export * from "./views/compare.ts";
export { type DataProvider, dataProvider, type RunData } from "./runs/data_provider.ts";
export { evaluateModel, type ModelEvaluation } from "./runs/evaluate_model.ts";
export type { Evaluation } from "./records/evaluation.ts";
export { experimentMatrix, specById, withSeed } from "./specs/matrix.ts";
export { numericsVersion } from "./runs/numerics_version.ts";
export * from "./lab_session.ts";
export { loadRecord, loadRecords, publishRecord, type RunRecord } from "./records/record.ts";
export type { RunConfig } from "./records/schema.ts";
export * from "./views/record_charts.ts";
export type { RunAllOptions } from "./runs/make_runs.ts";
export { type RunOptions, type RunProgress } from "./runs/run_context.ts";
export { firstSeedLabel, type Runs } from "./records/run_groups.ts";
export { findExperiment, type RunResult } from "./runs/make_run.ts";
export { runAll, runExperiment } from "./run_experiment.ts";
export { parseRunSpec, type Profile, profiles, type RunSpec } from "./specs/run_spec.ts";
export {
  differenceStatement,
  predicted,
  type Statement,
  statement,
  type Verdict,
} from "./views/statement.ts";
export { metricsSummaryJson, writeSummaries } from "./report/summaries.ts";
export type { Table } from "./views/table.ts";
export { calibrationTable, shiftTable, temperatureTable } from "./views/calibration_table.ts";
export { classRiskTable } from "./views/class_risk_table.ts";
export { crossDomainTable, domainTable } from "./views/cross_domain_table.ts";
export { fineTuningTable, pretrainedTable } from "./views/fine_tuning_table.ts";
export { objectiveTable } from "./views/objective_table.ts";
export { representationTable } from "./views/representation_table.ts";
export { maskingTable, robustnessTable } from "./views/robustness_table.ts";
export { trainingTable } from "./views/training_table.ts";
