import { firstAtLeast } from "./_first_at_least.ts";
import { requireInteger } from "../arguments/require.ts";

/** Requires a usable number of bins. */
export function requireBins(bins: number): void {
  requireInteger("bins", bins, { min: 1, max: 1_000_000 });
}

/**
 * The equal-width bin (lo, hi] of a float32 probability; 0 itself belongs to the first bin.
 *
 * Edges are compared as float32, the precision of the probability: a probability stored for 0.6
 * reads 0.60000002 in double precision and would else fall above the edge 0.6.
 */
export function widthBin(probability: number, bins: number): number {
  let bin = Math.min(bins - 1, Math.max(0, Math.ceil(probability * bins) - 1));
  while (bin > 0 && probability <= Math.fround(bin / bins)) bin--;
  while (bin < bins - 1 && probability > Math.fround((bin + 1) / bins)) bin++;
  return bin;
}

/**
 * Tells the equal-mass bin of a confidence: sorted, the values are cut into chunks of which the first
 * N mod bins are one larger; a cut between equal values moves to the end of the tie.
 */
export function massBins(confidence: Float32Array, bins: number): (value: number) => number {
  const sorted = confidence.slice().sort();
  const size = Math.floor(sorted.length / bins);
  const larger = sorted.length % bins;
  // The largest value of each bin; an equal value in the next chunk belongs to this bin.
  const tops = Float32Array.from(
    { length: bins },
    (_, b) => sorted[(b + 1) * size + Math.min(b + 1, larger) - 1]!,
  );
  return (value) => firstAtLeast(value, tops);
}
