/** Distributions and their quantiles, by the Cephes library (Moshier 1989) in WebAssembly. */
import { createRequire } from "node:module";

// The package's other form, for import, replaces Node's Buffer by one that Deno cannot load.
const { compiled, incbi, ndtr, ndtri, stdtr, stdtri }: typeof import("cephes") = createRequire(
  import.meta.url,
)("cephes");
await compiled;

/** The t with P(|T| <= t) = level, T with `freedom` degrees of freedom. */
export function twoSidedStudentQuantile(freedom: number, level: number): number {
  return stdtri(freedom, (1 + level) / 2);
}

/** P(|T| >= |t|), T with `freedom` degrees of freedom. */
export function twoSidedStudentTail(freedom: number, t: number): number {
  return 2 * stdtr(freedom, -Math.abs(t));
}

/** P(Z <= z), Z standard normal. */
export function normalBelow(z: number): number {
  return ndtr(z);
}

/** The z with P(Z <= z) = p, Z standard normal, p in (0, 1). */
export function normalQuantile(p: number): number {
  return ndtri(p);
}

/** The x with P(X <= x) = p, X of the distribution Beta(a, b). */
export function betaQuantile(a: number, b: number, p: number): number {
  return incbi(a, b, p);
}

/** P(|Z + shift| >= c), Z standard normal, shift >= 0, c >= 0. */
export function shiftedNormalTail(shift: number, c: number): number {
  return normalBelow(shift - c) + normalBelow(-c - shift);
}

/** The c with P(|Z + shift| <= c) = level, Z standard normal, shift >= 0. */
export function shiftedNormalQuantile(shift: number, level: number): number {
  let [low, high] = [0, shift + 40];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalBelow(middle - shift) - normalBelow(-middle - shift) < level) low = middle;
    else high = middle;
  }
  return high;
}
