/** Looks at a model's answers before an attack relies on them. */
import { percent } from "../format/percent.ts";
import { predictedClasses, readLogits } from "./answers.ts";
import type { EvaluationLoop } from "./evaluation_loop.ts";
import type { MaskingCheck } from "./_masking_check.ts";

/**
 * The largest change of an image's logits between two passes, relative to their length, that is
 * rounding: as in AutoAttack's check for randomized defenses (Croce & Hein 2020).
 */
const ROUNDING = 1e-4;
/** How far the sum of float32 probabilities may be from 1, and each of them from [0, 1]. */
const SUM_TOLERANCE = 1e-4;

/** What two passes over all images show. */
interface Outputs {
  images: number;
  /** Images whose logits are not the same in the second pass. */
  changed: number;
  /** Images whose predicted class is not the same in the second pass. */
  turned: number;
  /** The largest change, relative to the length of an image's logits. */
  largestChange: number;
  /** Images whose logits are in [0, 1] and sum to 1. */
  normalized: number;
}

/** Adds one image's logits in two passes. */
function add(outputs: Outputs, first: Float32Array, second: Float32Array): void {
  const length = Math.hypot(...first) + 1e-10;
  const change = Math.hypot(...first.map((logit, k) => logit - second[k]!)) / length;
  outputs.images++;
  if (change > ROUNDING) outputs.changed++;
  outputs.largestChange = Math.max(outputs.largestChange, change);
  const sum = first.reduce((total, logit) => total + logit, 0);
  const isShare = first.every((logit) => logit >= -SUM_TOLERANCE && logit <= 1 + SUM_TOLERANCE);
  if (isShare && Math.abs(sum - 1) <= SUM_TOLERANCE) outputs.normalized++;
}

function randomnessCheck({ images, changed, turned, largestChange }: Outputs): MaskingCheck {
  const passed = changed === 0 && turned === 0;
  const measured = `the logits of ${changed} of ${images} images change from one pass to the next` +
    (passed
      ? ""
      : `, by up to ${percent(largestChange)} of their length, and ${turned} predictions`);
  const remedy =
    "A gradient of one draw misleads the attack, and one draw's accuracy is luck. Attack " +
    "the expectation over draws: average gradients and logits over many passes (Athalye et al. 2018).";
  return {
    name: "outputs are not random",
    passed,
    detail: passed ? measured : `${measured}. ${remedy}`,
  };
}

function logitsCheck({ images, normalized }: Outputs): MaskingCheck {
  const passed = normalized < images;
  const measured = `the outputs of ${normalized} of ${images} images are in [0, 1] and sum to 1`;
  const remedy =
    "They are probabilities already: another softmax flattens them, so that losses and " +
    "their gradients nearly vanish and confidences are wrong. Return the scores from before the softmax.";
  return {
    name: "outputs are logits, not probabilities",
    passed,
    detail: passed ? measured : `${measured}. ${remedy}`,
  };
}

/**
 * Checks that a model answers the same twice, and with logits.
 *
 * @param loop The images, all of which are looked at.
 */
export async function checkOutputs(loop: EvaluationLoop): Promise<MaskingCheck[]> {
  const { model, n } = loop;
  const outputs = { images: 0, changed: 0, turned: 0, largestChange: 0, normalized: 0 };
  const all = Array.from({ length: n }, (_, image) => image);
  await loop.visit(all, ({ x, indices }) => {
    const passes = [readLogits(model, x), readLogits(model, x)] as const;
    const [first, second] = passes.map((logits) => predictedClasses(logits, model.classes));
    for (const row of indices.keys()) {
      const [start, end] = [row * model.classes, (row + 1) * model.classes];
      add(outputs, passes[0].subarray(start, end), passes[1].subarray(start, end));
      if (first![row] !== second![row]) outputs.turned++;
    }
  });
  return [randomnessCheck(outputs), logitsCheck(outputs)];
}
