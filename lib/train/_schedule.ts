import { requireInteger, requireNumber } from "../arguments/require.ts";

/** A step schedule: the rate drops at fixed fractions of the run. */
export interface StepSchedule {
  /** Rate of the first epoch. */
  readonly learningRate: number;
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Fractions of the run in [0, 1], e.g. [0.5, 0.75]. */
  readonly milestones: readonly number[];
  /** The rate's factor at each milestone. */
  readonly decay: number;
}

/**
 * The learning rate of one epoch: `learningRate * decay^k`, where k counts the milestones m with
 * `epoch - 1 >= m * epochs`.
 *
 * @param epoch Counts from 1.
 * @returns The rate used for every batch of that epoch.
 * @throws {RangeError} If epoch is no integer in [1, epochs] or decay is not positive.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * const schedule = { learningRate: 0.1, epochs: 4, milestones: [0.5, 0.75], decay: 0.1 };
 * assertAlmostEquals(learningRateAt(2, schedule), 0.1);
 * assertAlmostEquals(learningRateAt(3, schedule), 0.01);
 * assertAlmostEquals(learningRateAt(4, schedule), 0.001);
 * ```
 */
export function learningRateAt(epoch: number, schedule: StepSchedule): number {
  const { learningRate, epochs, milestones, decay } = schedule;
  requireInteger("epoch", epoch, { min: 1, max: epochs });
  requireNumber("decay", decay, { min: 0, exclusiveMin: true });
  // The slack keeps a product such as 0.55 * 20 = 11.000000000000002 from delaying its milestone.
  const passed = milestones.filter((fraction) => epoch - 1 >= fraction * epochs - 1e-9).length;
  return learningRate * decay ** passed;
}
