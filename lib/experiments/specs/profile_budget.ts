/** What each profile may spend: images, epochs, attacked images. Only these numbers differ. */
import { attacksOfUse } from "../../attacks/registry.ts";
import type { DatasetName } from "../../data/dataset.ts";
import type { EvaluationOptions, Profile, RunSpec } from "./run_spec.ts";

/** Images and epochs of one dataset. */
export interface DatasetBudget {
  readonly trainLimit?: number;
  readonly testLimit?: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

/** The measurements that a profile can afford. */
type EvaluationBudget = Omit<EvaluationOptions, "transferTo" | "adaptBatchNorm">;

/** Everything in which one profile differs from another. */
export interface ProfileBudget {
  readonly datasets: Readonly<Record<DatasetName, DatasetBudget>>;
  /** Steps of the PGD of adversarial training. */
  readonly adversarialSteps: number;
  /**
   * `true`: also the runs that only a publication needs, e.g. TRADES and training on noise; and the
   * adversarially trained weights are chosen by validation accuracy under attack.
   */
  readonly further: boolean;
  /** Circle Loss weights beside the main one of {@linkcode CIRCLE_WEIGHT}. */
  readonly circleWeights: readonly number[];
  /** Sizes of the small SVHN subset; the first is the one without a suffix in its run id. */
  readonly subsetSizes: readonly number[];
  /** Epochs on a subset of this many images, so that small subsets see enough steps. */
  subsetEpochs(size: number): number;
  readonly pretrainedEpochs: Readonly<Record<"svhn" | "mnist", number>>;
  readonly pretrained: NonNullable<RunSpec["pretrained"]>;
  /** Evaluation of the robustness runs (CIFAR-10) and, lighter, of the digit runs. */
  readonly evaluation: Readonly<Record<"robustness" | "light", EvaluationBudget>>;
  /** What runs of the matrix are measured by besides: too long for a look at one checkpoint. */
  readonly published: Readonly<Record<"robustness" | "light", Partial<EvaluationBudget>>>;
  /** Budgets of the sweep on MNIST, which withstands larger ones than other images. */
  readonly mnistEpsilons: EvaluationBudget["epsilons"];
  /** Images of each data set that the model was not trained on; 0 for none. */
  readonly outsideImages: number;
}

/** Weight of the Circle Loss beside cross entropy in cifar-circle and svhn-circle. */
export const CIRCLE_WEIGHT = 0.1;

const per255 = (values: readonly number[]) => values.map((value) => value / 255);

const STANDARD_EVALUATION: EvaluationBudget = {
  batchSize: 128,
  bins: 15,
  mapImages: 1000,
  gridImages: 6,
  gradientImages: 256,
  epsilon: 8 / 255,
  epsilons: per255([0, 1, 2, 4, 8, 16]),
  attacks: attacksOfUse("sweep"),
  attackSteps: 20,
  attackImages: 1000,
  iterationSteps: [1, 2, 3, 5, 7, 10, 20, 50],
  iterationImages: 256,
  strongImages: 256,
  apgdSteps: 100,
  squareQueries: 1000,
  maskingImages: 128,
};

/** What a published run is measured by besides. */
const PUBLISHED = {
  autoAttackImages: { seed0: 1000, others: 256 },
  corruptionImages: 1000,
  certifiedImages: 200,
  memberImages: 1000,
  dropoutPasses: 20,
} as const satisfies Partial<EvaluationBudget>;

const LIGHT = {
  epsilons: per255([0, 1, 2, 4, 8]),
  attackSteps: 10,
  attackImages: 256,
  iterationSteps: [1, 2, 5, 10],
  iterationImages: 128,
  strongImages: 0,
  maskingImages: 0,
} as const;

const QUICK_EVALUATION: EvaluationBudget = {
  ...STANDARD_EVALUATION,
  mapImages: 300,
  gradientImages: 64,
  attackSteps: 10,
  attackImages: 96,
  iterationSteps: [1, 2, 5, 10, 20],
  iterationImages: 48,
  strongImages: 32,
  apgdSteps: 20,
  squareQueries: 100,
  maskingImages: 32,
};

const QUICK_LIGHT_EPSILONS = per255([0, 2, 4, 8]);

const standard: ProfileBudget = {
  further: true,
  datasets: {
    svhn: { epochs: 10, batchSize: 128, learningRate: 0.01 },
    mnist: { epochs: 2, batchSize: 128, learningRate: 0.01 },
    cifar10: { epochs: 15, batchSize: 128, learningRate: 0.02 },
    cifar100: { epochs: 15, batchSize: 128, learningRate: 0.02 },
    fashionmnist: { epochs: 4, batchSize: 128, learningRate: 0.01 },
    kmnist: { epochs: 4, batchSize: 128, learningRate: 0.01 },
  },
  adversarialSteps: 7,
  circleWeights: [0.01, 1],
  subsetSizes: [1000, 250, 4000],
  subsetEpochs: (size) => (size <= 250 ? 40 : size <= 1000 ? 20 : 10),
  pretrainedEpochs: { svhn: 10, mnist: 1 },
  pretrained: { from: "imagenet", standIn: "cifar-base" },
  evaluation: {
    robustness: STANDARD_EVALUATION,
    light: { ...STANDARD_EVALUATION, ...LIGHT, iterationSteps: [...LIGHT.iterationSteps] },
  },
  published: {
    robustness: PUBLISHED,
    light: {
      corruptionImages: PUBLISHED.corruptionImages,
      memberImages: PUBLISHED.memberImages,
      dropoutPasses: PUBLISHED.dropoutPasses,
    },
  },
  mnistEpsilons: [...per255([0, 2, 4, 8]), 0.1, 0.2, 0.3],
  outsideImages: 1000,
};

const quick: ProfileBudget = {
  further: false,
  datasets: {
    svhn: { trainLimit: 1920, testLimit: 500, epochs: 4, batchSize: 64, learningRate: 0.02 },
    mnist: { trainLimit: 1536, testLimit: 500, epochs: 3, batchSize: 64, learningRate: 0.02 },
    cifar10: { trainLimit: 1536, testLimit: 400, epochs: 4, batchSize: 64, learningRate: 0.02 },
    cifar100: { trainLimit: 2000, testLimit: 400, epochs: 4, batchSize: 64, learningRate: 0.02 },
    fashionmnist: {
      trainLimit: 1536,
      testLimit: 500,
      epochs: 3,
      batchSize: 64,
      learningRate: 0.02,
    },
    kmnist: { trainLimit: 1536, testLimit: 500, epochs: 3, batchSize: 64, learningRate: 0.02 },
  },
  adversarialSteps: 4,
  circleWeights: [0.01],
  subsetSizes: [400, 100],
  subsetEpochs: (size) => (size <= 100 ? 10 : 5),
  pretrainedEpochs: { svhn: 3, mnist: 2 },
  pretrained: { from: "run", id: "cifar-base", keepHead: false },
  evaluation: {
    robustness: QUICK_EVALUATION,
    light: {
      ...QUICK_EVALUATION,
      ...LIGHT,
      epsilons: QUICK_LIGHT_EPSILONS,
      iterationSteps: [1, 5, 10],
      attackSteps: 5,
      attackImages: 64,
      iterationImages: 32,
    },
  },
  published: { robustness: {}, light: {} },
  mnistEpsilons: QUICK_LIGHT_EPSILONS,
  outsideImages: 0,
};

const full: ProfileBudget = {
  ...standard,
  datasets: {
    svhn: { epochs: 80, batchSize: 128, learningRate: 0.01 },
    mnist: { epochs: 80, batchSize: 128, learningRate: 0.01 },
    cifar10: { epochs: 80, batchSize: 128, learningRate: 0.05 },
    cifar100: { epochs: 80, batchSize: 128, learningRate: 0.05 },
    fashionmnist: { epochs: 80, batchSize: 128, learningRate: 0.01 },
    kmnist: { epochs: 80, batchSize: 128, learningRate: 0.01 },
  },
  subsetSizes: [1000, 250, 4000, 16000],
  subsetEpochs: (size) => (size <= 1000 ? 80 : 40),
  pretrainedEpochs: { svhn: 80, mnist: 80 },
  evaluation: {
    robustness: {
      ...STANDARD_EVALUATION,
      mapImages: 2000,
      iterationImages: 1000,
      strongImages: 1000,
    },
    light: standard.evaluation.light,
  },
};

/**
 * What a profile may spend.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(profileBudget("full").datasets.svhn.epochs, 80);
 * ```
 */
export function profileBudget(profile: Profile): ProfileBudget {
  return { quick, standard, full }[profile];
}
