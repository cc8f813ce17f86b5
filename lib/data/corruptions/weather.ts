/** Snow, fog and light. Frost is left out: CIFAR-10-C pastes photographs of frost. */
import { clippedZoom } from "./_clipped_zoom.ts";
import { grey } from "./_grey.ts";
import { changedHsv } from "./_hsv.ts";
import { motionBlur } from "./_motion_blur.ts";
import { plasma } from "./_plasma.ts";
import {
  AREA,
  CHANNELS,
  constantOf,
  type Corruption,
  layerOf,
  truncatedByte,
} from "./corruption.ts";

const SNOW = [
  { mean: 0.1, deviation: 0.2, zoom: 1, threshold: 0.6, radius: 8, sigma: 3, kept: 0.95 },
  { mean: 0.1, deviation: 0.2, zoom: 1, threshold: 0.5, radius: 10, sigma: 4, kept: 0.9 },
  { mean: 0.15, deviation: 0.3, zoom: 1.75, threshold: 0.55, radius: 10, sigma: 4, kept: 0.9 },
  { mean: 0.25, deviation: 0.3, zoom: 2.25, threshold: 0.6, radius: 12, sigma: 6, kept: 0.85 },
  { mean: 0.3, deviation: 0.3, zoom: 1.25, threshold: 0.65, radius: 14, sigma: 12, kept: 0.8 },
] as const;

/** Falling flakes, smeared downwards, over a whitened image. */
export const snow: Corruption = (image, severity, draws) => {
  const { mean, deviation, zoom, threshold, radius, sigma, kept } = constantOf(severity, SNOW);
  const flakes = clippedZoom(layerOf(() => mean + deviation * draws.normal()), zoom)
    .map((value) => value < threshold ? 0 : truncatedByte(value) / 255);
  const fallen = motionBlur(flakes, { radius, sigma, degrees: -135 + 90 * draws.uniform() });
  const whiteness = grey(image);
  return image.map((value, at) => {
    const pixel = Math.floor(at / CHANNELS);
    const whitened = Math.max(value, 1.5 * whiteness[pixel]! + 0.5);
    // The layer falls once more, turned by half a turn.
    return kept * value + (1 - kept) * whitened + fallen[pixel]! + fallen[AREA - 1 - pixel]!;
  });
};

/** A cloudy layer, and less contrast the denser it is. */
export const fog: Corruption = (image, severity, draws) => {
  const { density, decay } = constantOf(severity, [
    { density: 0.2, decay: 3 },
    { density: 0.5, decay: 3 },
    { density: 0.75, decay: 2.5 },
    { density: 1, decay: 2 },
    { density: 1.5, decay: 1.75 },
  ]);
  const brightest = Math.max(...image);
  const clouds = plasma(decay, draws);
  return image.map((value, at) =>
    (value + density * clouds[Math.floor(at / CHANNELS)]!) * brightest / (brightest + density)
  );
};

/** More daylight: the value of HSV is raised. */
export const brightness: Corruption = (image, severity) => {
  const added = constantOf(severity, [0.05, 0.1, 0.15, 0.2, 0.3]);
  return changedHsv(image, (hsv) => ({ ...hsv, value: Math.min(1, hsv.value + added) }));
};
