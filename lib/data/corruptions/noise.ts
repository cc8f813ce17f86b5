/** Noise of a camera's sensor and of broken pixels. */
import { constantOf, type Corruption } from "./corruption.ts";

/** Normal noise, e.g. of a sensor in the dark. */
export const gaussianNoise: Corruption = (image, severity, draws) => {
  const deviation = constantOf(severity, [0.04, 0.06, 0.08, 0.09, 0.1]);
  return image.map((value) => value + deviation * draws.normal());
};

/** Photons that a white pixel receives. */
const PHOTONS = [500, 250, 100, 75, 50] as const;

/** P(N <= k), N of the Poisson distribution, for k from 0 until it is 1 in double precision. */
function poissonBelow(mean: number): Float64Array {
  const below: number[] = [];
  let logarithm = -mean;
  for (let k = 0, sum = 0; k <= mean || sum < 1 - 1e-15; k++) {
    if (k > 0) logarithm += Math.log(mean / k);
    const term = mean === 0 ? Number(k === 0) : Math.exp(logarithm);
    if (k > mean && term < 1e-18) break;
    below.push(sum += term);
  }
  return Float64Array.from(below);
}

/** The distributions of the 256 bytes, by the photons of a white pixel. */
const poissonTables = new Map<number, Float64Array[]>();

function poissonTable(photons: number): Float64Array[] {
  let table = poissonTables.get(photons);
  if (table === undefined) {
    table = Array.from({ length: 256 }, (_, byte) => poissonBelow(photons * byte / 255));
    poissonTables.set(photons, table);
  }
  return table;
}

/** The first k with uniform < P(N <= k). */
function inverted(below: Float64Array, uniform: number): number {
  let [low, high] = [0, below.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (uniform < below[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Poisson noise of counting photons. */
export const shotNoise: Corruption = (image, severity, draws) => {
  const photons = constantOf(severity, PHOTONS);
  const table = poissonTable(photons);
  return image.map((value) => inverted(table[Math.round(255 * value)]!, draws.uniform()) / photons);
};

/** Broken values, half of them black and half of them white. */
export const impulseNoise: Corruption = (image, severity, draws) => {
  const share = constantOf(severity, [0.01, 0.02, 0.03, 0.05, 0.07]);
  return image.map((value) => {
    if (draws.uniform() >= share) return value;
    return draws.uniform() < 0.5 ? 1 : 0;
  });
};

/** Normal noise in proportion to the value. */
export const speckleNoise: Corruption = (image, severity, draws) => {
  const deviation = constantOf(severity, [0.06, 0.1, 0.12, 0.16, 0.2]);
  return image.map((value) => value + value * deviation * draws.normal());
};
