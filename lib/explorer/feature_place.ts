/** Where new features lie on a map of stored ones. */
import type { FeatureMap } from "./explorer_data.ts";
import { fromBase64 } from "./_base64.ts";

/** Neighbours whose places are averaged. */
const NEIGHBOURS = 5;
const STEPS = 255;
const FAR_SHARE = 0.99;

/** Stored features, ready for comparison. */
export interface Neighbourhood {
  readonly places: readonly number[];
  /** n x d. */
  readonly features: Float32Array;
  readonly width: number;
  readonly farAway: number;
}

/** A place on the map, in its unit square. */
export interface Place {
  readonly x: number;
  readonly y: number;
  /** Farther from all stored features than 99 % of these are from each other. */
  readonly isFarAway: boolean;
  /** Stored images that are nearest, the nearest first. */
  readonly neighbours: readonly number[];
}

/** Distances to the nearest of the stored features, rising; `skip` leaves one out. */
function nearest({ features, width }: Neighbourhood, to: ArrayLike<number>, skip = -1) {
  const distances: { readonly row: number; readonly distance: number }[] = [];
  for (let row = 0; row < features.length / width; row++) {
    if (row === skip) continue;
    let sum = 0;
    for (let k = 0; k < width; k++) sum += (features[row * width + k]! - to[k]!) ** 2;
    distances.push({ row, distance: Math.sqrt(sum) });
  }
  return distances.sort((a, b) => a.distance - b.distance).slice(0, NEIGHBOURS);
}

const meanDistance = (near: ReturnType<typeof nearest>) =>
  near.reduce((sum, { distance }) => sum + distance, 0) / near.length;

/** Unpacks the stored features of a map. */
export function neighbourhood({ places, features, scales, farAway }: FeatureMap): Neighbourhood {
  const width = scales.length;
  const values = Float32Array.from(fromBase64(features), (step, k) => step * scales[k % width]!);
  return { places, features: values, width, farAway };
}

/**
 * The place of new features: the mean of the places of the five nearest stored ones.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const features = new Float32Array([0, 1, 2, 3, 4, 90]);
 * const places = [0, 0, 0, 0.1, 0, 0.2, 0, 0.3, 0, 0.4, 1, 1];
 * const near = { places, features, width: 1, farAway: 3 };
 * assertEquals(placeOn(near, [2]), { x: 0, y: 0.2, isFarAway: false, neighbours: [2, 1, 3, 0, 4] });
 * assertEquals(placeOn(near, [60]).isFarAway, true);
 * ```
 */
export function placeOn(near: Neighbourhood, features: ArrayLike<number>): Place {
  const found = nearest(near, features);
  const mean = (axis: number) =>
    found.reduce((sum, { row }) => sum + near.places[2 * row + axis]!, 0) / found.length;
  return {
    x: mean(0),
    y: mean(1),
    isFarAway: meanDistance(found) > near.farAway,
    neighbours: found.map(({ row }) => row),
  };
}

/**
 * Stores features with 8 bits each, which are never negative after a ReLU and an average.
 *
 * @param features n x `width`, >= 0.
 * @param places n x 2 on any scale; stored in the unit square, with y upwards.
 */
export function storeMap(
  { features, width, places, labels, method }: {
    readonly features: Float32Array;
    readonly width: number;
    readonly places: Float32Array;
    readonly labels: readonly number[];
    readonly method: string;
  },
): FeatureMap {
  const scales = Array.from({ length: width }, (_, k) => {
    let largest = 0;
    for (let at = k; at < features.length; at += width) largest = Math.max(largest, features[at]!);
    return Number((largest / STEPS).toPrecision(6));
  });
  const steps = Uint8Array.from(features, (value, k) => {
    const scale = scales[k % width]!;
    return scale === 0 ? 0 : Math.min(STEPS, Math.round(value / scale));
  });
  const stored = {
    places: unitSquare(places),
    labels,
    features: steps.toBase64(),
    scales,
    method,
    farAway: 0,
  };
  const near = neighbourhood(stored);
  const distances = labels.map((_, row) =>
    meanDistance(nearest(near, near.features.subarray(row * width, (row + 1) * width), row))
  ).sort((a, b) => a - b);
  return { ...stored, farAway: distances[Math.ceil(FAR_SHARE * distances.length) - 1]! };
}

/** Both axes to [0, 1], to three digits. */
function unitSquare(places: Float32Array): number[] {
  const range = (axis: number) => {
    const values = places.filter((_, k) => k % 2 === axis);
    const low = values.reduce((least, value) => Math.min(least, value), Infinity);
    const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
    return { low, size: high > low ? high - low : 1 };
  };
  const axes = [range(0), range(1)] as const;
  return Array.from(places, (value, k) => {
    const { low, size } = axes[k % 2 as 0 | 1];
    return Number(((value - low) / size).toFixed(3));
  });
}
