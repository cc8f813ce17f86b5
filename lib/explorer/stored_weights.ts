/** A network's weights in a page: 8 bits or half precision, compressed. */

/** How a number is stored. */
export type Precision = "int8" | "float16";

/** One tensor among the stored bytes. */
export interface StoredTensor {
  readonly name: string;
  /** In TensorFlow's layout: the last axis counts outputs. */
  readonly shape: readonly number[];
  readonly precision: Precision | "float32";
  /** Where its numbers start, in bytes; those of int8 follow its scales, one float32 an output. */
  readonly offset: number;
}

/** Tensors with their numbers. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Vectors are a thousandth of a network: they stay as they are. */
const isVector = ({ shape }: { readonly shape: readonly number[] }) => shape.length < 2;
const LARGEST = 127;

const countOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

/** The nearest half-precision number's 16 bits, ties to even; beyond its range the largest one. */
function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.min(Math.abs(value), 65504);
  if (size < 2 ** -24 / 2) return sign;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const unit = 2 ** (exponent - 10);
  const steps = size / unit;
  const floor = Math.floor(steps);
  const rest = steps - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  // The leading 1 of a normal number counts as one step of the exponent, as does a carry.
  return sign + (exponent + 14) * 1024 + rounded;
}

/** The number of 16 half-precision bits. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** One scale an output: its largest weight becomes 127. */
function scalesOf({ shape, values }: NamedTensor): Float32Array {
  const outputs = shape.at(-1)!;
  const largest = new Float32Array(outputs);
  values.forEach((value, k) => {
    largest[k % outputs] = Math.max(largest[k % outputs]!, Math.abs(value));
  });
  return largest.map((one) => one / LARGEST);
}

function bytesOf(tensor: NamedTensor, precision: Precision): Uint8Array<ArrayBuffer> {
  const { shape, values } = tensor;
  if (isVector(tensor)) return new Uint8Array(Float32Array.from(values).buffer);
  if (precision === "float16") {
    return new Uint8Array(Uint16Array.from(values, toHalf).buffer);
  }
  const scales = scalesOf(tensor);
  const outputs = shape.at(-1)!;
  const steps = Int8Array.from(values, (value, k) => {
    const scale = scales[k % outputs]!;
    return scale === 0 ? 0 : Math.round(value / scale);
  });
  const bytes = new Uint8Array(scales.byteLength + steps.byteLength);
  bytes.set(new Uint8Array(scales.buffer));
  bytes.set(new Uint8Array(steps.buffer), scales.byteLength);
  return bytes;
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const piped = new Response(bytes).body!.pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

/**
 * Stores tensors: matrices and filters with 8 bits and one scale an output, or in half precision;
 * vectors as they are.
 *
 * @returns Where each tensor lies, and the compressed bytes.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const weight = { name: "fc.weight", shape: [2, 1], values: new Float32Array([0.5, -1]) };
 * const { tensors, bytes } = await storeWeights([weight], "float16");
 * assertEquals([...(await readWeights(tensors, bytes)).get("fc.weight")!], [0.5, -1]);
 * ```
 */
export async function storeWeights(
  given: readonly NamedTensor[],
  precision: Precision,
): Promise<{ tensors: StoredTensor[]; bytes: Uint8Array<ArrayBuffer> }> {
  const tensors: StoredTensor[] = [];
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const tensor of given) {
    const bytes = bytesOf(tensor, precision);
    const { name, shape } = tensor;
    tensors.push({ name, shape, precision: isVector(tensor) ? "float32" : precision, offset });
    parts.push(bytes);
    offset += bytes.length;
  }
  const whole = new Uint8Array(offset);
  tensors.forEach((tensor, k) => whole.set(parts[k]!, tensor.offset));
  return { tensors, bytes: await through(whole, new CompressionStream("deflate-raw")) };
}

/**
 * Reads what {@linkcode storeWeights} stored.
 *
 * @returns The numbers of each tensor by name.
 */
export async function readWeights(
  tensors: readonly StoredTensor[],
  compressed: Uint8Array<ArrayBuffer>,
): Promise<Map<string, Float32Array>> {
  const whole = await through(compressed, new DecompressionStream("deflate-raw"));
  const part = (from: number, length: number) => whole.slice(from, from + length).buffer;
  return new Map(tensors.map(({ name, shape, precision, offset }) => {
    const count = countOf(shape);
    if (precision === "float32") return [name, new Float32Array(part(offset, 4 * count))];
    const values = new Float32Array(count); // filled by loops: there are millions of numbers
    if (precision === "float16") {
      const halves = new Uint16Array(part(offset, 2 * count));
      for (let k = 0; k < count; k++) values[k] = fromHalf(halves[k]!);
      return [name, values];
    }
    const outputs = shape.at(-1)!;
    const scales = new Float32Array(part(offset, 4 * outputs));
    const steps = new Int8Array(part(offset + 4 * outputs, count));
    for (let k = 0; k < count; k++) values[k] = steps[k]! * scales[k % outputs]!;
    return [name, values];
  }));
}
