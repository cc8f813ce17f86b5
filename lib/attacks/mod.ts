/** Attacks, sweeps over budgets and steps, and checks against gradient masking. */
export { fgsm, type FgsmOptions } from "./fgsm.ts";
export { type Norm, pgd, type PgdOptions } from "./pgd.ts";
export { apgd, type ApgdLoss, type ApgdOptions } from "./apgd.ts";
export { fab, type FabOptions } from "./fab.ts";
export { square, type SquareOptions } from "./square.ts";
export {
  autoAttack,
  type AutoAttackOptions,
  type AutoAttackPart,
  type AutoAttackResult,
} from "./auto_attack.ts";
export { deepFool, type DeepFoolOptions } from "./deep_fool.ts";
export { carliniWagner, type CarliniWagnerOptions } from "./carlini_wagner.ts";
export { type NoiseOptions, randomNoise } from "./noise.ts";
export { type Certificate, certify, type CertifyOptions } from "./certify.ts";
export { tradesPerturbation, type TradesPerturbationOptions } from "./trades_perturbation.ts";
export {
  type AttackName,
  attackSweep,
  type AttackSweepOptions,
  type SweepProgress,
  type SweepResult,
} from "./attack_sweep.ts";
export {
  type IterationResult,
  iterationSweep,
  type IterationSweepOptions,
} from "./iteration_sweep.ts";
export type { EvaluationOptions as AttackEvaluationOptions } from "./evaluation_loop.ts";
export {
  gradientMaskingChecks,
  type MaskingCheck,
  type MaskingCheckOptions,
} from "./gradient_masking_checks.ts";
export { integratedGradients, type IntegratedGradientsOptions } from "./integrated_gradients.ts";
export {
  parameterRandomizationCheck,
  type ParameterRandomizationOptions,
  type RandomizedStage,
} from "./parameter_randomization_check.ts";
