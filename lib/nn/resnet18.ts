/**
 * ResNet-18: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016,
 * table 1, by hand, with torchvision's parameter names.
 */
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { tf } from "../backend/tf.ts";
import { maxPool3x3Stride2 } from "../backend/max_pool.ts";
import { randomUniform } from "../backend/random.ts";
import { relu } from "../backend/relu.ts";
import {
  requireBoolean,
  requireInteger,
  requireList,
  requireNumber,
  requireOneOf,
} from "../arguments/require.ts";
import { basicBlock } from "./_basic_block.ts";
import {
  type Classifier,
  forwardOptionNames,
  type ForwardOptions,
  type ForwardResult,
} from "./classifier.ts";
import { convolutionLayer, type Mode } from "./_convolution_layer.ts";
import { dropped } from "./dropout.ts";
import { ParameterStore } from "./_parameter_store.ts";

/** The first layers: torchvision's 7x7/2 convolution and pooling, or a 3x3 convolution. */
export type Stem = "imagenet" | "cifar";

/** What {@linkcode resnet18} can be told. */
export interface ResNet18Options {
  /** Number of classes. Default 10. */
  readonly classes?: number;
  /** Channels of the images, e.g. 1 for grey ones. Default 3. */
  readonly channels?: number;
  /**
   * Height and width of the images in pixels, >= 1, one number for both or [height, width].
   * Default 32.
   */
  readonly imageSize?: number | readonly [height: number, width: number];
  /** `false`: no batch norm; every convolution has a bias instead. Default `true`. */
  readonly batchNorm?: boolean;
  /** Default "imagenet". */
  readonly stem?: Stem;
  /** Probability of dropping a feature before the last layer, in training. Default 0. */
  readonly dropout?: number;
  /** Mean of each channel, which the model subtracts from pixels in [0, 1]. Default 0. */
  readonly mean?: readonly number[];
  /** Standard deviation of each channel, which it divides by. Default 1. */
  readonly std?: readonly number[];
  /** Seed of the initial weights. Default 0. */
  readonly seed?: number;
}

const optionNames: OptionNames<ResNet18Options> = {
  classes: true,
  channels: true,
  imageSize: true,
  batchNorm: true,
  stem: true,
  dropout: true,
  mean: true,
  std: true,
  seed: true,
};

/** A ResNet-18 and the options it was made with. */
export interface ResNet18 extends Classifier {
  /** All options, with the defaults where none was given. */
  readonly options: Required<ResNet18Options>;
}

type Settings = ResNet18["options"];

const STAGES = [
  { name: "layer1", width: 64, stride: 1 },
  { name: "layer2", width: 128, stride: 2 },
  { name: "layer3", width: 256, stride: 2 },
  { name: "layer4", width: 512, stride: 2 },
] as const;
const BLOCKS_PER_STAGE = 2;
const FEATURES = 512;

/** Height and width. */
function sidesOf(imageSize: Settings["imageSize"]): readonly [height: number, width: number] {
  return typeof imageSize === "number" ? [imageSize, imageSize] : imageSize;
}

/** Checks the size; equal sides become one number, so that both ways to say them are the same. */
function validatedSize(imageSize: Settings["imageSize"]): Settings["imageSize"] {
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

function validated(options: ResNet18Options): Settings {
  const { channels = 3 } = options;
  requireInteger("channels", channels, { min: 1 });
  const given: Settings = {
    classes: 10,
    channels,
    imageSize: 32,
    batchNorm: true,
    stem: "imagenet",
    dropout: 0,
    mean: Array<number>(channels).fill(0),
    std: Array<number>(channels).fill(1),
    seed: 0,
    // A default also stands where an option is given as undefined.
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
  const settings = { ...given, imageSize: validatedSize(given.imageSize) };
  requireInteger("classes", settings.classes, { min: 2 });
  requireBoolean("batchNorm", settings.batchNorm);
  requireOneOf("stem", settings.stem, ["imagenet", "cifar"]);
  requireNumber("dropout", settings.dropout, { min: 0, max: 1, exclusiveMax: true });
  requireInteger("seed", settings.seed);
  for (const name of ["mean", "std"] as const) {
    requireList(name, settings[name]);
    if (settings[name].length !== channels) {
      throw new RangeError(
        `Expected ${name} to have ${channels} values, one for each channel, but found ` +
          `${settings[name].length}`,
      );
    }
  }
  settings.mean.forEach((value, k) => requireNumber(`mean[${k}]`, value));
  settings.std.forEach((value, k) =>
    requireNumber(`std[${k}]`, value, { min: 0, exclusiveMin: true })
  );
  return settings;
}

/** PyTorch's initial weights of a linear layer: uniform in +-1 / sqrt(inputs). */
function linearInitial(shape: [number, number] | [number], seed: number, key: number): tf.Tensor {
  const bound = 1 / Math.sqrt(FEATURES);
  return tf.tidy(() => tf.sub(tf.mul(randomUniform(shape, seed, key), 2 * bound), bound));
}

/** Batch norm needs two values a channel, and the last maps of small images are 1 x 1. */
function smallestTrainingBatch({ batchNorm, stem, imageSize }: Settings): number {
  const strides = stem === "imagenet" ? 32 : 8;
  const isOnePixel = sidesOf(imageSize).every((side) => side <= strides);
  return batchNorm && isOnePixel ? 2 : 1;
}

function requireImages(x: tf.Tensor4D, shape: Classifier["inputShape"]): void {
  if (x.rank === 4 && shape.every((side, axis) => side === x.shape[axis + 1])) return;
  throw new RangeError(
    `Expected x to have shape [n, ${shape.join(", ")}] but found [${x.shape}]`,
  );
}

/**
 * (x - mean) / std per channel. The statistics are laid out over a whole image: kernels that
 * broadcast along rows of 3072 values are several times faster than along a last axis of 3.
 */
function normalizer({ mean, std, imageSize, channels }: Settings) {
  const [height, width] = sidesOf(imageSize);
  const pixels = height * width;
  const overImage = (values: readonly number[]) => tf.tile(tf.tensor1d([...values]), [pixels]);
  const [shift, factor] = tf.tidy(() => [
    overImage(mean),
    overImage(std.map((value) => 1 / value)),
  ]) as [tf.Tensor1D, tf.Tensor1D];
  return {
    apply(x: tf.Tensor4D): tf.Tensor4D {
      const rows = tf.reshape(x, [x.shape[0], pixels * channels]);
      return tf.reshape(tf.mul(tf.sub(rows, shift), factor), x.shape);
    },
    dispose: () => tf.dispose([shift, factor]),
  };
}

/**
 * Creates a ResNet-18 with He-initialised weights.
 *
 * @param options See {@linkcode ResNet18Options}.
 * @returns A classifier; `features` is the 512-d average pool before dropout. It owns its
 * variables: dispose it.
 * @throws {RangeError} If an option is out of bounds.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const model = resnet18({ seed: 1 });
 * const { logits, features } = model.forward(tf.zeros([2, 32, 32, 3]));
 * assertEquals([logits.shape, features.shape], [[2, 10], [2, 512]]);
 * model.dispose();
 * ```
 */
export function resnet18(options: ResNet18Options = {}): ResNet18 {
  requireKnownOptions("resnet18", options, optionNames);
  const settings = validated(options);
  const { classes, channels, batchNorm, stem, dropout, seed } = settings;
  const inputShape = [...sidesOf(settings.imageSize), channels] as const;
  const store = new ParameterStore();
  const normalization = normalizer(settings);

  const conv1 = convolutionLayer(store, {
    convolution: "conv1",
    norm: "bn1",
    inputs: channels,
    outputs: STAGES[0].width,
    kernel: stem === "imagenet" ? 7 : 3,
    stride: stem === "imagenet" ? 2 : 1,
    batchNorm,
    seed,
  });
  const blocks = STAGES.flatMap(({ name, width, stride }, stage) =>
    Array.from({ length: BLOCKS_PER_STAGE }, (_, index) =>
      basicBlock(store, {
        name: `${name}.${index}`,
        inputs: index > 0 ? width : STAGES[Math.max(stage - 1, 0)]!.width,
        outputs: width,
        stride: index === 0 ? stride : 1,
        batchNorm,
        seed,
      }))
  );
  const key = store.parameters.size;
  const weight = store.parameter(
    "fc.weight",
    linearInitial([FEATURES, classes], seed, key) as tf.Tensor2D,
  );
  const bias = store.parameter("fc.bias", linearInitial([classes], seed, key + 1) as tf.Tensor1D);

  function trunk(x: tf.Tensor4D, mode: Mode): tf.Tensor2D {
    let maps = relu(conv1.layer(normalization.apply(x), mode)); // [n, 16, 16, 64]
    if (stem === "imagenet") maps = maxPool3x3Stride2(maps); // [n, 8, 8, 64]
    for (const block of blocks) maps = block.layer(maps, mode); // ... [n, 1, 1, 512]
    return tf.mean(maps, [1, 2]); // [n, 512]
  }

  return {
    options: settings,
    inputShape,
    classes,
    smallestTrainingBatch: smallestTrainingBatch(settings),
    parameters: store.parameters,
    buffers: store.buffers,
    forward(x, options: ForwardOptions = {}): ForwardResult {
      requireKnownOptions("forward", options, forwardOptionNames);
      const { training = false, seed = 0, frozen = () => false } = options;
      requireImages(x, inputShape);
      return tf.tidy(() => {
        const features = trunk(x, { training, frozen });
        const kept = training && dropout > 0 ? dropped(features, dropout, seed) : features;
        const logits = tf.add(tf.matMul(kept, weight), bias) as tf.Tensor2D;
        return { logits, features };
      });
    },
    dispose() {
      conv1.dispose();
      for (const block of blocks) block.dispose();
      store.dispose();
      normalization.dispose();
    },
  };
}
