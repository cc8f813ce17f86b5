/**
 * A model computed NaN or infinity. Training reports it as divergence, with epoch, batch and rate;
 * a classifier of your own may throw it, too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(new NotFiniteError("a logit", "A logit is NaN.").subject, "a logit");
 * ```
 */
export class NotFiniteError extends Error {
  override readonly name = "NotFiniteError";

  /**
   * @param subject What is not finite, with its article, e.g. "a logit".
   * @param message The whole sentence.
   */
  constructor(readonly subject: string, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
