/** A model in an ONNX file as a classifier of the lab: it answers, and has no gradients. */
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireOneOf, requireText } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import { FileError } from "../files/file_error.ts";
import { printable } from "../format/printable.ts";
import {
  type Classifier,
  forwardOptionNames,
  type ForwardResult,
  requireImages,
} from "./classifier.ts";
import { type NetworkOptions, requireStatistics, sidesOf } from "./network_options.ts";
import { normalizer } from "./_normalizer.ts";
import {
  type OnnxRuntime,
  onnxRuntime,
  type OnnxSession,
  type OnnxValue,
} from "./_onnx_runtime.ts";

/** What {@linkcode fromOnnx} can be told. */
export interface FromOnnxOptions {
  /** Mean of each channel, which is subtracted from pixels in [0, 1]. Default 0. */
  readonly mean?: readonly number[];
  /** Standard deviation of each channel, which they are divided by. Default 1. */
  readonly std?: readonly number[];
  /** Height and width of the images, where the file leaves them open. Default: the file's. */
  readonly imageSize?: number | readonly [height: number, width: number];
  /** Order of the input's axes. Default "nchw" (PyTorch) where axis 1 can be channels, else "nhwc". */
  readonly layout?: "nchw" | "nhwc";
  /** Name of the output with one number a class. Default: the only one of two axes. */
  readonly output?: string;
}

const optionNames: OptionNames<FromOnnxOptions> = {
  mean: true,
  std: true,
  imageSize: true,
  layout: true,
  output: true,
};

const FLOAT32 = 1;
const MOST_CHANNELS = 4;
/** Rows of probabilities sum to 1 within this. */
const SUM_TOLERANCE = 1e-4;
const LEAST_PROBABILITY = 1e-38;

const NO_GRADIENT = "ONNX Runtime computes a model's answers and no gradients, which this attack " +
  "climbs; attacks that only ask for answers work: square and randomNoise, also in attackSweep, and " +
  "certify. For gradient attacks load the weights into one of the lab's networks (loadCheckpoint)";

function refusal(path: string, what: string, cause?: unknown): FileError {
  const message = `Cannot open the ONNX file ${printable(path)}: ${printable(what)}`;
  return new FileError(message, { path, place: "model", cause });
}

function sessionOf(path: string, { InferenceSession }: OnnxRuntime): OnnxSession {
  const session = new InferenceSession();
  try {
    session.loadModel(path, {});
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0]! : String(error);
    throw refusal(path, `${reason}; export it again, see docs/from-pytorch.md`, error);
  }
  return session;
}

const shapeOf = ({ shape }: OnnxValue) =>
  `[${shape.map((side) => side < 0 ? "?" : side).join(", ")}]`;

/** The one input of images. */
function inputOf(path: string, { inputMetadata }: OnnxSession): OnnxValue {
  const [input, ...others] = inputMetadata;
  if (input === undefined || others.length > 0) {
    const names = inputMetadata.map(({ name }) => name).join(", ") || "none";
    throw refusal(path, `expected one input, the images, but found ${names}`);
  }
  if (input.type !== FLOAT32) {
    throw refusal(path, `its input ${input.name} is not float32; export the model in float32`);
  }
  if (input.shape.length !== 4) {
    throw refusal(
      path,
      `its input ${input.name} has the shape ${shapeOf(input)}; expected images with four axes, ` +
        "[n, channels, height, width] or [n, height, width, channels]",
    );
  }
  return input;
}

function outputOf(path: string, { outputMetadata }: OnnxSession, asked?: string): OnnxValue {
  const list = outputMetadata.map((value) => `${value.name} ${shapeOf(value)}`).join(", ");
  const fitting = outputMetadata.filter(({ name, type, shape }) =>
    asked === undefined ? type === FLOAT32 && shape.length === 2 : name === asked
  );
  if (fitting.length === 1) return fitting[0]!;
  throw refusal(
    path,
    asked === undefined
      ? `expected one output [n, classes] but found ${list}; name it with output`
      : `it has no output ${asked} but ${list}`,
  );
}

type Layout = "nchw" | "nhwc";

function layoutOf({ shape }: OnnxValue): Layout {
  const [, second = -1, , last = -1] = shape;
  const isChannels = (side: number) => side >= 1 && side <= MOST_CHANNELS;
  return !isChannels(second) && isChannels(last) ? "nhwc" : "nchw";
}

function inputShapeOf(
  path: string,
  input: OnnxValue,
  layout: Layout,
  imageSize: FromOnnxOptions["imageSize"],
): Classifier["inputShape"] {
  const [, a = -1, b = -1, c = -1] = input.shape;
  const [channels, ...sides] = layout === "nchw" ? [a, b, c] : [c, a, b];
  const told = imageSize === undefined ? [-1, -1] : sidesOf(imageSize);
  const size = sides.map((side, axis) => {
    const asked = told[axis]!;
    if (side < 0 && asked < 0) {
      throw refusal(path, `its input ${shapeOf(input)} leaves the image size open; name imageSize`);
    }
    if (side >= 0 && asked >= 0 && side !== asked) {
      throw refusal(path, `its images are ${sides.join(" x ")}, not ${told.join(" x ")}`);
    }
    return side < 0 ? asked : side;
  });
  return [size[0]!, size[1]!, channels! < 0 ? 3 : channels!];
}

/** Runs a session on images in its layout, in chunks where the file fixes the batch. */
function runner(
  session: OnnxSession,
  { Tensor }: OnnxRuntime,
  input: OnnxValue,
  output: OnnxValue,
) {
  const fixed = input.shape[0]! > 0 ? input.shape[0]! : undefined;
  const call = (values: Float32Array, shape: readonly number[]) => {
    const answer = session.run(
      { [input.name]: new Tensor("float32", values, [...shape]) },
      { [output.name]: null },
      {},
    )[output.name]!;
    return { values: answer.data as Float32Array, columns: answer.dims.at(-1)! };
  };
  return (values: Float32Array, [n, ...rest]: readonly number[]) => {
    const size = rest.reduce((product, side) => product * side, 1);
    const step = fixed ?? Math.max(n!, 1);
    const rows: Float32Array[] = [];
    let columns = 0;
    for (let from = 0; from < n!; from += step) {
      const count = Math.min(step, n! - from);
      const chunk = new Float32Array(step * size); // a last chunk is filled up with zeros
      chunk.set(values.subarray(from * size, (from + count) * size));
      const answer = call(chunk, [step, ...rest]);
      columns = answer.columns;
      rows.push(answer.values.slice(0, count * columns));
    }
    const all = new Float32Array(n! * columns);
    rows.forEach((part, k) => all.set(part, k * step * columns));
    return { values: all, columns };
  };
}

function areProbabilities(values: Float32Array, columns: number): boolean {
  for (let row = 0; row < values.length; row += columns) {
    const part = values.subarray(row, row + columns);
    const sum = part.reduce((total, value) => total + value, 0);
    if (part.some((value) => !(value >= 0)) || Math.abs(sum - 1) > SUM_TOLERANCE) return false;
  }
  return true;
}

/** Two images that a network answers differently: black, and pixels that rise. */
function probeImages(size: number): Float32Array {
  return Float32Array.from({ length: 2 * size }, (_, k) => k < size ? 0 : (k % 251) / 251);
}

/**
 * Opens a model in an ONNX file as a classifier. It answers at once and is forward only: metrics,
 * noise, the Square attack and certificates work; gradient attacks say why they do not. Features are
 * the logits. Where the model ends in a softmax, which its answers show, the logits are the logarithms
 * of its probabilities.
 *
 * @param path The file, float32, with one input of images and one output [n, classes].
 * @param options See {@linkcode FromOnnxOptions}. Pixels in [0, 1] go in as (x - mean) / std.
 * @returns A classifier without parameters; dispose it.
 * @throws {Error} In one sentence, if ONNX Runtime is not installed: `deno task setup --onnx` does it.
 * @throws {FileError} Naming the file, if it cannot be opened or has other inputs or outputs.
 * @throws {TypeError|RangeError} Naming the option that is wrong.
 * @example
 * ```ts
 * import { assertRejects } from "@trusted-ai-lab/lab/assert";
 * await assertRejects(() => fromOnnx("model.onnx", { layout: "chw" as "nchw" }), RangeError, "layout");
 * ```
 */
// deno-lint-ignore require-await -- a file is opened; errors are rejections
export async function fromOnnx(path: string, options: FromOnnxOptions = {}): Promise<Classifier> {
  requireText("path", path);
  requireKnownOptions("fromOnnx", options, optionNames);
  if (options.layout !== undefined) requireOneOf("layout", options.layout, ["nchw", "nhwc"]);
  if (options.output !== undefined) requireText("output", options.output);
  requireSize(options.imageSize);
  const runtime = onnxRuntime();
  const session = sessionOf(path, runtime);
  const input = inputOf(path, session);
  const output = outputOf(path, session, options.output);
  const layout = options.layout ?? layoutOf(input);
  const inputShape = inputShapeOf(path, input, layout, options.imageSize);
  const [height, width, channels] = inputShape;
  const { mean = Array(channels).fill(0), std = Array(channels).fill(1) } = options;
  requireStatistics(mean, std, channels);
  const run = runner(session, runtime, input, output);
  const sides = layout === "nchw" ? [channels, height, width] : [height, width, channels];
  const probe = ask(path, () => run(probeImages(height * width * channels), [2, ...sides]));
  if (probe.columns < 2) {
    throw refusal(path, `expected one number a class, at least 2, but found ${probe.columns}`);
  }
  const isSoftmax = areProbabilities(probe.values, probe.columns);
  const normalization = normalizer({ mean, std }, inputShape);

  const answer = (x: tf.Tensor4D): tf.Tensor2D => {
    const pixels = tf.tidy(() => {
      const normalised = normalization.apply(x);
      const ordered = layout === "nchw" ? tf.transpose(normalised, [0, 3, 1, 2]) : normalised;
      return tf.keep(ordered);
    });
    const values = pixels.dataSync() as Float32Array;
    pixels.dispose();
    const found = ask(path, () => run(values, [x.shape[0], ...sides]));
    const logits = isSoftmax
      ? found.values.map((p) => Math.log(Math.max(p, LEAST_PROBABILITY)))
      : found.values;
    return tf.tensor2d(logits, [x.shape[0], probe.columns]);
  };
  const differentiable = tf.customGrad((x) => ({
    value: answer(x as tf.Tensor4D),
    gradFunc: () => {
      throw new TypeError(`${NO_GRADIENT} (${printable(path)})`);
    },
  }));

  return {
    inputShape,
    classes: probe.columns,
    parameters: new Map(),
    buffers: new Map(),
    options: { source: "onnx", mean, std, softmax: isSoftmax } satisfies Onnx,
    forward(x, asked): ForwardResult {
      requireKnownOptions("forward", asked, forwardOptionNames);
      requireImages(x, inputShape);
      if (asked?.training) {
        throw new TypeError(`A model of ONNX Runtime cannot be trained (${printable(path)})`);
      }
      const logits = differentiable(x) as tf.Tensor2D;
      return { logits, features: tf.clone(logits) };
    },
    dispose() {
      normalization.dispose();
      session.dispose();
    },
  };
}

type Onnx = Required<Pick<NetworkOptions, "mean" | "std">> & {
  readonly source: "onnx";
  readonly softmax: boolean;
};

function requireSize(size: FromOnnxOptions["imageSize"]): void {
  if (size === undefined) return;
  for (const side of sidesOf(size)) requireInteger("imageSize", side, { min: 1 });
}

/** Runs the model; what the runtime says about it comes with the file's name. */
function ask<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0]! : String(error);
    throw refusal(path, `the model cannot run: ${reason}`, error);
  }
}
