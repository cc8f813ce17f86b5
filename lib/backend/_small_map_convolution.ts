/**
 * Convolutions on maps so small that every output position sees the whole input: then each position
 * is one matrix product of the flattened map with a rectangular block of the filter's taps. The
 * other taps only ever meet padding; a general kernel multiplies them all the same. In ResNet-18 on
 * 32 x 32 images with the ImageNet stem this holds for the whole of stage 4 (1 x 1 maps) and most
 * of stage 3 (2 x 2 maps).
 */
import { tf } from "./tf.ts";

type Shape4 = readonly [number, number, number, number];

/** The taps that one output position reads. */
interface Block {
  readonly begin: [number, number, number, number];
  readonly size: [number, number, number, number];
}

function outputSize(size: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

/** Whether each of the (at most four) output positions sees the whole map. */
export function isSmallMap(x: Shape4, filter: Shape4, stride: number, padding: number): boolean {
  const size = x[1];
  const kernel = filter[0];
  if (padding === 0 || size !== x[2] || kernel !== filter[1]) return false;
  const out = outputSize(size, kernel, stride, padding);
  const last = padding - (out - 1) * stride;
  return out >= 1 && out <= 2 && last >= 0 && padding + size <= kernel;
}

function blocks(x: Shape4, filter: Shape4, stride: number, padding: number): Block[] {
  const [, size, , channels] = x;
  const out = outputSize(size, filter[0], stride, padding);
  const result: Block[] = [];
  for (let row = 0; row < out; row++) {
    for (let column = 0; column < out; column++) {
      result.push({
        begin: [padding - row * stride, padding - column * stride, 0, 0],
        size: [size, size, channels, filter[3]],
      });
    }
  }
  return result;
}

function flatten(x: tf.Tensor4D): tf.Tensor2D {
  return tf.reshape(x, [x.shape[0], -1]);
}

function blockMatrix(filter: tf.Tensor4D, { begin, size }: Block): tf.Tensor2D {
  return tf.reshape(tf.slice4d(filter, begin, size), [size[0] * size[1] * size[2], size[3]]);
}

function addAll<T extends tf.Tensor>(tensors: readonly T[]): T {
  return tensors.length === 1 ? tensors[0]! : tf.addN([...tensors]) as T;
}

/** y = conv(x, filter). */
export function smallMapConvolve(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  padding: number,
): tf.Tensor4D {
  const flat = flatten(x);
  const positions = blocks(x.shape, filter.shape, stride, padding)
    .map((block) => tf.matMul(flat, blockMatrix(filter, block)));
  const out = Math.sqrt(positions.length);
  const joined = positions.length === 1
    ? positions[0]!
    : tf.concat2d(positions as tf.Tensor2D[], 1);
  return tf.reshape(joined, [x.shape[0], out, out, filter.shape[3]]);
}

function positionGradients(dy: tf.Tensor4D): tf.Tensor2D[] {
  const [n, h, w, c] = dy.shape;
  const flat = tf.reshape(dy, [n, h * w * c]) as tf.Tensor2D;
  return h * w === 1 ? [flat] : tf.split(flat, h * w, 1);
}

/** The gradient with respect to x. */
export function smallMapInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4,
  stride: number,
  padding: number,
): tf.Tensor4D {
  const gradients = positionGradients(dy);
  const parts = blocks(inputShape, filter.shape, stride, padding)
    .map((block, k) => tf.matMul(gradients[k]!, blockMatrix(filter, block), false, true));
  return tf.reshape(addAll(parts), [...inputShape]);
}

/** The gradient with respect to the filter: zero in the taps that only meet padding. */
export function smallMapFilterGradient(
  dy: tf.Tensor4D,
  x: tf.Tensor4D,
  filterShape: Shape4,
  stride: number,
  padding: number,
): tf.Tensor4D {
  const gradients = positionGradients(dy);
  const flat = flatten(x);
  const parts = blocks(x.shape, filterShape, stride, padding).map(({ begin, size }, k) => {
    const block = tf.reshape(tf.matMul(flat, gradients[k]!, true, false), size);
    const around = (axis: number): [number, number] => [
      begin[axis]!,
      filterShape[axis]! - begin[axis]! - size[axis]!,
    ];
    return tf.pad4d(block as tf.Tensor4D, [around(0), around(1), [0, 0], [0, 0]]);
  });
  return addAll(parts);
}
