import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireOneOf, requireParts } from "../arguments/require.ts";
import { generator } from "../random/generator.ts";
import { throwIfInterrupted } from "../terminal/interrupt.ts";
import { defocusBlur, gaussianBlur, glassBlur, motionBlur, zoomBlur } from "./corruptions/blur.ts";
import { type Corruption, type Severity, truncatedByte } from "./corruptions/corruption.ts";
import { contrast, jpegCompression, pixelate, saturate } from "./corruptions/digital.ts";
import { elasticTransform } from "./corruptions/elastic.ts";
import { gaussianNoise, impulseNoise, shotNoise, speckleNoise } from "./corruptions/noise.ts";
import { spatter } from "./corruptions/spatter.ts";
import { brightness, fog, snow } from "./corruptions/weather.ts";
import { type Dataset, establishedDataset, requireDataset } from "./dataset.ts";
import { shapeText } from "../format/shape_text.ts";
import { IMAGE_BYTES, LAB_SHAPE } from "./definition.ts";

const corruptions = {
  gaussian_noise: gaussianNoise,
  shot_noise: shotNoise,
  impulse_noise: impulseNoise,
  speckle_noise: speckleNoise,
  gaussian_blur: gaussianBlur,
  defocus_blur: defocusBlur,
  glass_blur: glassBlur,
  motion_blur: motionBlur,
  zoom_blur: zoomBlur,
  snow,
  fog,
  brightness,
  contrast,
  saturate,
  spatter,
  elastic_transform: elasticTransform,
  pixelate,
  jpeg_compression: jpegCompression,
} as const satisfies Readonly<Record<string, Corruption>>;

/** @internal */
type Corruptions = typeof corruptions;
/** A kind of corruption, under its name in CIFAR-10-C. */
export type CorruptionName = keyof Corruptions;

/** All kinds, in the order of their families: noise, blur, weather, digital. */
export const corruptionNames = Object.keys(corruptions) as CorruptionName[];

/** Options of {@linkcode corrupt}. */
export interface CorruptOptions {
  /** One of `corruptionNames`. */
  readonly kind: CorruptionName;
  /** From 1, mild, to 5, strong. */
  readonly severity: Severity;
  /** Default 0. */
  readonly seed?: number | undefined;
}

const optionNames: OptionNames<CorruptOptions> = { kind: true, severity: true, seed: true };

/** Numbers that keep the draws of one kind apart from those of the others. */
function streamOf(kind: string): number[] {
  return Array.from(kind, (letter) => letter.charCodeAt(0));
}

/**
 * Corrupts every image of a dataset as CIFAR-10-C does (Hendrycks and Dietterich 2019; the constants of
 * make_cifar_c.py in github.com/hendrycks/robustness): 18 kinds of noise, blur, weather and digital
 * change in five severities. Frost is left out: it needs photographs that are not part of the lab.
 * The draws of random kinds differ from those of the published files, their distributions do not.
 *
 * @param data Images of 32 x 32 x 3, for which the constants are made; left unchanged.
 * @returns A dataset of the same labels named after data, kind and severity, e.g.
 * "cifar10-fog-3". Its source is "procedural" for stand-ins and "custom" for all others. An image
 * depends on the seed, its place in the dataset, kind and severity alone; all severities of a kind
 * share their draws.
 * @throws {TypeError} If data is no dataset, or kind or severity is missing.
 * @throws {RangeError} If images have another shape, or an option is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { createDataset } from "./dataset.ts";
 * const grey = createDataset({
 *   name: "grey",
 *   images: new Uint8Array(3072).fill(51),
 *   labels: [0],
 *   classNames: ["grey"],
 * });
 * const bright = corrupt(grey, { kind: "brightness", severity: 2 });
 * assertEquals(bright.images[0], 76); // 51 / 255 + 0.1, cut off to a byte
 * assertEquals(bright.describe(), "grey-brightness-2 test, 1 image, custom");
 * ```
 */
export function corrupt(data: Dataset, options: CorruptOptions): Dataset {
  const shape = requireDataset("data", data);
  if (shapeText(shape) !== shapeText(LAB_SHAPE)) {
    throw new RangeError(
      `Expected the images of data to be ${shapeText(LAB_SHAPE)}, for which the corruptions' ` +
        `constants are made, but found ${shapeText(shape)}; resize them first`,
    );
  }
  requireKnownOptions("corrupt", options, optionNames);
  requireParts("options", options, "an object with kind and severity", ["kind", "severity"]);
  const { kind, severity, seed = 0 } = options;
  requireOneOf("kind", kind, corruptionNames);
  requireInteger("severity", severity, { min: 1, max: 5 });
  requireInteger("seed", seed);
  const stream = streamOf(kind);
  const images = new Uint8Array(data.images.length);
  for (let image = 0; image < data.length; image++) {
    throwIfInterrupted();
    const start = image * IMAGE_BYTES;
    const bytes = data.images.subarray(start, start + IMAGE_BYTES);
    const pixels = Float64Array.from(bytes, (byte) => byte / 255);
    const draws = generator(seed, image, ...stream);
    corruptions[kind](pixels, severity, draws).forEach((value, at) => {
      images[start + at] = truncatedByte(value);
    });
  }
  return establishedDataset({
    name: `${data.name}-${kind}-${severity}`,
    split: data.split,
    source: data.source === "procedural" ? "procedural" : "custom",
    images,
    labels: data.labels,
    classNames: data.classNames,
  });
}
