/** Training, and the predictions of a trained model. */
export { type CollectOptions, collectPredictions } from "./collect_predictions.ts";
export { monteCarloDropout, type MonteCarloDropoutOptions } from "./monte_carlo_dropout.ts";
export { train } from "./train.ts";
export { DivergenceError } from "./divergence_error.ts";
export type { AdversarialOptions, CircleOptions, Progress, TrainOptions } from "./options.ts";
export type { DataIdentity } from "./run_directory.ts";
export type { EpochRecord, History } from "./history.ts";
export {
  createOptimizer,
  type Optimizer,
  type OptimizerName,
  type OptimizerOptions,
} from "./optimizers.ts";
export type { OptionsOf, Presence, Stated, StatedValue, Stating } from "./knob_definition.ts";
export { adversarialKnobs, circleKnobs, trainKnobs } from "./knobs.ts";
