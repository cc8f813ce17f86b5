import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import { requireInteger, requireNumber } from "../../arguments/require.ts";
import { generator } from "../../random/generator.ts";
import { fitLogisticRegression, type LinearRule } from "./_logistic_regression.ts";
import { featureWidth } from "./features.ts";

/** A proxy A-distance with its evidence. */
export interface ProxyADistance {
  /** 2 (1 - 2 error), in [0, 2]: 0 where the domains cannot be told apart, 2 where always. */
  readonly distance: number;
  /** The domain classifier's error rate on held-out images. */
  readonly error: number;
  /** Images per domain the classifier was fitted on. */
  readonly fitted: number;
  /** Images per domain it was tested on. */
  readonly heldOut: number;
}

/** Options of {@linkcode proxyADistance}. */
export interface ProxyADistanceOptions {
  /** At most so many images of each domain are drawn, at least 4. Default 2000. */
  readonly limit?: number;
  /** Weight of |w|^2 / 2 beside the sum of the losses, > 0. Default 1. */
  readonly l2?: number;
  /** Seed of the draw and the split. Default 0. */
  readonly seed?: number;
}

const optionNames: OptionNames<ProxyADistanceOptions> = { limit: true, l2: true, seed: true };

/** `count` rows drawn without replacement, each copied. */
function drawRows(
  features: ArrayLike<number>,
  width: number,
  count: number,
  seed: number,
  key: number,
) {
  const order = generator(seed, key).shuffle(
    Uint32Array.from({ length: features.length / width }, (_, i) => i),
  );
  const rows = new Float64Array(count * width);
  for (let i = 0; i < count; i++) {
    for (let d = 0; d < width; d++) rows[i * width + d] = features[order[i]! * width + d]!;
  }
  return rows;
}

function joined(first: Float64Array, second: Float64Array): Float64Array {
  const rows = new Float64Array(first.length + second.length);
  rows.set(first);
  rows.set(second, first.length);
  return rows;
}

/** Shifts and scales each column as fits `reference`; a constant column there is only shifted. */
function standardise(rows: Float64Array, reference: Float64Array, width: number): Float64Array {
  const n = reference.length / width;
  const result = new Float64Array(rows.length);
  for (let d = 0; d < width; d++) {
    // Relative to the first row, so that a constant column has exactly no spread.
    const origin = reference[d]!;
    let mean = origin;
    for (let i = d; i < reference.length; i += width) mean += (reference[i]! - origin) / n;
    let squares = 0;
    for (let i = d; i < reference.length; i += width) squares += (reference[i]! - mean) ** 2;
    const scale = squares > 0 ? Math.sqrt(n / squares) : 1;
    for (let i = d; i < rows.length; i += width) result[i] = (rows[i]! - mean) * scale;
  }
  return result;
}

/** Error rate of the rule on rows of which the second half is class 1; a score of 0 is half wrong. */
function errorRate({ weights, bias }: LinearRule, rows: Float64Array): number {
  const width = weights.length;
  const n = rows.length / width;
  let wrong = 0;
  for (let i = 0; i < n; i++) {
    let score = bias;
    for (let d = 0; d < width; d++) score += weights[d]! * rows[i * width + d]!;
    if (score === 0) wrong += 0.5;
    else if (score > 0 !== i >= n / 2) wrong += 1;
  }
  return wrong / n;
}

/**
 * How easily a linear classifier tells two domains apart by their features (Ben-David et al. 2007,
 * 2010): d_A = 2 (1 - 2 err), err its error on held-out images.
 *
 * The same number of images of each domain is drawn; one half fits a logistic regression with L2
 * penalty on standardised features, the other half tests it. An error above 0.5 counts as 0.5, since
 * the opposite rule would do better. A finite sample of one domain against itself gives about 0.
 *
 * @param source Ns x D features, row-major.
 * @param target Nt x D features, row-major.
 * @param width D.
 * @returns The distance, the error and the sizes.
 * @throws {RangeError} If a size does not fit, a domain has fewer than 4 images, an option is out of
 * range, or a value is not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const source = Float32Array.from({ length: 40 }, (_, i) => i % 5);
 * const target = source.map((value) => value + 10);
 * assertEquals(proxyADistance(source, target, 1).distance, 2);
 * ```
 */
export function proxyADistance(
  source: ArrayLike<number>,
  target: ArrayLike<number>,
  width: number,
  options: ProxyADistanceOptions = {},
): ProxyADistance {
  requireKnownOptions("proxyADistance", options, optionNames);
  const { limit = 2000, l2 = 1, seed = 0 } = options;
  requireInteger("width", width, { min: 1 });
  requireInteger("limit", limit, { min: 4 });
  requireNumber("l2", l2, { min: 0, exclusiveMin: true });
  for (const [name, { length }] of Object.entries({ source, target })) {
    if (length % width !== 0) {
      throw new RangeError(
        `Expected width to divide the ${length} numbers of ${name} but found ${width}`,
      );
    }
  }
  featureWidth("source", source, source.length / width);
  featureWidth("target", target, target.length / width);
  const available = Math.min(source.length, target.length) / width;
  requireInteger("images of the smaller domain", available, { min: 4 });
  const count = Math.min(limit, available);
  const fitted = Math.floor(count / 2);
  const cut = fitted * width;
  const [first, second] = [source, target].map((features, domain) =>
    drawRows(features, width, count, seed, domain)
  ) as [Float64Array, Float64Array];
  const fit = joined(first.subarray(0, cut), second.subarray(0, cut));
  const test = joined(first.subarray(cut), second.subarray(cut));
  const labels = new Uint8Array(2 * fitted).fill(1, fitted);
  const rule = fitLogisticRegression(standardise(fit, fit, width), labels, l2);
  const error = errorRate(rule, standardise(test, fit, width));
  const distance = 2 * (1 - 2 * Math.min(0.5, error));
  return { distance, error, fitted, heldOut: count - fitted };
}
