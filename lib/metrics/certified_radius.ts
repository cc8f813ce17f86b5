import { betaQuantile, normalQuantile } from "./_distributions.ts";

/**
 * The lower end of the one-sided Clopper-Pearson interval of a proportion (Clopper and Pearson 1934):
 * the p at which a binomial count of n is `successes` or more with probability alpha, which is the
 * alpha quantile of Beta(successes, n - successes + 1). Whatever the true proportion, the bound
 * exceeds it with probability alpha at most.
 *
 * @param successes A whole number in [0, n].
 * @param n Number of trials, at least 1.
 * @param alpha In (0, 1).
 * @returns A number in [0, 1); 0 without a success.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * assertAlmostEquals(clopperPearsonLowerBound(1000, 1000, 0.001), 0.001 ** (1 / 1000), 1e-12);
 * ```
 */
export function clopperPearsonLowerBound(successes: number, n: number, alpha: number): number {
  return successes === 0 ? 0 : betaQuantile(successes, n - successes + 1, alpha);
}

/**
 * The radius within which a classifier smoothed by normal noise keeps its answer (Cohen et al. 2019,
 * theorem 1 with the runner-up bounded by 1 - p): `sigma * quantile(p)`, for p > 1/2.
 *
 * @param probability A lower bound, in [0, 1), of the probability of the answer under noise.
 * @param sigma The noise's standard deviation in pixel units, > 0.
 * @returns The Euclidean radius in pixel units; 0 for a probability of 1/2 or less: nothing is
 * certified.
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertAlmostEquals(certifiedRadius(0.841344746, 0.25), 0.25, 1e-8); // one standard deviation
 * assertEquals(certifiedRadius(0.5, 0.25), 0);
 * ```
 */
export function certifiedRadius(probability: number, sigma: number): number {
  return probability > 0.5 ? sigma * normalQuantile(probability) : 0;
}
