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
  /** Always "NotFiniteError". */
  override readonly name = "NotFiniteError";

  /**
   * Describes what a model computed.
   *
   * @param subject What is not finite, with its article, e.g. "a logit".
   * @param message The whole sentence.
   * @param options The `cause`, if another error led to this one.
   */
  constructor(readonly subject: string, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
