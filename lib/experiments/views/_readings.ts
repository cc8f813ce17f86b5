/** What tables, charts and sentences read off a finished run. */
import { epsilonText } from "../../format/epsilon.ts";
import { type ObjectiveWeights, unifiedObjective } from "../../metrics/unified_objective.ts";
import { describeSelection, type EpochRecord } from "../../train/history.ts";
import type { AttackResult, Evaluation, WorstCase } from "../records/complete_evaluation.ts";
import type { RunRecord } from "../records/record.ts";

/** The epoch whose weights are evaluated. */
export function bestEpochOf({ history }: RunRecord): EpochRecord {
  const best = history.epochs.find(({ epoch }) => epoch === history.bestEpoch);
  if (best === undefined) throw new RangeError(`Expected a best epoch but found none in history`);
  return best;
}

/**
 * The first epoch whose validation accuracy reaches a share of the run's best: how fast it
 * converges.
 *
 * @returns NaN if the run has no validation accuracy.
 */
export function epochsToReach({ history }: RunRecord, share = 0.9): number {
  const accuracies = history.epochs.map(({ validationAccuracy }) => validationAccuracy ?? NaN);
  const goal = share * Math.max(...accuracies);
  return history.epochs[accuracies.findIndex((value) => value >= goal)]?.epoch ?? NaN;
}

/** How a run was trained against attacks. */
export function describeTraining({ config: { spec: { train } } }: RunRecord): string {
  const { adversarial, circle, noiseSigma = 0 } = train;
  if (adversarial !== undefined) {
    const { attack, epsilon, steps, restarts = 1, norm, probability = 0.5 } = adversarial;
    return [
      attack,
      ...(attack === "fgsm" ? [] : [`${steps ?? "default"} steps`]),
      ...(restarts === 1 ? [] : [`${restarts} restarts`]),
      norm === "l2" ? `L2 ε ${epsilon}` : `ε ${epsilonText(epsilon)}`,
      `p ${probability}`,
    ].join(", ");
  }
  if (noiseSigma > 0) return `Gaussian noise, σ ${noiseSigma}`;
  return circle === undefined ? "clean" : `clean, Circle Loss × ${circle.weight}`;
}

/** What chose the epoch that is evaluated. */
export function chosenByOf({ history }: RunRecord): string {
  return describeSelection(history.selectBy) ?? "validation accuracy";
}

/** Where a run's first weights come from. */
export function startOf({ config }: RunRecord): string {
  return config.encoder?.description ?? "random weights";
}

/** Which layers a run trained. */
export function trainedLayersOf({ config }: RunRecord): string {
  return config.spec.train.freeze === undefined ? "all layers" : "last layer";
}

/** Training accuracy at the best epoch less test accuracy. */
export function generalizationGapOf(run: RunRecord): number {
  return bestEpochOf(run).trainAccuracy - run.metrics.accuracy;
}

/** How many checks against gradient masking a run passed; `null` without any. */
export function maskingChecksOf({ metrics: { maskingChecks } }: RunRecord): string | null {
  const passed = maskingChecks.filter((check) => check.passed).length;
  return maskingChecks.length === 0 ? null : `${passed} of ${maskingChecks.length}`;
}

/** The evaluation on the other domain; `undefined` for a run that has none. */
export function transferOf(run: RunRecord): Evaluation | undefined {
  const { transferTo } = run.config.spec.evaluation;
  return transferTo && run.evaluations.get(`${transferTo}-test`);
}

/** Whether two budgets are the same but for rounding. */
function isSameBudget(one: number, other: number): boolean {
  return Math.abs(one - other) < 1e-9;
}

/** Every attack at the budget that tables name. */
export function attackResults({ metrics }: RunRecord): AttackResult[] {
  const { robustnessSweep, strongAttacks } = metrics;
  return [...robustnessSweep, ...strongAttacks]
    .filter(({ epsilon }) => isSameBudget(epsilon, metrics.epsilon));
}

/**
 * The result of one attack at one budget; by default at the budget that tables name.
 *
 * @returns `undefined` where it was not run.
 */
export function attackResult(
  { metrics }: RunRecord,
  attack: string,
  epsilon: number = metrics.epsilon,
): AttackResult | undefined {
  const near = (result: AttackResult) =>
    result.attack === attack && isSameBudget(result.epsilon, epsilon);
  return metrics.robustnessSweep.find(near) ?? metrics.strongAttacks.find(near);
}

/** The worst case over the attacks at the budget that tables name. */
export function worstCaseOf({ metrics }: RunRecord): WorstCase | undefined {
  return metrics.worstCase.find(({ epsilon }) => isSameBudget(epsilon, metrics.epsilon));
}

/** "svhn → mnist". */
export function directionOf(run: RunRecord): string {
  return `${run.config.spec.dataset} → ${transferOf(run)?.dataset}`;
}

/** Accuracy on the run's own domain less that on the other; NaN where it was not measured. */
export function accuracyDropOf(run: RunRecord): number {
  return run.metrics.accuracy - (transferOf(run)?.accuracy ?? NaN);
}

/** Accuracy on the other domain over that on the run's own; NaN where it was not measured. */
export function transferSlopeOf(run: RunRecord): number {
  return (transferOf(run)?.accuracy ?? NaN) / run.metrics.accuracy;
}

/** Half of the proxy A-distance between the domains; NaN where it was not measured. */
export function halfDistanceOf(run: RunRecord): number {
  return (transferOf(run)?.domain?.proxyADistance ?? NaN) / 2;
}

/** Risk on the other domain less that on the run's own; `undefined` where it was not measured. */
export function riskGapOf(run: RunRecord): number | undefined {
  const domain = transferOf(run)?.domain;
  return domain ? domain.targetRisk - domain.sourceRisk : undefined;
}

/**
 * The unified objective J of a run. A part that was not measured has no weight and is `undefined`.
 *
 * @param weights Of the parts; each defaults to 1.
 */
export function objectiveOf(run: RunRecord, weights: ObjectiveWeights = {}) {
  const robust = attackResult(run, "pgd")?.accuracy;
  const parts = {
    risk: 1 - run.metrics.accuracy,
    robustRisk: robust === undefined ? undefined : 1 - robust,
    calibrationError: run.metrics.ece,
    domainGap: riskGapOf(run),
    metricLoss: run.metrics.metricLoss,
  };
  const { robustRisk = 1, calibrationError = 1, domainGap = 1, metricLoss = 1 } = weights;
  const { total } = unifiedObjective(parts, {
    robustRisk: parts.robustRisk === undefined ? 0 : robustRisk,
    calibrationError,
    domainGap: parts.domainGap === undefined ? 0 : domainGap,
    ...(parts.metricLoss === undefined ? {} : { metricLoss }),
  });
  return { ...parts, total };
}
