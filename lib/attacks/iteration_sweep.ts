import { interruptible } from "../terminal/interrupt.ts";
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { tf } from "../backend/tf.ts";
import type { Dataset } from "../data/dataset.ts";
import { requireInteger, requireList, requireNumber } from "../arguments/require.ts";
import type { Classifier } from "../nn/classifier.ts";
import { predict } from "./answers.ts";
import {
  type Batch,
  EvaluationLoop,
  evaluationOptionNames,
  type EvaluationOptions,
  share,
} from "./evaluation_loop.ts";
import { labelLoss } from "./_input_gradient.ts";
import { randomStart } from "./_random_start.ts";
import { type Norm, requireEpsilon, requireOptions } from "./_requirements.ts";
import { climb, projection } from "./pgd.ts";

/** Options of {@linkcode iterationSweep}. */
export interface IterationSweepOptions extends EvaluationOptions {
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length >= 0 for l2. */
  readonly epsilon: number;
  /** Default "linf". */
  readonly norm?: Norm | undefined;
  /** Numbers of PGD steps, each >= 0, in any order; 0 is the clean accuracy. */
  readonly steps: readonly number[];
  /** Length of one step, the same for every number of steps. Default `epsilon / 4`. */
  readonly stepSize?: number | undefined;
  /** Seed of the random start. Default 0. */
  readonly seed?: number | undefined;
  /** Called after every batch. */
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

const optionNames: OptionNames<IterationSweepOptions> = {
  ...evaluationOptionNames,
  epsilon: true,
  norm: true,
  steps: true,
  stepSize: true,
  seed: true,
  onProgress: true,
};

/** Accuracy after one number of PGD steps. */
export interface IterationResult {
  /** PGD steps taken; 0 is the clean accuracy. */
  readonly steps: number;
  /** Norm of the budget; absent for linf. */
  readonly norm?: "l2";
  /** Fraction of the n images that stay right; images that are wrong unharmed count as wrong. */
  readonly accuracy: number;
  /** Images attacked. */
  readonly n: number;
  /** 1 for each image that stays right. */
  readonly correct: Uint8Array;
}

/** Walks one batch to the largest number of steps and reports who is still right on the way. */
function walk(
  model: Classifier,
  { x, labels, indices }: Batch,
  { epsilon, norm, stepSize, seed, counts }: {
    epsilon: number;
    norm: Norm;
    stepSize: number;
    seed: number;
    counts: ReadonlySet<number>;
  },
  report: (steps: number, stillRight: readonly number[]) => void,
): void {
  tf.tidy(() => {
    const loss = labelLoss(labels, model.classes);
    const project = projection(x, epsilon, norm);
    let done = 0;
    let point = project(randomStart(x, epsilon, norm, { seed, positions: indices, draw: 0 }));
    for (const count of [...counts].sort((a, b) => a - b)) {
      point = climb(point, count - done, { model, loss, norm, stepSize, project });
      done = count;
      const predicted = predict(model, point);
      report(count, indices.filter((_, row) => predicted[row] === labels[row]));
    }
  });
}

/**
 * Accuracy as a function of the number of PGD iterations, with a random start. The step
 * size is fixed, so that one walk visits all numbers of steps: each result is that of `pgd` with
 * these steps, this stepSize and seed. An accuracy that is still falling at the last number says
 * that the attack has not converged.
 *
 * @param model Any classifier; its state is left alone.
 * @param data Images of the model's input shape.
 * @returns One result for each entry of `steps`, in the order given.
 * @throws {RangeError} If an option is out of range, or the data do not fit the model (the promise
 * rejects with it).
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { createDataset } from "../data/dataset.ts";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * const model = linearClassifier([[1, -1, 0], [-1, 1, 0]]);
 * const data = createDataset({
 *   name: "one pixel", classNames: ["a", "b"], imageShape: [1, 1, 3],
 *   images: Uint8Array.of(140, 120, 0), labels: [0],
 * });
 * const sweep = await iterationSweep(model, data, { epsilon: 0.1, steps: [0, 20] });
 * assertEquals(sweep.map(({ accuracy }) => accuracy), [1, 0]);
 * ```
 */
export async function iterationSweep(
  model: Classifier,
  data: Dataset,
  options: IterationSweepOptions,
): Promise<IterationResult[]> {
  requireKnownOptions("iterationSweep", options, optionNames);
  requireOptions(options);
  const { epsilon, norm = "linf", steps, stepSize = epsilon / 4, seed = 0 } = options;
  requireEpsilon(epsilon, norm);
  requireList("steps", steps);
  requireInteger("steps.length", steps.length, { min: 1 });
  for (const count of steps) requireInteger("steps", count, { min: 0 });
  requireNumber("stepSize", stepSize, { min: 0 });
  requireInteger("seed", seed);
  return await interruptible(
    (signal) => sweepIterations(model, data, { ...options, signal }),
    options.signal,
  );
}

async function sweepIterations(
  model: Classifier,
  data: Dataset,
  options: IterationSweepOptions,
): Promise<IterationResult[]> {
  const { epsilon, norm = "linf", steps, stepSize = epsilon / 4, seed = 0, onProgress } = options;
  const loop = new EvaluationLoop(model, data, options);
  const clean = await loop.cleanCorrect();
  const counts = new Set(steps.filter((count) => count > 0));
  const right = new Map([...counts].map((count) => [count, [] as number[]]));
  let done = 0;
  if (epsilon > 0 && counts.size > 0) {
    await loop.visit(clean, (batch) => {
      const settings = { epsilon, norm, stepSize, seed, counts };
      walk(model, batch, settings, (count, images) => right.get(count)!.push(...images));
      onProgress?.({ done: done += batch.indices.length, total: clean.length });
    });
  }
  return steps.map((count) => {
    const correct = loop.flags(epsilon > 0 && count > 0 ? right.get(count)! : clean);
    const made = norm === "l2" && { norm };
    return { steps: count, ...made, accuracy: share(correct), n: loop.n, correct };
  });
}
