/**
 * Formats a number of things with commas between thousands.
 *
 * @param value The number.
 * @returns E.g. "60,000".
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(thousands(60000), "60,000");
 * ```
 */
export function thousands(value: number): string {
  return value.toLocaleString("en-US");
}
