import { requireInteger, requireNumber } from "../arguments/require.ts";
import { temperatureRange } from "./temperature.ts";

/**
 * Formats a temperature. One at an end of the range in which {@linkcode fitTemperature} searches is no
 * fitted value, and the text says so.
 *
 * @param temperature Greater than 0.
 * @param digits Decimals. Default 2; a temperature too small for them is written with two significant
 * digits, never as 0.
 * @returns E.g. "1.83", "0.0042", or a bound with what it means: "0.001 (the lower bound of the search:
 * the logits separate the labels, or are tiny)".
 * @throws {RangeError} If an argument is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(temperatureText(1.8342), "1.83");
 * assertEquals(
 *   temperatureText(1e6),
 *   "1000000 (the upper bound of the search: the logits mislead, or are huge)",
 * );
 * ```
 */
export function temperatureText(temperature: number, digits = 2): string {
  requireNumber("temperature", temperature, { min: 0, exclusiveMin: true });
  requireInteger("digits", digits, { min: 0, max: 20 });
  if (temperature === temperatureRange.min) {
    return `${temperature} (the lower bound of the search: the logits separate the labels, or are ` +
      `tiny)`;
  }
  if (temperature === temperatureRange.max) {
    return `${temperature} (the upper bound of the search: the logits mislead, or are huge)`;
  }
  const isBelowDigits = temperature < 10 ** -digits;
  return isBelowDigits ? String(Number(temperature.toPrecision(2))) : temperature.toFixed(digits);
}
