/** The runs of the lab: which dataset, and what is changed against its baseline. */
import { requireOneOf } from "../../arguments/require.ts";
import { datasetDefinition, type DatasetName } from "../../data/dataset.ts";
import { circleWeight, type ProfileBudget, profileBudget } from "./profile_budget.ts";
import { parseRunSpec, type Profile, profiles, type RunSpec } from "./run_spec.ts";

/** What a run changes against the baseline of its dataset. */
interface Change {
  readonly model?: Partial<RunSpec["model"]>;
  readonly train?: Partial<RunSpec["train"]>;
  readonly data?: Partial<RunSpec["data"]>;
  readonly pretrained?: NonNullable<RunSpec["pretrained"]>;
  /** Evaluate on the other digits too. Default: yes for SVHN and MNIST. */
  readonly transfer?: boolean;
}

/** Every parameter but the last layer's. */
const convolutions = "^(?!fc\\.)";
const robustnessEpsilon = 8 / 255;

function specOf(
  profile: Profile,
  budget: ProfileBudget,
  id: string,
  dataset: DatasetName,
  change: Change,
): RunSpec {
  const { trainLimit, testLimit, ...training } = budget.datasets[dataset];
  const transferTo = change.transfer === false ? undefined : datasetDefinition(dataset).transferTo;
  return parseRunSpec({
    id,
    seed: 0,
    profile,
    dataset,
    data: {
      source: "auto",
      ...(trainLimit === undefined ? {} : { trainLimit }),
      ...(testLimit === undefined ? {} : { testLimit }),
      validationFraction: 0.1,
      ...change.data,
    },
    model: { stem: "imagenet", batchNorm: true, dropout: 0, ...change.model },
    ...(change.pretrained === undefined ? {} : { pretrained: change.pretrained }),
    train: {
      ...training,
      optimizer: "sgd",
      momentum: 0.9,
      weightDecay: 5e-4,
      milestones: [0.5, 0.75],
      decay: 0.1,
      labelSmoothing: 0,
      // Crop and flip belong to the CIFAR-10 baseline; for digits augmentation is a run of its own.
      augment: dataset === "cifar10" ? "standard" : "none",
      ...change.train,
    },
    evaluation: {
      ...budget.evaluation[dataset === "cifar10" ? "robustness" : "light"],
      ...(transferTo === undefined ? {} : { transferTo }),
      adaptBatchNorm: transferTo !== undefined && change.model?.batchNorm !== false,
    },
  });
}

type Row = readonly [id: string, dataset: DatasetName, change: Change];

function generalizationRows(): Row[] {
  const augment = (kind: RunSpec["train"]["augment"]) => ({ train: { augment: kind } });
  return [
    ["svhn-baseline", "svhn", {}],
    ["svhn-no-bn", "svhn", { model: { batchNorm: false } }],
    ["svhn-ls", "svhn", { train: { labelSmoothing: 0.1 } }],
    ["svhn-adam", "svhn", { train: { optimizer: "adam", learningRate: 1e-3, weightDecay: 0 } }],
    ["svhn-augment", "svhn", augment("standard")],
    ["svhn-flips", "svhn", augment("flips")],
    ["svhn-rotations", "svhn", augment("rotations")],
    ["svhn-dropout", "svhn", { model: { dropout: 0.5 } }],
    ["mnist-train", "mnist", {}],
  ];
}

function robustnessRows(budget: ProfileBudget): Row[] {
  const epsilon = robustnessEpsilon;
  const pgd = { attack: "pgd", epsilon, steps: budget.adversarialSteps, probability: 0.5 } as const;
  return [
    ["cifar-base", "cifar10", {}],
    ["cifar-fgsm-at", "cifar10", {
      train: { adversarial: { attack: "fgsm", epsilon, probability: 0.5 } },
    }],
    ["cifar-pgd-at", "cifar10", { train: { adversarial: pgd } }],
  ];
}

function circleRows(budget: ProfileBudget): Row[] {
  const circle = (weight: number) => ({ train: { circle: { weight, margin: 0.4, gamma: 80 } } });
  return [
    ["cifar-circle", "cifar10", circle(circleWeight)],
    ...budget.circleWeights.map((weight): Row => [
      `cifar-circle-w${weight}`,
      "cifar10",
      circle(weight),
    ]),
    ["svhn-circle", "svhn", circle(circleWeight)],
  ];
}

function fineTuningRows(budget: ProfileBudget): Row[] {
  const pretrained = { from: "run", id: "mnist-train", keepHead: true } as const;
  return budget.subsetSizes.flatMap((size, position): Row[] => {
    const suffix = position === 0 ? "" : `-n${size}`;
    const train = { epochs: budget.subsetEpochs(size) };
    const common = { data: { trainSubset: size }, transfer: false };
    return [
      [`mnist-to-svhn-probe${suffix}`, "svhn", {
        ...common,
        pretrained,
        train: { ...train, freeze: convolutions },
      }],
      [`mnist-to-svhn-finetune${suffix}`, "svhn", { ...common, pretrained, train }],
      [`mnist-to-svhn-scratch${suffix}`, "svhn", { ...common, train }],
    ];
  });
}

function pretrainedRows({ pretrained, pretrainedEpochs }: ProfileBudget): Row[] {
  return [
    ["svhn-pretrained", "svhn", { pretrained, train: { epochs: pretrainedEpochs.svhn } }],
    ["mnist-pretrained", "mnist", { pretrained, train: { epochs: pretrainedEpochs.mnist } }],
  ];
}

/**
 * The runs of the lab in one profile, in an order in which every encoder is trained before the
 * runs that start from it.
 *
 * @param profile "quick": small fixed budgets, procedural data unless a directory is named;
 *   "standard": a few hours a seed on two cores; "full": 80 epochs on all data.
 * @returns Specs with seed 0; see {@linkcode withSeed}.
 * @throws {RangeError} For any other profile.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(experimentMatrix("standard")[0]!.id, "svhn-baseline");
 * ```
 */
export function experimentMatrix(profile: Profile): RunSpec[] {
  requireOneOf("profile", profile, profiles);
  const budget = profileBudget(profile);
  return [
    ...generalizationRows(),
    ...robustnessRows(budget),
    ...circleRows(budget),
    ...fineTuningRows(budget),
    ...pretrainedRows(budget),
  ].map(([id, dataset, change]) => specOf(profile, budget, id, dataset, change));
}

/**
 * One run of the matrix by its id.
 *
 * @throws {RangeError} If the profile has no such run; the message lists those it has.
 */
export function specById(profile: Profile, id: string, seed = 0): RunSpec {
  const matrix = experimentMatrix(profile);
  const found = matrix.find((spec) => spec.id === id);
  if (found === undefined) {
    const ids = matrix.map((spec) => spec.id).join(", ");
    throw new RangeError(
      `Expected id to be a run of the ${profile} profile (${ids}) but found ${id}`,
    );
  }
  return withSeed(found, seed);
}

/** The same run with another seed. */
export function withSeed(spec: RunSpec, seed: number): RunSpec {
  return parseRunSpec({ ...spec, seed });
}
