import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { throwIfInterrupted } from "../terminal/interrupt.ts";
import { PCA } from "ml-pca";
import { UMAP } from "umap-js";
import { requireInteger, requireOneOf } from "../arguments/require.ts";
import { nearestNeighbours } from "../metrics/representation/nearest_neighbours.ts";
import { generator } from "../random/generator.ts";
import { requireFinite, requireLength } from "./_require.ts";
import { percent } from "../format/percent.ts";

/** Options of {@linkcode embedFeatures}. */
export interface EmbedOptions {
  /** Seed of UMAP's draws. Default 0. */
  readonly seed?: number;
  /** Default "umap", and "pca" for fewer than 50 points. */
  readonly method?: "umap" | "pca";
}

/** The names of {@linkcode EmbedOptions}. */
export const embedOptionNames = {
  seed: true,
  method: true,
} as const satisfies OptionNames<EmbedOptions>;

/** Points in the plane, and how they were made. */
export interface Embedding {
  /** n x 2, row-major, no unit. */
  readonly coordinates: Float32Array;
  /** Names the method on the chart, e.g. "UMAP, 15 neighbours, seed 0 (after PCA from 512 to 50 dimensions)". */
  readonly method: string;
  /** The principal components between the features and a UMAP of wide features. */
  readonly basis?: FeatureBasis;
}

/** Principal components, and features in them; a new feature f lies at components (f - mean). */
export interface FeatureBasis {
  /** d means of the features. */
  readonly mean: Float32Array;
  /** k x d loadings, row-major. */
  readonly components: Float32Array;
  /** n x k features in these components, row-major. */
  readonly projected: Float32Array;
}

/** Fewer points than this have no neighbourhoods worth a UMAP. */
const FEWEST_FOR_UMAP = 50;
const NEIGHBOURS = 15;
/** UMAP hangs or fails with fewer points. */
const FEWEST_NEIGHBOURS = 4;
/** UMAP's own advice for wide data: PCA first. It removes noise and most of the time. */
const PCA_DIMENSIONS = 50;

interface Projection {
  readonly rows: number[][];
  readonly means: Float64Array;
  readonly loadings: readonly Float64Array[];
  /** Share of the variance each component explains. */
  readonly explained: readonly number[];
}

function rowsOf(features: ArrayLike<number>, n: number, d: number): number[][] {
  return Array.from(
    { length: n },
    (_, row) => Array.from({ length: d }, (_, column) => features[row * d + column]!),
  );
}

// An eigenvector's sign is arbitrary: its largest entry is made positive, so that a map is not
// mirrored from one machine to the next.
function withPositiveLargest(loading: readonly number[]): Float64Array {
  const largest = loading.reduce((best, one) => Math.abs(one) > Math.abs(best) ? one : best, 0);
  return Float64Array.from(loading, (one) => largest < 0 ? -one : one);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

function meansOf(rows: readonly (readonly number[])[]): Float64Array {
  const means = new Float64Array(rows[0]!.length);
  for (const row of rows) row.forEach((value, column) => means[column]! += value / rows.length);
  return means;
}

// ml-pca's own product takes several seconds for 2,000 x 512; this loop a fraction of one.
function covariance(rows: readonly Float64Array[]): number[][] {
  const d = rows[0]!.length;
  const sums = Array.from({ length: d }, () => new Float64Array(d));
  for (const row of rows) {
    throwIfInterrupted();
    for (let i = 0; i < d; i++) {
      const value = row[i]!;
      if (value === 0) continue;
      const target = sums[i]!;
      for (let j = 0; j <= i; j++) target[j]! += value * row[j]!;
    }
  }
  const scale = 1 / Math.max(1, rows.length - 1);
  return sums.map((_, i) =>
    Array.from({ length: d }, (_, j) => scale * (j <= i ? sums[i]![j]! : sums[j]![i]!))
  );
}

function project(rows: number[][], components: number): Projection {
  const means = meansOf(rows);
  const points = rows.map((row) =>
    Float64Array.from(row, (value, column) => value - means[column]!)
  );
  const wide = rows[0]!.length > rows.length;
  const pca = wide
    ? new PCA(rows, { method: "SVD" })
    : new PCA(covariance(points), { isCovarianceMatrix: true });
  const available = Math.min(components, pca.getEigenvalues().length);
  const loadings = pca.getLoadings().to2DArray().slice(0, available);
  const signed = loadings.map((loading) => withPositiveLargest(loading));
  return {
    rows: points.map((point) => signed.map((loading) => dot(point, loading))),
    means,
    loadings: signed,
    explained: pca.getExplainedVariance().slice(0, available),
  };
}

function basisOf({ rows, means, loadings }: Projection): FeatureBasis {
  return {
    mean: Float32Array.from(means),
    components: Float32Array.from(loadings.flatMap((loading) => [...loading])),
    projected: Float32Array.from(rows.flat()),
  };
}

function embedByPca(rows: number[][]): Embedding {
  const varies = rows.some((row) => row.some((value, column) => value !== rows[0]![column]));
  // Equal points have no direction of variance; they share one place.
  const { rows: points, explained } = varies
    ? project(rows, 2)
    : { rows: rows.map(() => [0, 0]), explained: [0, 0] };
  const share = explained.map((one) => percent(one, 0)).join(" + ");
  return {
    coordinates: Float32Array.from(points.flatMap((point) => [point[0]!, point[1] ?? 0])),
    method: `PCA, ${share} of the variance`,
  };
}

/** Equal rows once, and for each row the place of its like among them. */
function distinctRows(rows: number[][]): { distinct: number[][]; places: number[] } {
  // Only rows of the same weighted sum can be equal: few are compared number by number.
  const bySum = new Map<number, number[]>();
  const distinct: number[][] = [];
  const places = rows.map((row) => {
    const sum = row.reduce((sum, value, column) => sum + (column + 1) * value, 0);
    const alike = bySum.get(sum) ?? [];
    const known = alike.find((place) => distinct[place]!.every((value, k) => value === row[k]));
    if (known !== undefined) return known;
    const place = distinct.push(row) - 1;
    bySum.set(sum, [...alike, place]);
    return place;
  });
  return { distinct, places };
}

/** Gives each row of a matrix of width k what its like among the distinct ones has. */
function spread(values: Float32Array, places: readonly number[], k: number): Float32Array {
  return Float32Array.from(
    { length: places.length * k },
    (_, at) => values[places[Math.floor(at / k)]! * k + at % k]!,
  );
}

/** UMAP would push equal points apart: it sees each of them once, and they share its place. */
function embedDistinct(rows: number[][], seed: number): Embedding {
  const { distinct, places } = distinctRows(rows);
  if (distinct.length === rows.length) return embedByUmap(rows, seed);
  if (distinct.length < FEWEST_NEIGHBOURS) {
    const { coordinates, method } = embedByPca(rows);
    const why = `UMAP needs ${FEWEST_NEIGHBOURS} distinct points, found ${distinct.length}`;
    return { coordinates, method: `${method} (${why})` };
  }
  const { coordinates, method, basis } = embedByUmap(distinct, seed);
  const k = basis === undefined ? 0 : basis.projected.length / distinct.length;
  return {
    coordinates: spread(coordinates, places, 2),
    method: `${method}; ${rows.length - distinct.length} points equal to others share their places`,
    ...(basis === undefined
      ? {}
      : { basis: { ...basis, projected: spread(basis.projected, places, k) } }),
  };
}

// umap-js searches neighbours by random trees, which takes longer than comparing all pairs and finds
// most of them only. As in umap-learn, each point is the first of its own neighbours.
function exactNeighbours(rows: readonly number[][], count: number) {
  const k = count - 1;
  const found = nearestNeighbours(rows.flat(), rows[0]!.length, { k, metric: "euclidean" });
  const perRow = (own: (row: number) => number, values: Int32Array | Float64Array) =>
    rows.map((_, row) => [own(row), ...values.subarray(row * k, (row + 1) * k)]);
  return {
    indices: perRow((row) => row, found.indices),
    distances: perRow(() => 0, found.distances),
  };
}

function embedByUmap(rows: number[][], seed: number): Embedding {
  const d = rows[0]!.length;
  const reduced = d > PCA_DIMENSIONS && rows.length > PCA_DIMENSIONS;
  const neighbours = Math.min(NEIGHBOURS, rows.length - 1);
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: neighbours,
    minDist: 0.1,
    random: generator(seed).uniform,
  });
  const projection = reduced ? project(rows, PCA_DIMENSIONS) : undefined;
  const inputs = projection?.rows ?? rows;
  const { indices, distances } = exactNeighbours(inputs, neighbours);
  umap.setPrecomputedKNN(indices, distances);
  // As umap.fit, with a look at interrupts between the epochs.
  const epochs = umap.initializeFit(inputs);
  for (let epoch = 0; epoch < epochs; epoch++) {
    throwIfInterrupted();
    umap.step();
  }
  const points = umap.getEmbedding();
  const before = reduced ? ` (after PCA from ${d} to ${PCA_DIMENSIONS} dimensions)` : "";
  return {
    coordinates: Float32Array.from(points.flat()),
    method: `UMAP, ${neighbours} neighbours, seed ${seed}${before}`,
    ...(projection === undefined ? {} : { basis: basisOf(projection) }),
  };
}

/**
 * Lays features out in the plane: UMAP (McInnes et al. 2018) with a seed, or PCA where there are
 * too few points for it. Wide features go through PCA to 50 dimensions before UMAP. Equal points share
 * one place.
 *
 * @param features n x d, row-major, finite.
 * @param n Points, at least 2.
 * @param d Dimensions, at least 1.
 * @returns n x 2 coordinates and the name of the method. The same input and seed give the same map.
 * @throws {RangeError} If a size does not fit, a feature is not finite, or UMAP is asked for fewer
 * than 4 points.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const { coordinates, method } = embedFeatures(new Float32Array([0, 0, 3, 4, 6, 8]), 3, 2);
 * assertEquals(coordinates.map((one) => Math.round(one) + 0), new Float32Array([-5, 0, 0, 0, 5, 0]));
 * assertEquals(method, "PCA, 100 % + 0 % of the variance");
 * ```
 */
export function embedFeatures(
  features: ArrayLike<number>,
  n: number,
  d: number,
  options: EmbedOptions = {},
): Embedding {
  requireKnownOptions("embedFeatures", options, embedOptionNames);
  const { seed = 0, method = n < FEWEST_FOR_UMAP ? "pca" : "umap" } = options;
  requireOneOf("method", method, ["umap", "pca"]);
  requireInteger("n", n, { min: method === "umap" ? FEWEST_NEIGHBOURS : 2 });
  requireInteger("d", d, { min: 1 });
  requireInteger("seed", seed);
  requireLength("features", features.length, n * d);
  requireFinite("features", features);
  const rows = rowsOf(features, n, d);
  const embedding = method === "pca" ? embedByPca(rows) : embedDistinct(rows, seed);
  requireFinite("the embedding", embedding.coordinates);
  return embedding;
}
