import { throwIfInterrupted } from "../terminal/interrupt.ts";
import type { tf } from "../backend/tf.ts";
import type { Classifier, ForwardOptions, ForwardResult } from "./classifier.ts";

function isTensor(value: unknown): value is tf.Tensor {
  return typeof value === "object" && value !== null && "shape" in value && "dataSync" in value;
}

/** What something is, as an error says it. */
function described(value: unknown): string {
  if (isTensor(value)) return `a tensor of shape [${value.shape}]`;
  if (Array.isArray(value)) return "a list";
  if (value instanceof Promise) return "a promise (forward answers at once, it cannot be async)";
  if (typeof value !== "object" || value === null) return String(value);
  const missing = ["logits", "features"].filter((part) => !(part in value));
  return missing.length === 0 ? "an object" : `an object without ${missing.join(" and ")}`;
}

function requireRows(part: "logits" | "features", value: unknown, n: number, columns: string) {
  if (!isTensor(value)) {
    throw new TypeError(
      `Expected model.forward to return ${part} as a tensor but found ${described(value)}`,
    );
  }
  if (value.dtype !== "float32") {
    throw new TypeError(
      `Expected model.forward to return ${part} as float32 but found ${value.dtype}`,
    );
  }
  const isRight = value.rank === 2 && value.shape[0] === n &&
    (part === "features" || String(value.shape[1]) === columns);
  if (isRight) return;
  const what = part === "logits"
    ? "one row an image and one column for each of the model's classes"
    : "one row an image";
  throw new RangeError(
    `Expected model.forward to return ${part} of shape [${n}, ${columns}], ${what}, ` +
      `but found [${value.shape}]`,
  );
}

/**
 * Asks a model, and requires an answer that can be read: a classifier may be anyone's, and a bare
 * tensor or another number of logits would be misread or fail far from its cause.
 *
 * @param model Any classifier.
 * @param x [n, height, width, channels] pixels in [0, 1].
 * @returns What `model.forward` returned, unchanged. Its values are not read: whoever reads them
 * requires finite ones.
 * @throws {TypeError} Naming forward, if the answer is not an object of two float32 tensors.
 * @throws {RangeError} Naming forward, if logits are not [n, classes] or features not [n, d].
 * @example
 * ```ts
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * import { linearClassifier } from "./linear_classifier.ts";
 * const model = linearClassifier([[1, 1], [-1, -1]]);
 * const bare = { ...model, forward: () => tf.zeros([1, 2]) } as unknown as typeof model;
 * assertThrows(
 *   () => forward(bare, tf.zeros([1, 1, 1, 2])),
 *   TypeError,
 *   "Expected model.forward to return { logits, features } but found a tensor of shape [1,2]",
 * );
 * ```
 */
export function forward(
  model: Classifier,
  x: tf.Tensor4D,
  options: ForwardOptions = { training: false },
): ForwardResult {
  throwIfInterrupted(); // every long computation asks a model again and again
  const result: unknown = model.forward(x, options);
  const isPair = typeof result === "object" && result !== null && "logits" in result &&
    "features" in result;
  if (!isPair) {
    throw new TypeError(
      `Expected model.forward to return { logits, features } but found ${described(result)}`,
    );
  }
  const { logits, features } = result;
  requireRows("logits", logits, x.shape[0], String(model.classes));
  requireRows("features", features, x.shape[0], "d");
  return result as ForwardResult;
}
