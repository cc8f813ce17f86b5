/** What every residual network of the lab can be told, and the checks of it. */
import type { OptionNames } from "../arguments/known_options.ts";
import { requireInteger, requireList, requireNumber } from "../arguments/require.ts";
import type { Classifier } from "./classifier.ts";

/** Options that all networks of the lab share. */
export interface NetworkOptions {
  /** Number of classes. Default 10. */
  readonly classes?: number;
  /** Channels of the images, e.g. 1 for grey ones. Default 3. */
  readonly channels?: number;
  /**
   * Height and width of the images in pixels, >= 1, one number for both or [height, width].
   * Default 32.
   */
  readonly imageSize?: number | readonly [height: number, width: number];
  /** Probability of dropping a feature before the last layer, in training. Default 0. */
  readonly dropout?: number;
  /** Mean of each channel, which the model subtracts from pixels in [0, 1]. Default 0. */
  readonly mean?: readonly number[];
  /** Standard deviation of each channel, which it divides by. Default 1. */
  readonly std?: readonly number[];
  /** Seed of the initial weights. Default 0. */
  readonly seed?: number;
}

/** The names of {@linkcode NetworkOptions}. */
export const networkOptionNames: OptionNames<NetworkOptions> = {
  classes: true,
  channels: true,
  imageSize: true,
  dropout: true,
  mean: true,
  std: true,
  seed: true,
};

/** A network of the lab and the options it was made with. */
export interface Network<Options extends NetworkOptions = NetworkOptions> extends Classifier {
  /** Its name in checkpoints and on the command line, e.g. "resnet34". */
  readonly architecture: string;
  /** All options, with the defaults where none was given. */
  readonly options: Required<Options>;
}

/** Height and width. */
export function sidesOf(
  imageSize: number | readonly [height: number, width: number],
): readonly [height: number, width: number] {
  return typeof imageSize === "number" ? [imageSize, imageSize] : imageSize;
}

/** Checks the size; equal sides become one number, so that both ways to say them are the same. */
function validatedSize(imageSize: Required<NetworkOptions>["imageSize"]): typeof imageSize {
  if (typeof imageSize !== "number") {
    requireList("imageSize", imageSize);
    if (imageSize.length !== 2) {
      throw new RangeError(
        `Expected imageSize to be a number or [height, width] but found [${imageSize}]`,
      );
    }
  }
  for (const side of sidesOf(imageSize)) requireInteger("imageSize", side, { min: 1 });
  const [height, width] = sidesOf(imageSize);
  return height === width ? height : [height, width];
}

/** Requires one number for each channel. */
export function requireStatistics(
  mean: readonly number[],
  std: readonly number[],
  channels: number,
): void {
  for (const [name, values] of [["mean", mean], ["std", std]] as const) {
    requireList(name, values);
    if (values.length !== channels) {
      throw new RangeError(
        `Expected ${name} to have ${channels} values, one for each channel, but found ` +
          `${values.length}`,
      );
    }
  }
  mean.forEach((value, k) => requireNumber(`mean[${k}]`, value));
  std.forEach((value, k) => requireNumber(`std[${k}]`, value, { min: 0, exclusiveMin: true }));
}

/**
 * Fills in the defaults and checks what all networks share.
 *
 * @param options What the caller gave; what the network has besides is checked by it.
 * @param own The defaults of the options that the network has besides.
 * @throws {RangeError} If an option is out of bounds.
 */
export function networkSettings<Options extends NetworkOptions>(
  options: Options,
  own: Required<Omit<Options, keyof NetworkOptions>>,
): Required<Options> {
  const { channels = 3 } = options;
  requireInteger("channels", channels, { min: 1 });
  const given = {
    classes: 10,
    channels,
    imageSize: 32,
    ...own,
    dropout: 0,
    mean: Array<number>(channels).fill(0),
    std: Array<number>(channels).fill(1),
    seed: 0,
    // A default also stands where an option is given as undefined.
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  } as unknown as Required<NetworkOptions>;
  const settings = { ...given, imageSize: validatedSize(given.imageSize) };
  requireInteger("classes", settings.classes, { min: 2 });
  requireNumber("dropout", settings.dropout, { min: 0, max: 1, exclusiveMax: true });
  requireInteger("seed", settings.seed);
  requireStatistics(settings.mean, settings.std, channels);
  return settings as unknown as Required<Options>;
}
