/**
 * Weights, images and labels from a formula, the same bits as formula_weights.py gives. A ResNet-18
 * has too many weights to store beside a test, so both sides compute them.
 */
import { tf } from "../../lib/backend/tf.ts";
import type { Dataset } from "../../lib/data/dataset.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";

function nameHash(name: string): number {
  let value = 0x811c9dc5; // FNV-1a
  for (const byte of new TextEncoder().encode(name)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

/** `size` numbers in [0, 1), exact multiples of 2^-32. */
export function formulaUniform(name: string, size: number): Float64Array {
  const salt = nameHash(name);
  return Float64Array.from({ length: size }, (_, index) => {
    let h = Math.imul(index + 1, 0x9e3779b1) + salt >>> 0;
    h ^= h >>> 15;
    h = Math.imul(h, 0x85ebca77);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae3d);
    h ^= h >>> 16;
    return (h >>> 0) / 2 ** 32;
  });
}

/** The float32 values of one named tensor; `shape` is in PyTorch's layout. */
export function formulaTensor(name: string, shape: readonly number[]): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const centred = formulaUniform(name, size).map((u) => 2 * u - 1);
  const scaled = (scale: number, offset: number) => centred.map((c) => offset + scale * c);
  if (name.endsWith("running_var")) return Float32Array.from(scaled(0.3, 1));
  if (/(running_mean|bias)$/.test(name)) return Float32Array.from(scaled(0.1, 0));
  if (shape.length === 1) return Float32Array.from(scaled(0.2, 1));
  const inputs = shape.slice(1).reduce((product, length) => product * length, 1);
  const scale = shape.length === 2 ? 1 / Math.sqrt(inputs) : Math.sqrt(6 / inputs);
  return Float32Array.from(scaled(scale, 0));
}

/** From tfjs's layout (HWIO, [in, out]) to PyTorch's, and back. */
const TO_TORCH: Record<number, number[]> = { 2: [1, 0], 4: [3, 2, 0, 1] };
const FROM_TORCH: Record<number, number[]> = { 2: [1, 0], 4: [2, 3, 1, 0] };

/** Overwrites every parameter and running statistic of a model. */
export function fillWithFormula(model: Classifier): void {
  for (const [name, variable] of [...model.parameters, ...model.buffers]) {
    const order = TO_TORCH[variable.rank];
    const shape = order ? order.map((axis) => variable.shape[axis]!) : variable.shape;
    tf.tidy(() => {
      const stored = tf.tensor(formulaTensor(name, shape), shape, "float32");
      variable.assign(order ? tf.transpose(stored, FROM_TORCH[shape.length]) : stored);
    });
  }
}

/** n images of noise around a brightness that depends on the image, with labels (7 k + 3) mod 10. */
export function formulaDataset(n: number, split: "train" | "test" = "train"): Dataset {
  const noise = formulaUniform("images", n * 3072);
  const level = formulaUniform("levels", n);
  return {
    name: "cifar10",
    split,
    imageShape: [32, 32, 3],
    source: "procedural",
    images: Uint8Array.from(
      noise,
      (u, k) => Math.floor(256 * (0.5 * u + 0.5 * level[Math.floor(k / 3072)]!)),
    ),
    labels: Uint8Array.from({ length: n }, (_, k) => (k * 7 + 3) % 10),
    classNames: Array.from({ length: 10 }, (_, k) => String(k)),
    length: n,
    describe: () => `formula images, ${n}`,
  };
}

/** The images as a model takes them: [n, 32, 32, 3] float32 in [0, 1]; dispose it. */
export function formulaPixels(n: number): tf.Tensor4D {
  const values = Float32Array.from(formulaDataset(n).images, (byte) => byte / 255);
  return tf.tensor4d(values, [n, 32, 32, 3]);
}
