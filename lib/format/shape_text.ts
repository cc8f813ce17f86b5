/**
 * An image shape as errors write it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(shapeText([28, 28, 1]), "28 x 28 x 1");
 * ```
 */
export function shapeText(shape: readonly number[]): string {
  return shape.join(" x ");
}
