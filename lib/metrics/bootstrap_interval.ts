import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { throwIfInterrupted } from "../terminal/interrupt.ts";
import { requireFunction, requireInteger, requireNumber } from "../arguments/require.ts";
import { generator } from "../random/generator.ts";
import { outcomes } from "./outcomes.ts";
import { centralInterval, type Interval } from "./quantile.ts";
import { resample } from "./_resample.ts";
import type { Predictions } from "./predictions.ts";

/** Options of {@linkcode bootstrapInterval}. */
export interface BootstrapOptions {
  /** Number of resamples, at least 1. Default 1000. */
  readonly samples?: number;
  /** Share of resamples inside the interval, in (0, 1). Default 0.95. */
  readonly level?: number;
  /** Seed of the draws. Default 0. */
  readonly seed?: number;
}

/** The names of {@linkcode BootstrapOptions}. */
export const bootstrapOptionNames = {
  samples: true,
  level: true,
  seed: true,
} as const satisfies OptionNames<BootstrapOptions>;

/**
 * Percentile bootstrap interval of a metric over test images (Efron 1979): N images are drawn with
 * replacement, `samples` times, and the metric is taken of each draw. It says how far the value
 * depends on which images were tested; it does not cover the training seed.
 *
 * @param p Predictions of N >= 1 images.
 * @param metric A number of predictions, e.g. `accuracy`; parts it does not read are not copied.
 * @returns The ends of the central interval.
 * @throws {RangeError} If an option is out of range, the predictions' parts do not fit each other,
 * or the metric is NaN for a resample (e.g. the accuracy of a class that was not drawn).
 * @example
 * ```ts
 * import { assert } from "@trusted-ai-lab/lab/assert";
 * import { accuracy } from "./accuracy.ts";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([2, 1, 2, 1, 2, 1, 2, 1]), [0, 0, 0, 1], 2);
 * const { low, high } = bootstrapInterval(p, accuracy, { samples: 200, seed: 1 });
 * assert(low >= 0 && low <= 0.75 && high >= 0.75 && high <= 1);
 * ```
 */
export function bootstrapInterval(
  p: Predictions,
  metric: (p: Predictions) => number,
  options: BootstrapOptions = {},
): Interval {
  requireKnownOptions("bootstrapInterval", options, bootstrapOptionNames);
  const { samples = 1000, level = 0.95, seed = 0 } = options;
  requireFunction("metric", metric);
  requireInteger("samples", samples, { min: 1 });
  requireNumber("level", level, { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true });
  const known = outcomes(p);
  const { integer } = generator(seed);
  const values = new Float64Array(samples);
  for (let s = 0; s < samples; s++) {
    throwIfInterrupted();
    const rows = new Uint32Array(p.length);
    for (let i = 0; i < rows.length; i++) rows[i] = integer(p.length);
    const value = metric(resample(p, known, rows));
    if (Number.isNaN(value)) {
      throw new RangeError(
        `Expected metric to be a number on every resample but found NaN on resample ${s}; ` +
          `for a share of few images use wilsonInterval`,
      );
    }
    values[s] = value;
  }
  return centralInterval(values, level);
}
