/** What programs and screens do to images. */
import { boxResized } from "./_box_resize.ts";
import { changedHsv } from "./_hsv.ts";
import { throughJpeg } from "./_jpeg.ts";
import { AREA, CHANNELS, constantOf, type Corruption, SIDE } from "./corruption.ts";

/** Less contrast: each channel is drawn towards its mean. */
export const contrast: Corruption = (image, severity) => {
  const kept = constantOf(severity, [0.75, 0.5, 0.4, 0.3, 0.15]);
  const means = new Float64Array(CHANNELS);
  image.forEach((value, at) => means[at % CHANNELS]! += value / AREA);
  return image.map((value, at) => {
    const mean = means[at % CHANNELS]!;
    return (value - mean) * kept + mean;
  });
};

/** Paler colours at severities 1 and 2, stronger ones at 3 to 5: the saturation of HSV. */
export const saturate: Corruption = (image, severity) => {
  const [factor, added] = constantOf(severity, [[0.3, 0], [0.1, 0], [1.5, 0], [2, 0.1], [
    2.5,
    0.2,
  ]]);
  return changedHsv(image, (hsv) => ({
    ...hsv,
    saturation: Math.min(1, Math.max(0, hsv.saturation * factor + added)),
  }));
};

/** Smaller, and back to its size. */
export const pixelate: Corruption = (image, severity) => {
  const small = Math.floor(SIDE * constantOf(severity, [0.95, 0.9, 0.85, 0.75, 0.65]));
  return boxResized(boxResized(image, SIDE, small), small, SIDE);
};

/** Saved as a JPEG file and read again. */
export const jpegCompression: Corruption = (image, severity) =>
  throughJpeg(image, constantOf(severity, [80, 65, 58, 50, 40]));
