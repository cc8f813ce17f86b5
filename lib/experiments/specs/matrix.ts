/** The runs of the lab: which dataset, and what is changed against its baseline. */
import { requireOneOf, requireParts } from "../../arguments/require.ts";
import { datasetDefinition, type DatasetName, datasetNames } from "../../data/dataset.ts";
import { CIRCLE_WEIGHT, type ProfileBudget, profileBudget } from "./profile_budget.ts";
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
const CONVOLUTIONS = "^(?!fc\\.)";
const ROBUSTNESS_EPSILON = 8 / 255;
/** The data sets of the matrix, each of which is new to models that were trained on another. */
const builtIn = ["mnist", "svhn", "cifar10"] as const satisfies DatasetName[];

function specOf(
  profile: Profile,
  budget: ProfileBudget,
  { id, dataset, change }: MatrixRow,
): RunSpec {
  const { trainLimit, testLimit, ...training } = budget.datasets[dataset];
  const transferTo = change.transfer === false ? undefined : datasetDefinition(dataset).transferTo;
  const kind = dataset === "cifar10" ? "robustness" : "light";
  const outside = builtIn.filter((name) => name !== dataset);
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
      ...budget.evaluation[kind],
      ...budget.published[kind],
      ...(dataset === "mnist" ? { epsilons: budget.mnistEpsilons } : {}),
      ...(budget.outsideImages === 0
        ? {}
        : { outside: { datasets: outside, images: budget.outsideImages } }),
      ...(transferTo === undefined ? {} : { transferTo }),
      adaptBatchNorm: transferTo !== undefined && change.model?.batchNorm !== false,
    },
  });
}

/** A chart of several runs in the report's gallery. */
export type GalleryName =
  | "svhn_accuracy"
  | "svhn_training"
  | "domains"
  | "fine_tuning"
  | "robustness"
  | "minimum_epsilon"
  | "risk_coverage"
  | "label_smoothing_calibration"
  | "circle_robustness";

/** Where a report shows a run, apart from its tables. */
export type Place =
  | GalleryName
  /** The folder of figures holds every chart of the run, not only the usual ones. */
  | "all_charts"
  /** The conclusion compares the run with its baseline in these respects. */
  | "conclusion_accuracy"
  | "conclusion_robustness"
  | "conclusion_calibration";

/** One run of the matrix: all that the lab knows about its id. */
export interface MatrixRow {
  readonly id: string;
  readonly dataset: DatasetName;
  /** The run that its change is judged against; a baseline has none. */
  readonly baseline?: string;
  readonly group:
    | "generalization"
    | "robustness"
    | "circle"
    | "fine-tuning"
    | "pretrained"
    | "stem";
  /** Name of its curve where accuracy is drawn over the number of training images. */
  readonly curve?: string;
  readonly shownIn: readonly Place[];
  readonly change: Change;
}

function generalizationRows(): MatrixRow[] {
  const group = "generalization";
  const row = (id: string, change: Change, ...shownIn: Place[]): MatrixRow => {
    const places: Place[] = ["svhn_accuracy", ...shownIn];
    return { id, dataset: "svhn", baseline: "svhn-baseline", group, shownIn: places, change };
  };
  const augment = (kind: RunSpec["train"]["augment"]) => ({ train: { augment: kind } });
  const adam = { optimizer: "adam", learningRate: 1e-3, weightDecay: 0 } as const;
  const smoothed = ["label_smoothing_calibration", "conclusion_calibration"] as const;
  return [
    {
      id: "svhn-baseline",
      dataset: "svhn",
      group,
      shownIn: ["svhn_accuracy", "svhn_training", "domains", "all_charts"],
      change: {},
    },
    row("svhn-no-bn", { model: { batchNorm: false } }, "svhn_training", "conclusion_accuracy"),
    row("svhn-ls", { train: { labelSmoothing: 0.1 } }, ...smoothed),
    row("svhn-adam", { train: adam }, "svhn_training", "conclusion_accuracy"),
    row("svhn-augment", augment("standard"), "conclusion_accuracy"),
    row("svhn-flips", augment("flips"), "conclusion_accuracy"),
    row("svhn-rotations", augment("rotations")),
    row("svhn-dropout", { model: { dropout: 0.5 } }),
    { id: "mnist-train", dataset: "mnist", group, shownIn: ["all_charts"], change: {} },
  ];
}

function robustnessRows(budget: ProfileBudget): MatrixRow[] {
  const epsilon = ROBUSTNESS_EPSILON;
  const pgd = { attack: "pgd", epsilon, steps: budget.adversarialSteps, probability: 0.5 } as const;
  const fgsm = { attack: "fgsm", epsilon, probability: 0.5 } as const;
  const common = { dataset: "cifar10", group: "robustness" } as const;
  const trained = { ...common, baseline: "cifar-base" };
  const attacked = (adversarial: NonNullable<RunSpec["train"]["adversarial"]>) => ({
    ...(budget.further ? { selectBy: "robustAccuracy" as const } : {}),
    adversarial,
  });
  const shownIn: Place[] = ["robustness", "minimum_epsilon", "risk_coverage"];
  return [
    {
      ...common,
      id: "cifar-base",
      shownIn: [...shownIn, "circle_robustness", "all_charts"],
      change: {},
    },
    {
      ...trained,
      id: "cifar-fgsm-at",
      shownIn: [...shownIn, "conclusion_robustness"],
      change: { train: attacked(fgsm) },
    },
    {
      ...trained,
      id: "cifar-pgd-at",
      shownIn: [...shownIn, "circle_robustness", "all_charts", "conclusion_robustness"],
      change: { train: attacked(pgd) },
    },
    ...(budget.further ? furtherRobustnessRows(pgd, attacked) : []),
  ];
}

/** Other ways to train for robustness, beside PGD on half of the batches. */
function furtherRobustnessRows(
  pgd: NonNullable<RunSpec["train"]["adversarial"]>,
  attacked: (adversarial: typeof pgd) => Partial<RunSpec["train"]>,
): MatrixRow[] {
  const shownIn: Place[] = ["robustness"];
  const common = { dataset: "cifar10", group: "robustness", shownIn } as const;
  const { attack: _, probability: __, ...budget } = pgd;
  const circle = { weight: CIRCLE_WEIGHT, margin: 0.4, gamma: 80 };
  return [
    {
      ...common,
      id: "cifar-pgd-at-p1",
      baseline: "cifar-pgd-at",
      change: { train: attacked({ ...pgd, probability: 1 }) },
    },
    {
      ...common,
      id: "cifar-trades",
      baseline: "cifar-pgd-at-p1",
      change: { train: attacked({ ...budget, attack: "trades", probability: 1 }) },
    },
    {
      ...common,
      id: "cifar-pgd-at-circle",
      baseline: "cifar-pgd-at",
      change: { train: { ...attacked(pgd), circle } },
    },
    ...[0.12, 0.25].map((noiseSigma): MatrixRow => ({
      ...common,
      id: `cifar-noise-${noiseSigma}`,
      baseline: "cifar-base",
      change: { train: { noiseSigma } },
    })),
  ];
}

/** One network for both kinds of digits: the joint error that the bound on transfer needs. */
function jointRow(): MatrixRow {
  return {
    id: "digits-joint",
    dataset: "svhn",
    group: "generalization",
    shownIn: ["domains"],
    change: { data: { joint: "mnist" } },
  };
}

/** The two stems on a part of the images, since the one for small images takes many times longer. */
function stemRows(): MatrixRow[] {
  return (["imagenet", "cifar"] as const).map((stem): MatrixRow => ({
    id: `cifar-stem-${stem}`,
    dataset: "cifar10",
    ...(stem === "cifar" ? { baseline: "cifar-stem-imagenet" } : {}),
    group: "stem",
    shownIn: [],
    change: { model: { stem }, data: { trainSubset: 10_000 }, train: { epochs: 10 } },
  }));
}

function circleRows(budget: ProfileBudget): MatrixRow[] {
  const circle = (weight: number) => ({ train: { circle: { weight, margin: 0.4, gamma: 80 } } });
  const cifar = { dataset: "cifar10", baseline: "cifar-base", group: "circle" } as const;
  return [
    {
      ...cifar,
      id: "cifar-circle",
      shownIn: ["circle_robustness", "conclusion_robustness"],
      change: circle(CIRCLE_WEIGHT),
    },
    ...budget.circleWeights.map((weight): MatrixRow => ({
      ...cifar,
      id: `cifar-circle-w${weight}`,
      shownIn: ["circle_robustness"],
      change: circle(weight),
    })),
    {
      id: "svhn-circle",
      dataset: "svhn",
      baseline: "svhn-baseline",
      group: "circle",
      shownIn: ["svhn_accuracy"],
      change: circle(CIRCLE_WEIGHT),
    },
  ];
}

function fineTuningRows(budget: ProfileBudget): MatrixRow[] {
  const pretrained = { from: "run", id: "mnist-train", keepHead: true } as const;
  return budget.subsetSizes.flatMap((size, position): MatrixRow[] => {
    const suffix = position === 0 ? "" : `-n${size}`;
    const train = { epochs: budget.subsetEpochs(size) };
    const data = { data: { trainSubset: size }, transfer: false };
    const row = (curve: string, change: Change): MatrixRow => ({
      id: `mnist-to-svhn-${curve}${suffix}`,
      dataset: "svhn",
      ...(curve === "scratch" ? {} : { baseline: `mnist-to-svhn-scratch${suffix}` }),
      group: "fine-tuning",
      curve,
      shownIn: ["fine_tuning"],
      change: { ...data, ...change },
    });
    return [
      row("probe", { pretrained, train: { ...train, freeze: CONVOLUTIONS } }),
      row("finetune", { pretrained, train }),
      row("scratch", { train }),
    ];
  });
}

function pretrainedRows({ pretrained, pretrainedEpochs }: ProfileBudget): MatrixRow[] {
  const group = "pretrained";
  return [
    {
      id: "svhn-pretrained",
      dataset: "svhn",
      baseline: "svhn-baseline",
      group,
      shownIn: ["svhn_accuracy"],
      change: { pretrained, train: { epochs: pretrainedEpochs.svhn } },
    },
    {
      id: "mnist-pretrained",
      dataset: "mnist",
      baseline: "mnist-train",
      group,
      shownIn: [],
      change: { pretrained, train: { epochs: pretrainedEpochs.mnist } },
    },
  ];
}

function rowsOf(budget: ProfileBudget): MatrixRow[] {
  return [
    ...generalizationRows(),
    ...robustnessRows(budget),
    ...circleRows(budget),
    ...fineTuningRows(budget),
    ...pretrainedRows(budget),
    ...(budget.further ? [jointRow(), ...stemRows()] : []),
  ];
}

/** What of a row is the same in each profile that has the run. */
export type KnownRun = Omit<MatrixRow, "change">;

/** The runs of all profiles by their ids, in the order of the matrix. */
const known: ReadonlyMap<string, KnownRun> = new Map(
  profiles.flatMap((profile) => rowsOf(profileBudget(profile))).map((row) => [row.id, row]),
);

/**
 * What the lab knows about a run: what it is compared with and where it is shown.
 *
 * @param id A run's id.
 * @returns `undefined` for an id that no profile's matrix has.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(
 *   ["svhn-ls", "mnist-pretrained", "mnist-to-svhn-probe-n250"].map((id) => rowOf(id)?.baseline),
 *   ["svhn-baseline", "mnist-train", "mnist-to-svhn-scratch-n250"],
 * );
 * assertEquals(rowOf("svhn-baseline")?.baseline, undefined);
 * ```
 */
export function rowOf(id: string): KnownRun | undefined {
  return known.get(id);
}

/** The runs of all profiles that a place shows, in the order of the matrix. */
export function idsShownIn(place: Place): string[] {
  return [...known.values()].filter(({ shownIn }) => shownIn.includes(place)).map(({ id }) => id);
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
  return rowsOf(budget).map((row) => specOf(profile, budget, row));
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
  requireParts("spec", spec, "a run spec", []);
  return parseRunSpec({ ...spec, seed });
}

/** The data sets that the runs of the lab train or test on, in the order of the registry. */
export const matrixDatasets: readonly DatasetName[] = (() => {
  const specs = experimentMatrix("full");
  const used = specs.flatMap(({ dataset, evaluation }) => [dataset, evaluation.transferTo]);
  return datasetNames.filter((name) => used.includes(name));
})();
