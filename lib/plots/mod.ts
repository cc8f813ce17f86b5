/** Charts: plain data in, a {@linkcode Chart} out. */
export { type BarsOptions, barsWithIntervals, type IntervalRow } from "./bars_with_intervals.ts";
export { type Chart, createChart } from "./chart.ts";
export { JUPYTER_DISPLAY } from "../format/jupyter_display.ts";
export { type CheckRow, checksTable } from "./checks_table.ts";
export { confidenceCoverage } from "./confidence_coverage.ts";
export { confusionHeatmap, type ConfusionOptions } from "./confusion_heatmap.ts";
export {
  type Embedding,
  embedFeatures,
  type EmbedOptions,
  type FeatureBasis,
} from "./embed_features.ts";
export {
  exampleGrid,
  type ExampleGridInput,
  type ExampleGridOptions,
  type ExampleRow,
} from "./example_grid.ts";
export {
  featureMap,
  type FeatureMapCoordinates,
  type FeatureMapFeatures,
  type FeatureMapOptions,
  type FeatureMapPoints,
} from "./feature_map.ts";
export type { ChartOptions } from "./figure.ts";
export {
  iterationCurve,
  type IterationCurveInput,
  type IterationPoint,
} from "./iteration_curve.ts";
export { learningCurve, type LearningPoint } from "./learning_curve.ts";
export {
  minimumEpsilonDistribution,
  type MinimumEpsilonOptions,
} from "./minimum_epsilon_distribution.ts";
export type { PredictionsInput } from "./named_predictions.ts";
export { type ConfusionCounts, perClassBars, type PerClassOptions } from "./per_class_bars.ts";
export { reliabilityDiagram, type ReliabilityOptions } from "./reliability_diagram.ts";
export { robustnessCurve, type RobustnessPoint } from "./robustness_curve.ts";
export { type CurveEpoch, trainingCurves, type TrainingCurvesInput } from "./training_curves.ts";
