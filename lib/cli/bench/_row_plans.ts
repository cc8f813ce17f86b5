/** What the bench compares. */
import { EVALUATION_IMAGES, POINTS, SWEEP } from "./_inputs.ts";
import { resnet18MultiplyAdds } from "./_multiply_adds.ts";
import type { TaskOptions } from "./_protocol.ts";

/** One comparison. */
export interface RowPlan {
  readonly name: string;
  /** "s" is a time (less is better), the others are rates. */
  readonly unit: "images/s" | "GFLOP/s" | "s";
  /** Name of our task. */
  readonly task: string;
  /** Name of their task, and what it is. */
  readonly against: { readonly task: string; readonly name: string };
  readonly options: TaskOptions;
  /** Images, or thousand million floating-point operations, in one call. */
  readonly amount: number;
  /** Arithmetic for one image, for the share of the matrix-multiply peak. */
  readonly multiplyAdds?: number;
  /** At most this number of rounds, for what takes seconds. */
  readonly mostRounds?: number;
}

const BATCH = 128;
const needs = resnet18MultiplyAdds();

function byHand(name: string, task: string, multiplyAdds?: number): RowPlan {
  const plan = { name, task, unit: "images/s", options: {}, amount: BATCH } as const;
  const against = { task, name: "PyTorch" };
  return { ...plan, against, ...(multiplyAdds === undefined ? {} : { multiplyAdds }) };
}

function versus(plan: RowPlan, task: string, name: string): RowPlan {
  return { ...plan, name: `${plan.name} vs ${name}`, against: { task, name } };
}

function matrixProduct(size: number): RowPlan {
  return {
    name: `matrix product ${size}`,
    unit: "GFLOP/s",
    task: "matrixProduct",
    against: { task: "matrixProduct", name: "PyTorch" },
    options: { size },
    amount: 2 * size ** 3 / 1e9,
  };
}

const fgsm = byHand("FGSM", "fgsm", needs.inputGradient);
const pgd = byHand("PGD-10", "pgd", 10 * needs.inputGradient);
const sweep: RowPlan = {
  ...byHand("attack sweep", "sweep"),
  against: { task: "torchattacksSweep", name: "torchattacks" },
  amount: 2 * SWEEP.images * SWEEP.epsilons.length,
  mostRounds: 5,
};
const umap: RowPlan = {
  name: `UMAP of ${POINTS} features`,
  unit: "s",
  task: "umap",
  against: { task: "umapSeeded", name: "umap-learn, seeded" },
  options: {},
  amount: 1,
  mostRounds: 3,
};

/** All comparisons, in the table's order; batch 128, 32 x 32 x 3, ResNet-18 with the ImageNet stem. */
export const rowPlans: readonly RowPlan[] = [
  matrixProduct(1024),
  matrixProduct(2048),
  byHand("forward", "forward", needs.forward),
  byHand("training step, SGD", "trainingStepSgd", needs.trainingStep),
  byHand("training step, Adam", "trainingStepAdam", needs.trainingStep),
  byHand("input gradient", "inputGradient", needs.inputGradient),
  fgsm,
  versus(fgsm, "torchattacksFgsm", "torchattacks"),
  pgd,
  versus(pgd, "torchattacksPgd", "torchattacks"),
  byHand(
    "adversarial training step (PGD-7)",
    "adversarialStep",
    7 * needs.inputGradient + needs.trainingStep,
  ),
  versus(sweep, "torchattacksSweep", "torchattacks"),
  versus(sweep, "foolboxSweep", "foolbox"),
  byHand("loading and augmentation", "loading"),
  {
    ...byHand(`evaluation of ${EVALUATION_IMAGES} images`, "evaluation", needs.forward),
    amount: EVALUATION_IMAGES,
  },
  umap,
  {
    ...umap,
    name: `${umap.name}, unseeded`,
    against: { task: "umapParallel", name: "umap-learn, parallel" },
  },
];
