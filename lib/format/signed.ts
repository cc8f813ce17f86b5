/**
 * Formats a number with the true minus sign (U+2212), and without any sign where it rounds to zero.
 *
 * @param value The number.
 * @param digits Decimals.
 * @param plus Whether positive numbers get a "+". Default true.
 * @returns E.g. "+1.07" or "−0.61".
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([signed(1.07, 2), signed(-0.61, 2), signed(-0.001, 2)], ["+1.07", "−0.61", "0.00"]);
 * assertEquals(signed(1.07, 2, false), "1.07");
 * ```
 */
export function signed(value: number, digits: number, plus = true): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return value < 0 ? `−${text}` : plus ? `+${text}` : text;
}
