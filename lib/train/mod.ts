/** Training, and the predictions of a trained model. */
export { collectPredictions } from "./collect_predictions.ts";
export { train } from "./train.ts";
export { DivergenceError } from "./divergence_error.ts";
export type { AdversarialOptions, CircleOptions, Progress, TrainOptions } from "./options.ts";
export type { EpochRecord, History } from "./history.ts";
export { createOptimizer, type Optimizer, type OptimizerOptions } from "./optimizers.ts";
