/**
 * Converts a budget from pixel units, in [0, 1], to the 255ths in which it is usually given.
 *
 * @param epsilon In pixel units.
 * @returns 255ths, rounded to three decimals; below 0.1 to three significant digits.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([in255(8 / 255), in255(0.1), in255(1e-6)], [8, 25.5, 0.000255]);
 * ```
 */
export function in255(epsilon: number): number {
  const value = epsilon * 255;
  if (Math.abs(value) < 0.1) return Number(value.toPrecision(3));
  return Math.round(value * 1000) / 1000;
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
