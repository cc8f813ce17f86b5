import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireNumber, requireParts } from "../arguments/require.ts";

/** What the unified objective weighs; every part is a number of which smaller is better. */
export interface ObjectiveParts {
  /** R: risk on clean images, e.g. 1 - accuracy. */
  readonly risk: number;
  /** Risk under attack, e.g. 1 - robust accuracy. */
  readonly robustRisk?: number | undefined;
  /** E.g. the l1 calibration error. */
  readonly calibrationError?: number | undefined;
  /** Gap between domains, e.g. target risk less source risk, or a proxy A-distance. May be < 0. */
  readonly domainGap?: number | undefined;
  /** Loss of a metric learner on the features, e.g. the Circle Loss over its scale gamma. */
  readonly metricLoss?: number | undefined;
}

const partNames: OptionNames<ObjectiveParts> = {
  risk: true,
  robustRisk: true,
  calibrationError: true,
  domainGap: true,
  metricLoss: true,
};

/** The weights lambda_1 to lambda_4, each >= 0. Default 1. */
export interface ObjectiveWeights {
  /** lambda_1, the weight of the risk under attack. */
  readonly robustRisk?: number;
  /** lambda_2, the weight of the calibration error. */
  readonly calibrationError?: number;
  /** lambda_3, the weight of the gap between domains. */
  readonly domainGap?: number;
  /** lambda_4, the weight of the metric learner's loss. Default 1 where it is given, else 0. */
  readonly metricLoss?: number;
}

/** The names of {@linkcode ObjectiveWeights}. */
export const objectiveWeightNames: OptionNames<ObjectiveWeights> = {
  robustRisk: true,
  calibrationError: true,
  domainGap: true,
  metricLoss: true,
};

/** The total with all that it was made from. */
export interface UnifiedObjective {
  /** R + sum of the weighted parts. */
  readonly total: number;
  /** The weights used. */
  readonly weights: Required<Omit<ObjectiveWeights, "metricLoss">> & {
    readonly metricLoss?: number;
  };
  /** Each part times its weight; 0 where the weight is 0. */
  readonly weighted: {
    readonly risk: number;
    readonly robustRisk: number;
    readonly calibrationError: number;
    readonly domainGap: number;
    /** Absent where neither the part nor its weight was given. */
    readonly metricLoss?: number;
  };
}

function weigh(
  name: Exclude<keyof ObjectiveParts, "risk">,
  part: number | undefined,
  weight: number,
): number {
  requireNumber(`weights.${name}`, weight, { min: 0 });
  if (weight === 0) return 0;
  if (part === undefined) {
    throw new RangeError(
      `Expected ${name} to be a number but found undefined; measure it or set weights.${name} to 0`,
    );
  }
  requireNumber(name, part, name === "domainGap" ? {} : { min: 0 });
  return weight * part;
}

/**
 * One number for several kinds of trust (eq. 8):
 * J = R + lambda_1 robust risk + lambda_2 calibration error + lambda_3 domain gap
 * + lambda_4 metric loss.
 *
 * The weights are a judgement, not a measurement: state them beside every J. A part that was not
 * measured is never taken as 0: its weight must be set to 0, and J values with different weights
 * cannot be compared.
 *
 * @param parts The measured values; risk, robustRisk and calibrationError are >= 0.
 * @param weights lambda_1 to lambda_4 by the name of their part; each defaults to 1, that of the metric
 * loss to 0 where it was not measured.
 * @returns The total, the weights used and the weighted parts.
 * @throws {RangeError} If a number is not finite or negative where it may not be, or a part with a
 * weight above 0 is missing.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const parts = { risk: 0.25, robustRisk: 0.5, calibrationError: 0.125 };
 * const { total } = unifiedObjective(parts, { calibrationError: 2, domainGap: 0 });
 * assertEquals(total, 0.25 + 0.5 + 0.25);
 * ```
 */
export function unifiedObjective(
  parts: ObjectiveParts,
  weights: ObjectiveWeights = {},
): UnifiedObjective {
  requireKnownOptions("unifiedObjective", weights, objectiveWeightNames);
  requireKnownOptions("unifiedObjective", parts, partNames);
  requireParts("parts", parts, "the terms of J", ["risk"]);
  const hasMetric = parts.metricLoss !== undefined || weights.metricLoss !== undefined;
  const used = {
    ...{ robustRisk: 1, calibrationError: 1, domainGap: 1 },
    ...(hasMetric ? { metricLoss: 1 } : {}),
    ...weights,
  };
  requireNumber("risk", parts.risk, { min: 0 });
  const weighted = {
    risk: parts.risk,
    robustRisk: weigh("robustRisk", parts.robustRisk, used.robustRisk),
    calibrationError: weigh("calibrationError", parts.calibrationError, used.calibrationError),
    domainGap: weigh("domainGap", parts.domainGap, used.domainGap),
    ...(hasMetric ? { metricLoss: weigh("metricLoss", parts.metricLoss, used.metricLoss!) } : {}),
  };
  const total = Object.values(weighted).reduce((sum, part) => sum + part, 0);
  return { total, weights: used, weighted };
}
