/**
 * The size |d| of a number d that is known with normal noise of standard deviation 1, x ~ N(d, 1).
 * No estimator is unbiased at every d. |x| itself is too large by up to 0.80, at d = 0; less a
 * bump around 0 it is off by at most 0.27 in either direction.
 */
import { normalBelow } from "./_distributions.ts";

const BUMP = 0.75;

/** |x| - 0.75 exp(-x² / 2). May be negative. */
export function debiasedSize(x: number): number {
  return Math.abs(x) - BUMP * Math.exp(-x * x / 2);
}

/**
 * The bias E debiasedSize(x) - |d| for d >= 0: the folded normal distribution's mean less d,
 * 2 (pdf(d) - d P(Z > d)), less the mean of the bump, 0.75 exp(-d² / 4) / sqrt 2.
 */
export function remainingBias(d: number): number {
  const density = Math.exp(-d * d / 2) / Math.sqrt(2 * Math.PI);
  return 2 * (density - d * normalBelow(-d)) - BUMP * Math.SQRT1_2 * Math.exp(-d * d / 4);
}

/** The variance of debiasedSize(x) at d = 0; it is 0.656 by numerical integration. */
export const VARIANCE_AT_ZERO = 0.656;

/** The largest |bias|, 0.268; it is that at d = 0, and has a minimum of -0.263 at d = 1.2. */
const LARGEST = remainingBias(0);
/** From here on |bias| falls. */
const FALLING = 1.5;

/** The largest |bias| at any d within two standard deviations of x. */
function normalBound(x: number): number {
  const nearest = Math.abs(x) - 2;
  return nearest < FALLING ? LARGEST : Math.abs(remainingBias(nearest));
}

/**
 * How far E debiasedSize(x) may be from |d|. Normal noise of standard deviation 1 is an assumption: a
 * count of a few images is not normal, and where the standard deviation is an upper bound the noise
 * may be smaller. Whatever the noise, the bump takes at most 0.75 off, less with the distance from 0;
 * and it adds at most 0.55, as E |x| <= 1.
 *
 * @param normality How far the assumption holds, in [0, 1].
 */
export function biasBound(x: number, normality: number): number {
  const beyond = Math.max(0, Math.abs(x) - 1);
  return normality * normalBound(x) + (1 - normality) * BUMP * Math.exp(-beyond * beyond / 2);
}
