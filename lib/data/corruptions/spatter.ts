/** Drops of rain or mud on the lens. */
import { cannyEdges } from "./_canny.ts";
import { BOX, convolve, type Kernel } from "./_convolve.ts";
import { distanceToMarks } from "./_distance.ts";
import { equalized } from "./_equalize.ts";
import { gaussianBlur } from "./_gaussian_blur.ts";
import { CHANNELS, constantOf, type Corruption, layerOf } from "./corruption.ts";

const DROPS = [
  { mean: 0.62, deviation: 0.1, sigma: 0.7, threshold: 0.7, strength: 0.5, isMud: false },
  { mean: 0.65, deviation: 0.1, sigma: 0.8, threshold: 0.7, strength: 0.5, isMud: false },
  { mean: 0.65, deviation: 0.3, sigma: 1, threshold: 0.69, strength: 0.5, isMud: false },
  { mean: 0.65, deviation: 0.1, sigma: 0.7, threshold: 0.69, strength: 0.6, isMud: true },
  { mean: 0.65, deviation: 0.1, sigma: 0.5, threshold: 0.68, strength: 0.6, isMud: true },
] as const;

/** Red, green and blue of pale turquoise. */
const WATER = [175 / 255, 238 / 255, 238 / 255] as const;
/** Red, green and blue of mud. */
const MUD = [63 / 255, 42 / 255, 20 / 255] as const;
/** Mud is opaque from here on and absent below. */
const LEAST_MUD = 0.8;
/** Distances to a drop's edge count up to here. */
const FARTHEST = 20;
/** Light from one side; the sum is 1. */
const RELIEF: Kernel = [-2, -1, 0, -1, 1, 1, 0, 1, 2];

function toBytes(values: Float64Array): Float64Array {
  return values.map((value) => Math.min(255, Math.max(0, Math.round(value))));
}

/** How much of the water's colour is added to each pixel: drops with light edges, from 0 to 1. */
function waterLayer(liquid: Float64Array): Float64Array {
  // Cut off to a byte, which begins again at 0 beyond 255, as NumPy's uint8.
  const bytes = liquid.map((value) => Math.floor(255 * value) & 255);
  const distances = distanceToMarks(cannyEdges(bytes, 50, 150));
  const near = convolve(distances.map((distance) => Math.min(FARTHEST, distance)), BOX);
  // The slack lets a mean of whole numbers stay whole.
  const levels = equalized(near.map((value) => Math.floor(value + 1e-9)));
  const shaded = toBytes(convolve(toBytes(convolve(levels, RELIEF)), BOX));
  const drops = bytes.map((byte, at) => byte * shaded[at]!);
  const highest = Math.max(...drops);
  return highest === 0 ? drops : drops.map((value) => value / highest);
}

/** How opaque the mud is at each pixel, from 0 to 1. */
function mudLayer(liquid: Float64Array, strength: number): Float64Array {
  return gaussianBlur(liquid.map((value) => value > 0 ? 1 : 0), strength)
    .map((value) => value < LEAST_MUD ? 0 : value);
}

/** Drops of water, which lighten, at severities 1 to 3; of mud, which covers, at 4 and 5. */
export const spatter: Corruption = (image, severity, draws) => {
  const { mean, deviation, sigma, threshold, strength, isMud } = constantOf(severity, DROPS);
  const liquid = gaussianBlur(layerOf(() => mean + deviation * draws.normal()), sigma)
    .map((value) => value < threshold ? 0 : value);
  const layer = isMud ? mudLayer(liquid, strength) : waterLayer(liquid);
  return image.map((value, at) => {
    const amount = layer[Math.floor(at / CHANNELS)]!;
    const channel = at % CHANNELS;
    if (isMud) return value * (1 - amount) + MUD[channel]! * amount;
    return value + strength * amount * WATER[channel]!;
  });
};
