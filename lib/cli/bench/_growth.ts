/** How cost grows with the batch size, the steps of an attack and the number of images. */
import { compare, type Effort, fastestVariant } from "./_compare_sides.ts";
import { secondsSchema } from "./_protocol.ts";
import type { BenchResult, Row } from "./result.ts";
import { type RowPlan, rowPlans } from "./_row_plans.ts";
import type { Sides } from "./_start_sides.ts";
import { median } from "./_statistics.ts";

type Growth = BenchResult["growth"];

const FULL = {
  batchSizes: [16, 32, 64, 128, 256, 512],
  pgdSteps: [1, 2, 5, 10, 20, 50],
  images: [1280, 2560, 5120],
  epochs: 3,
  longRun: { images: 1280, epochs: 10 },
};
const QUICK: typeof FULL = {
  batchSizes: [16, 128],
  pgdSteps: [1, 10],
  images: [256, 512],
  epochs: 1,
  longRun: { images: 256, epochs: 3 },
};

/** What {@linkcode measureGrowth} needs beside the sides. */
export interface GrowthOptions {
  readonly effort: Effort;
  readonly quick: boolean;
  /** The comparisons at batch 128; they tell which of PyTorch's layouts to take. */
  readonly rows: readonly Row[];
  /** Hears what comes next. */
  readonly report: (what: string) => void;
}

/** Rates of one comparison at each size, against the variant that was faster at batch 128. */
async function ratesOf(
  sides: Sides,
  { effort, rows, report }: GrowthOptions,
  name: string,
  sizes: readonly number[],
  sized: (size: number) => Partial<RowPlan>,
): Promise<Growth["batchSize"]> {
  const plan = rowPlans.find((plan) => plan.name === name)!;
  const variant = fastestVariant(rows.find((row) => row.name === name)!);
  const variants = variant === undefined ? [] : [variant];
  const shorter = { ...effort, rounds: Math.ceil(effort.rounds / 2) };
  const rates: Growth["batchSize"] = [];
  for (const size of sizes) {
    report(`${name}, size ${size}`);
    const row = await compare(sides, { ...plan, ...sized(size) }, shorter, variants);
    const { ours, theirs, ratio } = row;
    rates.push({ name: row.name, size, ours, theirs, ratio });
  }
  return rates;
}

/** Seconds of epochs of a real training run, by images and in the course of a longer run. */
async function measureEpochs(
  { ours }: Sides,
  { quick, report }: GrowthOptions,
): Promise<Pick<Growth, "images" | "longRun">> {
  const sizes = quick ? QUICK : FULL;
  const secondsOf = (images: number, epochs: number) => {
    report(`${epochs} epochs of ${images} images`);
    return ours.side.ask({ kind: "epochs", images, epochs }, secondsSchema);
  };
  const byImages: Growth["images"] = [];
  for (const images of sizes.images) {
    const seconds = median(await secondsOf(images, sizes.epochs));
    byImages.push({ images, seconds, imagesPerSecond: images / seconds });
  }
  const { images, epochs } = sizes.longRun;
  const seconds = await secondsOf(images, epochs);
  const longRun = { images, seconds, lastOverFirst: seconds.at(-1)! / seconds[0]! };
  return { images: byImages, longRun };
}

/** Measures how cost grows with each size. */
export async function measureGrowth(sides: Sides, options: GrowthOptions): Promise<Growth> {
  const { batchSizes, pgdSteps } = options.quick ? QUICK : FULL;
  const byBatch = (name: string) =>
    ratesOf(sides, options, name, batchSizes, (batchSize) => ({
      options: { batchSize },
      amount: batchSize,
    }));
  const forward = await byBatch("forward");
  const training = await byBatch("training step, SGD");
  return {
    batchSize: [...forward, ...training],
    pgdSteps: await ratesOf(sides, options, "PGD-10", pgdSteps, (steps) => ({
      name: "PGD",
      options: { steps },
    })),
    ...await measureEpochs(sides, options),
  };
}
