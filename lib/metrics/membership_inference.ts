import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireNumber } from "../arguments/require.ts";
import { logOddsAgainst } from "./_log_odds.ts";
import { requirePredictions } from "./outcomes.ts";
import { requireFinite } from "./_require.ts";
import type { Predictions } from "./predictions.ts";
import { operatingPoints, rocArea, truePositiveRateAt } from "./separation.ts";

/** What a membership-inference attack finds out. */
export interface MembershipInference {
  /** Chance that a member looks more like a member than an outsider does; 0.5 tells nothing. */
  readonly auroc: number;
  /** Share of the members found while at most a share `fpr` of the others is accused. */
  readonly tpr: number;
  /** The rate of false accusations asked for; guessing gives tpr = fpr. */
  readonly fpr: number;
}

/** Options of {@linkcode membershipInference}. */
export interface MembershipInferenceOptions {
  /** Share of non-members that may be called members, in (0, 1]. Default 0.01. */
  readonly fpr?: number;
}

const optionNames: OptionNames<MembershipInferenceOptions> = { fpr: true };

/** log(p_y / (1 - p_y)) of the label y, in double precision from the logits. */
function logitsOfLabels(name: string, p: Predictions): Float64Array {
  requirePredictions(p);
  requireFinite(`${name}.logits`, p.logits, p.classes);
  return Float64Array.from(
    { length: p.length },
    (_, i) => -logOddsAgainst(p.logits, i * p.classes, p.classes, p.labels[i]!),
  );
}

/**
 * Tells members of the training set from other images by how sure the classifier is of their label
 * (Yeom et al. 2018): the less the loss, the more likely a member. The score is the label's log odds
 * log(p_y / (1 - p_y)), which ranks as the loss does (Carlini et al. 2022). One threshold serves all
 * images, so the result is a lower bound of what an attacker with shadow models would find.
 *
 * @param members Predictions on images that were trained on.
 * @param nonMembers Predictions on images of the same kind that were not, e.g. the test split.
 * @param options `fpr`, in (0, 1], default 0.01.
 * @returns The area under the ROC curve, and the true positive rate at the false positive rate.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If fpr is out of range, a logit is not finite, or the predictions' parts do not
 * fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const members = predictionsFromLogits(new Float32Array([9, 0, 1, 0]), [0, 0], 2);
 * const others = predictionsFromLogits(new Float32Array([2, 0, 0, 1]), [0, 0], 2);
 * assertEquals(membershipInference(members, others), { auroc: 0.75, tpr: 0.5, fpr: 0.01 });
 * ```
 */
export function membershipInference(
  members: Predictions,
  nonMembers: Predictions,
  options: MembershipInferenceOptions = {},
): MembershipInference {
  requireKnownOptions("membershipInference", options, optionNames);
  const { fpr = 0.01 } = options;
  requireNumber("fpr", fpr, { min: 0, max: 1, exclusiveMin: true });
  const points = operatingPoints(
    logitsOfLabels("members", members),
    logitsOfLabels("nonMembers", nonMembers),
  );
  return { auroc: rocArea(points), tpr: truePositiveRateAt(points, fpr), fpr };
}
