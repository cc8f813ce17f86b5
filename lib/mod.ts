/**
 * The public API of the trusted-AI lab: a ResNet-18 classifier, its training, the attacks on it and
 * the metrics of how far it can be trusted.
 *
 * @module
 */
export { tf } from "./backend/tf.ts";

export { type Generator, generator } from "./random/generator.ts";

// --- models
export type { Classifier, ForwardOptions, ForwardResult } from "./nn/classifier.ts";
export { NotFiniteError } from "./nn/not_finite_error.ts";
export { linearClassifier, type LinearClassifierOptions } from "./nn/linear_classifier.ts";
export { type ResNet18, resnet18, type ResNet18Options, type Stem } from "./nn/resnet18.ts";
export {
  loadCheckpoint,
  type LoadOptions as LoadCheckpointOptions,
  type LoadResult as LoadCheckpointResult,
  saveCheckpoint,
} from "./nn/checkpoint.ts";

// --- losses
export { crossEntropy, type CrossEntropyOptions } from "./losses/cross_entropy.ts";
export {
  labelSmoothingCrossEntropy,
  type LabelSmoothingOptions,
} from "./losses/label_smoothing.ts";
export { circleLoss, type CircleLossOptions } from "./losses/circle_loss.ts";
export { tradesLoss, type TradesLossOptions } from "./losses/trades.ts";

// --- attacks
export { fgsm, type FgsmOptions } from "./attacks/fgsm.ts";
export { type Norm, pgd, type PgdOptions } from "./attacks/pgd.ts";
export { apgd, type ApgdOptions } from "./attacks/apgd.ts";
export { square, type SquareOptions } from "./attacks/square.ts";
export { type NoiseOptions, randomNoise } from "./attacks/noise.ts";
export {
  tradesPerturbation,
  type TradesPerturbationOptions,
} from "./attacks/trades_perturbation.ts";
export {
  type AttackName,
  attackSweep,
  type AttackSweepOptions,
  type SweepProgress,
  type SweepResult,
} from "./attacks/attack_sweep.ts";
export {
  type IterationResult,
  iterationSweep,
  type IterationSweepOptions,
} from "./attacks/iteration_sweep.ts";
export {
  gradientMaskingChecks,
  type MaskingCheck,
  type MaskingCheckOptions,
} from "./attacks/gradient_masking_checks.ts";

// --- data
export type { Dataset, DatasetName, DatasetSource, Split } from "./data/dataset.ts";
export { loadDataset, type LoadOptions, type SourceChoice } from "./data/load_dataset.ts";
export { splitDataset } from "./data/split_dataset.ts";
export { selectImages } from "./data/select_images.ts";
export { type Batch, batches, type BatchOptions } from "./data/batches.ts";
export { prefetchBatches } from "./data/prefetch_batches.ts";
export type { AugmentName } from "./data/augment.ts";
export { classBalancedBatches, type ClassBalancedOptions } from "./data/class_balanced_batches.ts";

// --- metrics
export { type Predictions, predictionsFromLogits } from "./metrics/predictions.ts";
export { collectPredictions } from "./train/collect_predictions.ts";
export { accuracy } from "./metrics/accuracy.ts";
export { confusionMatrix } from "./metrics/confusion.ts";
export { classRiskDecomposition, perClassAccuracy } from "./metrics/per_class.ts";
export { calibrationError, type CalibrationErrorOptions } from "./metrics/calibration_error.ts";
export { type ReliabilityBin, reliabilityBins } from "./metrics/reliability_bins.ts";
export { classwiseCalibrationError } from "./metrics/classwise_calibration_error.ts";
export { brierScore } from "./metrics/brier_score.ts";
export { negativeLogLikelihood } from "./metrics/negative_log_likelihood.ts";
export { type RiskCoverage, riskCoverage } from "./metrics/risk_coverage.ts";
export { selectiveAccuracy } from "./metrics/selective_accuracy.ts";
export { applyTemperature, fitTemperature } from "./metrics/temperature.ts";
export { bootstrapInterval, type BootstrapOptions } from "./metrics/bootstrap_interval.ts";
export { wilsonInterval } from "./metrics/wilson_interval.ts";
export { pairedDifference } from "./metrics/paired_difference.ts";
export {
  type MetricDifference,
  type MetricDifferenceOptions,
  pairedMetricDifference,
} from "./metrics/paired_metric_difference.ts";
export { robustAccuracy, worstCaseCorrect } from "./metrics/robust_accuracy.ts";
export { minimumEpsilon } from "./metrics/minimum_epsilon.ts";
export { type SeedDifference, seedDifference } from "./metrics/seed_difference.ts";
export { seedSummary } from "./metrics/seed_summary.ts";
export { unifiedObjective } from "./metrics/unified_objective.ts";
export { silhouette } from "./metrics/representation/silhouette.ts";
export { knnConsistency } from "./metrics/representation/knn_consistency.ts";
export { linearCka } from "./metrics/representation/linear_cka.ts";
export { classAngles } from "./metrics/representation/class_angles.ts";
export { proxyADistance } from "./metrics/representation/proxy_a_distance.ts";

// --- training
export { train } from "./train/train.ts";
export { DivergenceError } from "./train/divergence_error.ts";
export type { AdversarialOptions, CircleOptions, Progress, TrainOptions } from "./train/options.ts";
export type { EpochRecord, History } from "./train/history.ts";
export { createOptimizer, type Optimizer, type OptimizerOptions } from "./train/optimizers.ts";

// --- plots
export * from "./plots/mod.ts";

// --- experiments
export * from "./experiments/mod.ts";
