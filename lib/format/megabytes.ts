/**
 * Formats a size in megabytes of a million bytes.
 *
 * @param bytes The size.
 * @returns E.g. "230 MB"; below 10 MB with one decimal.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([megabytes(230e6), megabytes(1.26e6)], ["230 MB", "1.3 MB"]);
 * ```
 */
export function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} MB`;
}
