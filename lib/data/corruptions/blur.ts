/** Blurs of a lens, of frosted glass and of movement. */
import { convolve, type Kernel } from "./_convolve.ts";
import { clippedZoom } from "./_clipped_zoom.ts";
import { gaussianBlur as blurred } from "./_gaussian_blur.ts";
import { motionBlur as smeared } from "./_motion_blur.ts";
import { CHANNELS, constantOf, type Corruption, SIDE, truncatedByte } from "./corruption.ts";

/** A Gaussian blur. */
export const gaussianBlur: Corruption = (image, severity) =>
  blurred(image, constantOf(severity, [0.4, 0.6, 0.7, 0.8, 1]));

/** A disk of ones of sum 1, blurred by a Gaussian of 3 x 3 pixels; 7 x 7 hold radii up to 2. */
function diskKernel(radius: number, sigma: number): Kernel {
  const side = 7;
  const offsets = Array.from(
    { length: side * side },
    (_, k) => [k % side - 3, (k - k % side) / side - 3] as const,
  );
  const isInside = (x: number, y: number) => x * x + y * y <= radius * radius;
  const count = offsets.filter(([x, y]) => isInside(x, y)).length;
  const beside = Math.exp(-1 / (2 * sigma * sigma));
  const weights = [-1, 0, 1].map((k) => (k === 0 ? 1 : beside) / (1 + 2 * beside));
  return offsets.map(([x, y]) => {
    let sum = 0;
    weights.forEach((across, i) =>
      weights.forEach((down, j) => {
        if (isInside(x + i - 1, y + j - 1)) sum += across * down / count;
      })
    );
    return sum;
  });
}

/** A lens out of focus: every point becomes a disk. */
export const defocusBlur: Corruption = (image, severity) => {
  const [radius, sigma] = constantOf(severity, [
    [0.3, 0.4],
    [0.4, 0.5],
    [0.5, 0.6],
    [1, 0.2],
    [1.5, 0.1],
  ]);
  return convolve(image, diskKernel(radius, sigma));
};

/** How far frosted glass moves a pixel: by 1 at most, at every severity. */
const GLASS_REACH = 1;

/**
 * Frosted glass: pixels change place with a neighbour between two blurs. In CIFAR-10-C's program NumPy's
 * views turn the exchange into a copy of the neighbour, and so it is here.
 */
export const glassBlur: Corruption = (image, severity, draws) => {
  const { sigma, rounds } = constantOf(severity, [
    { sigma: 0.05, rounds: 1 },
    { sigma: 0.25, rounds: 1 },
    { sigma: 0.4, rounds: 1 },
    { sigma: 0.25, rounds: 2 },
    { sigma: 0.4, rounds: 2 },
  ]);
  const moved = blurred(image, sigma).map((value) => truncatedByte(value) / 255);
  for (let round = 0; round < rounds; round++) {
    for (let row = SIDE - GLASS_REACH; row > GLASS_REACH; row--) {
      for (let column = SIDE - GLASS_REACH; column > GLASS_REACH; column--) {
        // From -reach to reach - 1: to the left and up alone.
        const right = draws.integer(2 * GLASS_REACH) - GLASS_REACH;
        const down = draws.integer(2 * GLASS_REACH) - GLASS_REACH;
        const from = ((row + down) * SIDE + column + right) * CHANNELS;
        moved.copyWithin((row * SIDE + column) * CHANNELS, from, from + CHANNELS);
      }
    }
  }
  return blurred(moved, sigma);
};

/** A camera that moves to the side. */
export const motionBlur: Corruption = (image, severity, draws) => {
  const [radius, sigma] = constantOf(severity, [[6, 1], [6, 1.5], [6, 2], [8, 2], [9, 2.5]]);
  const degrees = 90 * draws.uniform() - 45;
  return smeared(image, { radius: radius, sigma: sigma, degrees });
};

/** A camera that moves towards its object: the mean of the image and of enlarged ones. */
export const zoomBlur: Corruption = (image, severity) => {
  const end = constantOf(severity, [1.06, 1.11, 1.16, 1.21, 1.26]);
  // NumPy's arange(1, end, 0.01): its rounding lets some ends in and decides the enlarged size.
  const count = Math.ceil((end - 1) / 0.01);
  const step = 1.01 - 1;
  const sum = image.slice();
  for (let k = 0; k < count; k++) {
    const zoomed = k === 0 ? image : clippedZoom(image, 1 + step * k);
    zoomed.forEach((value, at) => sum[at]! += value);
  }
  return sum.map((value) => value / (count + 1));
};
