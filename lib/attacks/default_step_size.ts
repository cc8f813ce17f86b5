/** What an attack of several gradient steps does where its caller names no step size. */
export interface StepPlan {
  /** The budget. */
  readonly epsilon: number;
  /** Gradient steps, >= 1. */
  readonly steps: number;
  /** The attack starts at a random point of the region. */
  readonly randomStart: boolean;
}

/**
 * Returns the default length of one gradient step: `2.5 * epsilon / steps` (Madry et al. 2018), so
 * that the steps together can cross the region; `1.25 * epsilon` for one step from a random start
 * (Wong, Rice and Kolter 2020). Twice that would put every pixel on a corner of the region and erase
 * the random start.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(defaultStepSize({ epsilon: 0.1, steps: 10, randomStart: true }), 0.025);
 * assertEquals(defaultStepSize({ epsilon: 0.1, steps: 1, randomStart: true }), 0.125);
 * ```
 */
export function defaultStepSize({ epsilon, steps, randomStart }: StepPlan): number {
  return steps === 1 && randomStart ? 1.25 * epsilon : 2.5 * epsilon / steps;
}
