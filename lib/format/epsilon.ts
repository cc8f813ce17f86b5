/**
 * Converts a budget from pixel units, in [0, 1], to the 255ths in which it is usually given.
 *
 * @param epsilon In pixel units.
 * @returns 255ths, rounded to three decimals.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([in255(8 / 255), in255(0.1)], [8, 25.5]);
 * ```
 */
export function in255(epsilon: number): number {
  return Math.round(epsilon * 255 * 1000) / 1000;
}

/**
 * Formats a budget in 255ths.
 *
 * @param epsilon In pixel units.
 * @returns E.g. "8/255"; "0" without a budget.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([epsilonText(8 / 255), epsilonText(0.5 / 255), epsilonText(0)], ["8/255", "0.5/255", "0"]);
 * ```
 */
export function epsilonText(epsilon: number): string {
  return epsilon === 0 ? "0" : `${in255(epsilon)}/255`;
}
