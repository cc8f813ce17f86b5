import { requireInteger } from "../arguments/require.ts";

/** Sums over the samples of one bin. */
export interface BinSums {
  readonly count: Float64Array;
  readonly confidence: Float64Array;
  readonly hits: Float64Array;
}

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

/** Sums per equal-width bin. */
export function widthBinSums(
  confidence: Float32Array,
  correct: Uint8Array,
  bins: number,
): BinSums {
  const sums = emptySums(bins);
  for (let i = 0; i < confidence.length; i++) {
    add(sums, widthBin(confidence[i]!, bins), confidence[i]!, correct[i]!);
  }
  return sums;
}

/**
 * Sums per equal-mass bin: the samples sorted by rising confidence, cut into `bins` chunks of which
 * the first N mod bins hold one more. The sort is stable: equal confidences keep their input order.
 */
export function massBinSums(confidence: Float32Array, correct: Uint8Array, bins: number): BinSums {
  const n = confidence.length;
  const order = new Uint32Array(n).map((_, i) => i);
  order.sort((a, b) => confidence[a]! - confidence[b]! || a - b);
  const sums = emptySums(bins);
  const larger = n % bins;
  const size = Math.floor(n / bins);
  for (let position = 0; position < n; position++) {
    const bin = position < larger * (size + 1)
      ? Math.floor(position / (size + 1))
      : larger + Math.floor((position - larger * (size + 1)) / size);
    add(sums, bin, confidence[order[position]!]!, correct[order[position]!]!);
  }
  return sums;
}

function emptySums(bins: number): BinSums {
  return {
    count: new Float64Array(bins),
    confidence: new Float64Array(bins),
    hits: new Float64Array(bins),
  };
}

function add(sums: BinSums, bin: number, confidence: number, hit: number): void {
  sums.count[bin]! += 1;
  sums.confidence[bin]! += confidence;
  sums.hits[bin]! += hit;
}
