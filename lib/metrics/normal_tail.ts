import { normalBelow } from "./_distributions.ts";

/** P(|Z| >= |z|), Z standard normal: the two-sided p-value of a z test. */
export function normalTail(z: number): number {
  return Math.min(1, 2 * normalBelow(-Math.abs(z)));
}
