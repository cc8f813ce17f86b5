/** Which attacks AutoAttack is made of. */
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { fooledByApgd, type FooledByApgdRequest } from "./_fooled_by_apgd.ts";
import type { ApgdOptions } from "./apgd.ts";
import { fabWithin } from "./fab.ts";
import { square } from "./square.ts";

/** What each attack is given. */
export type Budget = { epsilon: number; seed: number; positions: ArrayLike<number> };
/** One attack on images that still stand; returns what it made of them. */
export type Run = (
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  budget: Budget,
) => tf.Tensor4D;

/** APGD that lets go of images once they are fooled. */
function apgdPart(loss: ApgdOptions["loss"], request: FooledByApgdRequest = {}): Run {
  return (model, x, y, budget) => {
    const pixels = Float32Array.from(x.dataSync());
    const size = pixels.length / x.shape[0];
    const onFooled = (image: number, row: number, points: tf.Tensor4D) => {
      const found = tf.slice(points, [row, 0, 0, 0], [1, -1, -1, -1]);
      pixels.set(found.dataSync(), image * size);
      found.dispose();
    };
    fooledByApgd(model, x, y, { ...budget, loss }, { ...request, onFooled });
    return tf.tensor4d(pixels, x.shape);
  };
}

/** Draws over which "rand" takes the expectation of a gradient. */
const EXPECTATION = { passes: 20 };
const SQUARE_QUERIES = 5000;

/** AutoAttack's versions: their attacks in order, and the classes that a model must have. */
export const versions = {
  standard: {
    fewestClasses: 4,
    parts: {
      "apgd-ce": apgdPart("ce"),
      "apgd-t": apgdPart("dlr-targeted"),
      "fab-t": (model, x, y, budget) => fabWithin(model, x, y, budget, budget.epsilon),
      square: (model, x, y, budget) => square(model, x, y, { ...budget, queries: SQUARE_QUERIES }),
    },
  },
  rand: {
    fewestClasses: 3,
    parts: { "apgd-ce": apgdPart("ce", EXPECTATION), "apgd-dlr": apgdPart("dlr", EXPECTATION) },
  },
} satisfies Record<string, { fewestClasses: number; parts: Record<string, Run> }>;
