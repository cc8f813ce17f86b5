/** What every chart, table and message calls the interval around a number. */
export const INTERVAL_95 = "95 % interval";

/**
 * Formats a fraction as a percentage.
 *
 * @param fraction A share, 1 being the whole.
 * @param digits Decimals. Default 1.
 * @returns E.g. "84.2 %".
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([percent(0.8415), percent(0.8415, 2), percent(1, 0)], ["84.2 %", "84.15 %", "100 %"]);
 * ```
 */
export function percent(fraction: number, digits = 1): string {
  return `${points(fraction, digits)} %`;
}

/**
 * Formats a fraction times 100 without its unit, for columns and differences that name it once.
 *
 * @param fraction A share or a difference of two.
 * @param digits Decimals. Default 1.
 * @returns E.g. "84.2".
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(points(0.8415, 2), "84.15");
 * ```
 */
export function points(fraction: number, digits = 1): string {
  return (100 * fraction).toFixed(digits);
}
