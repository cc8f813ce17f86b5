import { requireInteger, requireNumber } from "../arguments/require.ts";

/** What the learning rate of each epoch follows from. */
export interface Schedule {
  /** The greatest rate. */
  readonly learningRate: number;
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Default "multistep". */
  readonly schedule?: "multistep" | "cosine" | "constant";
  /** Epochs of linear rise at the start, in [0, epochs - 1]. Default 0. */
  readonly warmupEpochs?: number;
  /** Fractions of the run in [0, 1], e.g. [0.5, 0.75]; "multistep" alone has them. */
  readonly milestones: readonly number[];
  /** The rate's factor at each milestone. */
  readonly decay: number;
}

/** What each schedule makes of the greatest rate in epoch e, counted from 1, after W of warm-up. */
const factors: Readonly<
  Record<NonNullable<Schedule["schedule"]>, (epoch: number, schedule: Schedule) => number>
> = {
  multistep(epoch, { epochs, milestones, decay }) {
    // The slack keeps a product such as 0.55 * 20 = 11.000000000000002 from delaying its milestone.
    return decay ** milestones.filter((fraction) => epoch - 1 >= fraction * epochs - 1e-9).length;
  },
  cosine(epoch, { epochs, warmupEpochs: warmup = 0 }) {
    return (1 + Math.cos(Math.PI * (epoch - warmup - 1) / (epochs - warmup))) / 2;
  },
  constant: () => 1,
};

/**
 * Returns the learning rate of epoch e of E after W epochs of warm-up: `learningRate * e / W` for
 * e <= W. After that
 *
 * - "multistep": `learningRate * decay^k`, where k counts the milestones m with `e - 1 >= m * E`;
 * - "cosine": `learningRate * (1 + cos(pi (e - W - 1) / (E - W))) / 2` (Loshchilov and Hutter 2017,
 *   eq. 5, without restarts), which never reaches 0;
 * - "constant": `learningRate`.
 *
 * @param epoch Counts from 1.
 * @returns The rate used for every batch of that epoch.
 * @throws {RangeError} If epoch is no integer in [1, epochs], warmupEpochs none in [0, epochs - 1],
 * or decay is not positive.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * const schedule = { learningRate: 0.1, epochs: 4, milestones: [0.5, 0.75], decay: 0.1 };
 * assertAlmostEquals(learningRateAt(2, schedule), 0.1);
 * assertAlmostEquals(learningRateAt(3, schedule), 0.01);
 * assertAlmostEquals(learningRateAt(4, schedule), 0.001);
 * assertAlmostEquals(learningRateAt(3, { ...schedule, schedule: "cosine" }), 0.05);
 * ```
 */
export function learningRateAt(epoch: number, schedule: Schedule): number {
  const { learningRate, epochs, decay, warmupEpochs = 0 } = schedule;
  requireInteger("epoch", epoch, { min: 1, max: epochs });
  requireNumber("decay", decay, { min: 0, exclusiveMin: true });
  requireInteger("warmupEpochs", warmupEpochs, { min: 0, max: epochs - 1 });
  if (epoch <= warmupEpochs) return learningRate * epoch / warmupEpochs;
  return learningRate * factors[schedule.schedule ?? "multistep"](epoch, schedule);
}
