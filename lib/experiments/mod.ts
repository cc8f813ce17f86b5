/** Experiments: runs, the matrix, records, tables, charts and sentences. */
export { comparableMetrics } from "./views/columns.ts";
export * from "./views/compare.ts";
export { type DataProvider, dataProvider, type RunData } from "./runs/data_provider.ts";
export { evaluateModel, type ModelEvaluation } from "./runs/evaluate_model.ts";
export type { Evaluation } from "./records/evaluation.ts";
export { experimentMatrix, specById, withSeed } from "./specs/matrix.ts";
export { numericsVersion } from "./runs/numerics_version.ts";
export * from "./lab_session.ts";
export { loadRecord, loadRecords, publishRecord, type RunRecord } from "./records/record.ts";
export type { RunConfig } from "./records/schema.ts";
export {
  attackedMapChart,
  confusionChart,
  domainMapChart,
  iterationChart,
  mapChart,
  perClassChart,
  reliabilityChart,
} from "./views/charts.ts";
export * from "./views/comparison_charts.ts";
export { gridChart } from "./views/saved_grid.ts";
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
