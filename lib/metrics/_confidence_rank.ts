import { firstAtLeast } from "./_first_at_least.ts";
import { logOddsAgainst } from "./_log_odds.ts";
import { requireFinite } from "./_require.ts";
import type { Predictions } from "./predictions.ts";

/**
 * log(1 - p) of each image's predicted class, from the logits in double precision: the smaller, the
 * surer. Float32 probabilities tie at 1 from a logit gap of about 17 on, these values do not.
 *
 * With r the log odds against it, 1 - p = e^r / (1 + e^r).
 */
function logDoubts(p: Predictions, predicted: Int32Array): Float64Array {
  requireFinite("predictions.logits", p.logits, p.classes);
  return Float64Array.from(predicted, (best, image) => {
    const r = logOddsAgainst(p.logits, image * p.classes, p.classes, best);
    return r > 0 ? -Math.log1p(Math.exp(-r)) : r - Math.log1p(Math.exp(r));
  });
}

/**
 * Ranks images by confidence: 0 for the surest. Images share a rank only if their log(1 - p) is equal
 * in double precision.
 *
 * @param predicted The predicted classes.
 * @throws {RangeError} If a logit is not finite.
 */
export function confidenceRanks(p: Predictions, predicted: Int32Array): Uint32Array {
  const doubts = logDoubts(p, predicted);
  const distinct = doubts.slice().sort().filter((value, i, all) => i === 0 || value > all[i - 1]!);
  return Uint32Array.from(doubts, (value) => firstAtLeast(value, distinct));
}
