import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireOneOf } from "../arguments/require.ts";
import { logOddsAgainst } from "./_log_odds.ts";
import { requirePredictions } from "./outcomes.ts";
import { requireFinite } from "./_require.ts";
import type { Predictions } from "./predictions.ts";
import { type Separation, separation } from "./separation.ts";

/** Options of {@linkcode outOfDistribution}. */
export interface OutOfDistributionOptions {
  /** What ranks the images. Default "confidence". */
  readonly score?: OutOfDistributionScore;
}

/** A score of one row of logits; higher means more inside. */
export type OutOfDistributionScore = "confidence" | "entropy" | "maxLogit" | "energy";

const optionNames: OptionNames<OutOfDistributionOptions> = { score: true };

/** sum exp(z - largest). */
function sumOfExponentials(row: Float32Array, largest: number): number {
  return row.reduce((total, z) => total + Math.exp(z - largest), 0);
}

/** Each takes an image's logits by rising size, so that their order cannot matter. */
const scores: Readonly<Record<OutOfDistributionScore, (row: Float32Array) => number>> = {
  /** -log(1 - max p): ranks as max p does, without its ties near 1. */
  confidence(row) {
    const r = logOddsAgainst(row, 0, row.length, row.length - 1);
    return Math.log1p(Math.exp(r)) - r;
  },
  /** sum p log p. */
  entropy(row) {
    const largest = row.at(-1)!;
    const sum = sumOfExponentials(row, largest);
    return row.reduce(
      (total, z) => total + Math.exp(z - largest) / sum * (z - largest),
      -Math.log(sum),
    );
  },
  /** max z. */
  maxLogit(row) {
    return row.at(-1)!;
  },
  /** log sum exp z. */
  energy(row) {
    const largest = row.at(-1)!;
    return largest + Math.log(sumOfExponentials(row, largest));
  },
};

function scoresOf(name: string, p: Predictions, score: OutOfDistributionScore): Float64Array {
  requirePredictions(p);
  requireFinite(`${name}.logits`, p.logits, p.classes);
  return Float64Array.from(
    { length: p.length },
    (_, i) => scores[score](p.logits.slice(i * p.classes, (i + 1) * p.classes).sort()),
  );
}

/**
 * Measures how well a classifier's outputs tell images of its own domain from others (Hendrycks and
 * Gimpel 2017). Inside is the positive class; the higher the score, the more inside:
 *
 * - `"confidence"`: the largest probability, ranked as -log(1 - p) in double precision;
 * - `"entropy"`: the negative entropy of the probabilities, sum p log p;
 * - `"maxLogit"`: the largest logit (Hendrycks et al. 2022);
 * - `"energy"`: log sum exp of the logits, the negative energy at temperature 1 (Liu et al. 2020).
 *
 * @param inside Predictions on images of the classifier's domain; labels are not read.
 * @param outside Predictions of the same classifier on other images.
 * @param options `score`, default "confidence".
 * @returns auroc, aupr and fpr95, see {@linkcode separation}.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If score is none of the four, the numbers of classes differ, a logit is not
 * finite, or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const inside = predictionsFromLogits(new Float32Array([4, 0, 0, 5]), [0, 1], 2);
 * const outside = predictionsFromLogits(new Float32Array([1, 0, 0, 0]), [0, 0], 2);
 * assertEquals(outOfDistribution(inside, outside), { auroc: 1, aupr: 1, fpr95: 0 });
 * ```
 */
export function outOfDistribution(
  inside: Predictions,
  outside: Predictions,
  options: OutOfDistributionOptions = {},
): Separation {
  requireKnownOptions("outOfDistribution", options, optionNames);
  const { score = "confidence" } = options;
  requireOneOf("score", score, Object.keys(scores));
  const [positive, negative] = [
    scoresOf("inside", inside, score),
    scoresOf("outside", outside, score),
  ];
  if (inside.classes !== outside.classes) {
    throw new RangeError(
      `Expected outside to have the ${inside.classes} classes of inside but found ` +
        `${outside.classes}; both must come from one classifier`,
    );
  }
  return separation(positive, negative);
}
