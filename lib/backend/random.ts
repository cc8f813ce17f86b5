import { tf } from "./tf.ts";
import { attribute, nativeOp } from "./native_op.ts";
import { generator } from "../random/generator.ts";

function draw(kernel: string, shape: readonly number[], seed: number, keys: number[]): tf.Tensor {
  const stream = generator(seed, ...keys);
  return tf.tidy(() => {
    const state = tf.tensor1d([stream.uint32() | 0, stream.uint32() | 0], "int32");
    const sizes = tf.tensor1d([...shape], "int32");
    const attributes = [
      attribute.float32("dtype"),
      attribute.int32("T"),
      attribute.int32("Tseed"),
    ];
    return nativeOp(kernel, attributes, [sizes, state]);
  });
}

/**
 * Standard normal numbers from TensorFlow's counter-based generator (Philox): the same seed and keys
 * give the same bits on the same kind of device.
 *
 * @param shape The tensor's shape.
 * @param seed Any safe integer.
 * @param keys Further integers that select an independent stream.
 * @returns An owned float32 tensor.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(randomNormal([3], 1).dataSync(), randomNormal([3], 1).dataSync());
 * ```
 */
export function randomNormal(shape: readonly number[], seed: number, ...keys: number[]): tf.Tensor {
  return draw("StatelessRandomNormal", shape, seed, keys);
}

/**
 * Numbers uniform in [0, 1), as {@linkcode randomNormal}.
 *
 * @param shape The tensor's shape.
 * @param seed Any safe integer.
 * @param keys Further integers that select an independent stream.
 * @returns An owned float32 tensor.
 */
export function randomUniform(
  shape: readonly number[],
  seed: number,
  ...keys: number[]
): tf.Tensor {
  return draw("StatelessRandomUniform", shape, seed, keys);
}
