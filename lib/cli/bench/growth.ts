/** How cost grows with the batch size, the steps of an attack and the number of images. */
import { compare, type Effort } from "./compare.ts";
import { secondsSchema } from "./protocol.ts";
import type { BenchResult } from "./result.ts";
import { type RowPlan, rowPlans } from "./rows.ts";
import type { Sides } from "./sides.ts";
import { median } from "./statistics.ts";

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

function planNamed(name: string): RowPlan {
  return rowPlans.find((plan) => plan.name === name)!;
}

/** PyTorch's layout is the one that was faster at batch 128. */
const LAYOUT = ["channels_last"];

async function growthOf(sides: Sides, plan: RowPlan, size: number, effort: Effort) {
  const { ours, theirs, ratio } = await compare(sides, plan, effort, LAYOUT);
  return { name: plan.name, size, ours, theirs, ratio };
}

/** Measures all of it; `report` hears what comes next. */
export async function measureGrowth(
  sides: Sides,
  { effort, quick, report }: { effort: Effort; quick: boolean; report: (what: string) => void },
): Promise<Growth> {
  const { batchSizes, pgdSteps, images, epochs, longRun } = quick ? QUICK : FULL;
  const shorter = { ...effort, rounds: Math.ceil(effort.rounds / 2) };
  const secondsOfEpochs = (images: number, epochs: number) =>
    sides.ours.side.ask({ kind: "epochs", images, epochs }, secondsSchema);

  const batchSize: Growth["batchSize"] = [];
  for (const name of ["forward", "training step, SGD"]) {
    for (const size of batchSizes) {
      report(`${name}, batch ${size}`);
      const plan = { ...planNamed(name), options: { batchSize: size }, amount: size };
      batchSize.push(await growthOf(sides, plan, size, shorter));
    }
  }
  const steps: Growth["pgdSteps"] = [];
  for (const size of pgdSteps) {
    report(`PGD, ${size} steps`);
    const plan = { ...planNamed("PGD-10"), name: "PGD", options: { steps: size } };
    steps.push(await growthOf(sides, plan, size, shorter));
  }
  const byImages: Growth["images"] = [];
  for (const count of images) {
    report(`an epoch of ${count} images`);
    const seconds = median(await secondsOfEpochs(count, epochs));
    byImages.push({ images: count, seconds, imagesPerSecond: count / seconds });
  }
  report(`${longRun.epochs} epochs`);
  const seconds = await secondsOfEpochs(longRun.images, longRun.epochs);
  const lastOverFirst = seconds.at(-1)! / seconds[0]!;
  return {
    batchSize,
    pgdSteps: steps,
    images: byImages,
    longRun: { images: longRun.images, seconds, lastOverFirst },
  };
}
