/**
 * Training stopped because a number was not finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(new DivergenceError("Training diverged").name, "DivergenceError");
 * ```
 */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
}
