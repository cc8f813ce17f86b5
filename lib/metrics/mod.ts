/** Metrics: plain arrays in, numbers out; TensorFlow is not loaded. */
export { type Predictions, predictionsFromLogits } from "./predictions.ts";
export { predictionsFromProbabilities } from "./predictions_from_probabilities.ts";
export {
  type LoadedFile,
  type LoadedPredictions,
  loadPredictions,
  type LoadPredictionsOptions,
} from "./load_predictions.ts";
export { firstPredictions } from "./first_predictions.ts";
export { ensemblePredictions } from "./ensemble_predictions.ts";
export { accuracy } from "./accuracy.ts";
export { confusionMatrix } from "./confusion.ts";
export { type ClassRisk, classRiskDecomposition, perClassAccuracy } from "./per_class.ts";
export { balancedAccuracy } from "./balanced_accuracy.ts";
export { cohenKappa } from "./cohen_kappa.ts";
export {
  type GroupAccuracy,
  type WorstGroupAccuracy,
  worstGroupAccuracy,
} from "./worst_group_accuracy.ts";
export { calibrationError, type CalibrationErrorOptions } from "./calibration_error.ts";
export {
  type CalibrationFloor,
  calibrationFloor,
  type CalibrationFloorOptions,
} from "./calibration_floor.ts";
export { type ReliabilityBin, reliabilityBins } from "./reliability_bins.ts";
export { classwiseCalibrationError } from "./classwise_calibration_error.ts";
export { brierScore } from "./brier_score.ts";
export { negativeLogLikelihood } from "./negative_log_likelihood.ts";
export { type RiskCoverage, riskCoverage } from "./risk_coverage.ts";
export { selectiveAccuracy } from "./selective_accuracy.ts";
export { type Separation, separation } from "./separation.ts";
export {
  outOfDistribution,
  type OutOfDistributionOptions,
  type OutOfDistributionScore,
} from "./out_of_distribution.ts";
export { holmAdjusted } from "./holm_adjusted.ts";
export { mahalanobisScores } from "./mahalanobis_scores.ts";
export {
  type ConformalOptions,
  type ConformalScore,
  type ConformalThreshold,
  conformalThreshold,
} from "./conformal_threshold.ts";
export { type ConformalSets, conformalSets, type StoredThreshold } from "./conformal_sets.ts";
export {
  type MembershipInference,
  membershipInference,
  type MembershipInferenceOptions,
} from "./membership_inference.ts";
export { applyTemperature, fitTemperature } from "./temperature.ts";
export { temperatureText } from "./temperature_text.ts";
export type { Interval } from "./quantile.ts";
export { bootstrapInterval, type BootstrapOptions } from "./bootstrap_interval.ts";
export { wilsonInterval } from "./wilson_interval.ts";
export { type PairedDifference, pairedDifference } from "./paired_difference.ts";
export {
  type MetricDifference,
  type MetricDifferenceOptions,
  type NamedMetric,
  pairedMetricDifference,
} from "./paired_metric_difference.ts";
export { robustAccuracy, worstCaseCorrect } from "./robust_accuracy.ts";
export { minimumEpsilon, type SweepPoint } from "./minimum_epsilon.ts";
export {
  type SeedDifference,
  seedDifference,
  type SeedDifferenceOptions,
} from "./seed_difference.ts";
export { type SeedSummary, seedSummary } from "./seed_summary.ts";
export {
  type ObjectiveParts,
  type ObjectiveWeights,
  type UnifiedObjective,
  unifiedObjective,
} from "./unified_objective.ts";
export type { FeatureMetric } from "./representation/features.ts";
export { silhouette } from "./representation/silhouette.ts";
export { knnConsistency } from "./representation/knn_consistency.ts";
export { coralDistance } from "./representation/coral_distance.ts";
export { linearCka } from "./representation/linear_cka.ts";
export { type ClassAngles, classAngles } from "./representation/class_angles.ts";
export {
  type ProxyADistance,
  proxyADistance,
  type ProxyADistanceOptions,
} from "./representation/proxy_a_distance.ts";
