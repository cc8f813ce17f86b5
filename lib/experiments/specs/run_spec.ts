/** The settings of one run: plain JSON, checked, with every number that decides the result. */
import { type NameTable, requireKnownOptions } from "../../arguments/known_options.ts";
import { z } from "zod";
import { attacksOfUse } from "../../attacks/registry.ts";
import { datasetNames } from "../../data/dataset.ts";
import { DEFAULT_MODEL, MODEL_FACTS, MODEL_NAMES, type ModelName } from "../../nn/model_names.ts";
import { schemaOf } from "../../train/knob_definition.ts";
import { trainKnobs } from "../../train/knobs.ts";
import { resolveSettings } from "../../train/options.ts";

const fraction = z.number().min(0).max(1);
const count = z.int().min(1);
const datasetName = z.enum(datasetNames);

const dataSchema = z.strictObject({
  /**
   * "auto": the named data directory, which must then hold the files; where none is named, the
   * procedural stand-ins in the quick profile and, in the others, data/raw if it holds the dataset.
   */
  source: z.enum(["auto", "real", "procedural"]),
  /** The first N images of each split; all where absent. */
  trainLimit: count.optional(),
  testLimit: count.optional(),
  /** Share of the training images held out, stratified, for every choice the run makes. */
  validationFraction: fraction,
  /** Train on this many images, stratified, of what is left after the hold-out; all where absent. */
  trainSubset: count.optional(),
  /** Train on the images of this dataset too: what one network can reach on both domains. */
  joint: datasetName.optional(),
});

const networkName = z.enum(MODEL_NAMES);

/** Networks with one stem cannot be told another one. */
function requireStem(
  { architecture = DEFAULT_MODEL, stem, batchNorm }: {
    architecture?: ModelName | undefined;
    stem: string;
    batchNorm: boolean;
  },
  context: z.RefinementCtx,
): void {
  const { choosesStem, title } = MODEL_FACTS[architecture];
  if (choosesStem || (stem === "cifar" && batchNorm)) return;
  const message = `a ${title} has the stem cifar and batch norm`;
  context.addIssue({ code: "custom", message });
}

const modelSchema = z.strictObject({
  /** Default "resnet18", which counts like an absent one. */
  architecture: networkName.optional(),
  stem: z.enum(["imagenet", "cifar"]),
  batchNorm: z.boolean(),
  dropout: z.number().min(0).lt(1),
}).superRefine(requireStem);

const toldSchema = z.strictObject({
  model: networkName.optional(),
  mean: z.array(z.number()).min(1).readonly().optional(),
  std: z.array(z.number().positive()).min(1).readonly().optional(),
  stem: z.enum(["imagenet", "cifar"]).optional(),
  classes: count.optional(),
  imageSize: z.union([count, z.tuple([count, count]).readonly()]).optional(),
});

/** Where an encoder's weights come from; the head is new unless `keepHead`. */
const pretrainedSchema = z.discriminatedUnion("from", [
  z.strictObject({ from: z.literal("run"), id: z.string(), keepHead: z.boolean() }),
  z.strictObject({
    from: z.literal("file"),
    path: z.string(),
    /** What the file itself may not say; see {@linkcode ToldOptions}. */
    options: toldSchema.optional(),
  }),
  z.strictObject({
    from: z.literal("imagenet"),
    /** The run whose encoder stands in, under its own name, where the weights are not at hand. */
    standIn: z.string().optional(),
  }),
]);

// The seed is the whole run's.
const { seed: _seed, ...allButSeed } = trainKnobs;
/** The knobs that a spec has. */
export const specKnobs: typeof allButSeed = allButSeed;

const evaluationSchema = z.strictObject({
  batchSize: count,
  /** Bins of the calibration errors and the reliability diagram. */
  bins: count,
  /** Images of the feature map, of the example grid, of the mean input-gradient norm. */
  mapImages: z.int().min(0),
  gridImages: z.int().min(0),
  gradientImages: z.int().min(0),
  /** The budget named in tables, in pixel units. */
  epsilon: fraction,
  epsilons: z.array(fraction).min(1),
  attacks: z.array(z.enum(attacksOfUse("sweep"))).min(1),
  attackSteps: count,
  /** The first N test images are attacked; 0 for no sweep. */
  attackImages: z.int().min(0),
  iterationSteps: z.array(count),
  iterationImages: z.int().min(0),
  /** The strong attacks (see lib/attacks/registry.ts) at `epsilon` on the first N images; 0 for none. */
  strongImages: z.int().min(0),
  apgdSteps: count,
  squareQueries: count,
  /** Images of the gradient-masking checks; 0 for none. */
  maskingImages: z.int().min(0),
  // What follows came later: absent, it is not measured, and no hash changes.
  /** AutoAttack's standard version at `epsilon` on the first N images, by the run's seed. */
  autoAttackImages: z.strictObject({ seed0: count, others: count }).optional(),
  /** Every corruption and severity on the first N images. */
  corruptionImages: count.optional(),
  /** Certified radii on the first N images, under noise as the training had it. */
  certifiedImages: count.optional(),
  /** Outputs on the first N training images: what membership inference compares with. */
  memberImages: count.optional(),
  /** Passes of Monte-Carlo dropout. */
  dropoutPasses: count.optional(),
  /** Outputs on the first N test images of each of these data sets, which the run never saw. */
  outside: z.strictObject({ datasets: z.array(datasetName).min(1), images: count }).optional(),
  /** The other dataset whose test split shows how the run transfers. */
  transferTo: datasetName.optional(),
  /** Also evaluate with batch-norm statistics re-estimated on the target's images (AdaBN). */
  adaptBatchNorm: z.boolean(),
});

/** What makes a run a variant of another: see {@linkcode variantSpec}. */
const variantSchema = z.strictObject({
  /** The run of the matrix that it changes. */
  of: z.string(),
  /** The parent's values of the changed settings by their place, e.g. "train.epochs"; null: none. */
  before: z.record(z.string(), z.json()),
});

type Training = z.infer<ReturnType<typeof schemaOf<typeof specKnobs>>>;

/**
 * The training of a spec as options of `train`. A spec states milestones and their decay also beside
 * a schedule that has none; at their defaults they are left out there.
 */
export function trainingOptions<T extends Training>(train: T): T {
  if ((train.schedule ?? "multistep") === "multistep") return train;
  const { milestones, decay } = trainKnobs;
  const usual = { milestones: milestones.default, decay: decay.default };
  const stated = Object.entries(usual).filter(([name, value]) =>
    String(train[name as keyof typeof usual]) === String(value)
  );
  return { ...train, ...Object.fromEntries(stated.map(([name]) => [name, undefined])) };
}

/** Knobs that contradict each other are refused as `train` refuses them. */
function requireConsistent(train: Training, context: z.RefinementCtx): void {
  try {
    resolveSettings(trainingOptions(train));
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
}

/** What {@linkcode parseRunSpec} checks. */
export const runSpecSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  seed: z.int().min(0),
  profile: z.enum(["quick", "standard", "full"]),
  dataset: datasetName,
  data: dataSchema,
  model: modelSchema,
  pretrained: pretrainedSchema.optional(),
  train: schemaOf(specKnobs).superRefine(requireConsistent),
  evaluation: evaluationSchema,
  variant: variantSchema.optional(),
});

/** The names of a schema's fields, those of objects in it under their own. */
function namesOf(schema: unknown): true | NameTable {
  if (schema instanceof z.ZodOptional) return namesOf(schema.unwrap());
  if (schema instanceof z.ZodDiscriminatedUnion) {
    return Object.assign({}, ...schema.options.map(namesOf));
  }
  if (!(schema instanceof z.ZodObject)) return true;
  return Object.fromEntries(
    Object.entries(schema.shape).map(([name, field]) => [name, namesOf(field)]),
  );
}

/** The names of {@linkcode RunSpec}, those of its parts under their own. */
export const specNames = namesOf(runSpecSchema) as {
  readonly [K in keyof Spec]-?: true | NameTable;
};
/** The names of {@linkcode EvaluationOptions}. */
export const evaluationNames = namesOf(evaluationSchema) as NameTable;

/** @internal */
type Spec = z.infer<typeof runSpecSchema>;
/** All settings of one run; see {@linkcode experimentMatrix} for the runs of the lab. */
export type RunSpec = Spec;
/** How long and on how much the runs of a matrix work. */
export type Profile = RunSpec["profile"];
/** What is measured on a trained model, and on how many images. */
export type EvaluationOptions = RunSpec["evaluation"];
/** Where an encoder's weights come from. */
export type PretrainedSource = NonNullable<RunSpec["pretrained"]>;

/** The network that a run trains. */
export function modelName({ model }: Pick<RunSpec, "model">): ModelName {
  return model.architecture ?? DEFAULT_MODEL;
}

/** The profiles' names, from shortest to longest. */
export const profiles: readonly Profile[] = ["quick", "standard", "full"];

/**
 * Checks the settings of a run.
 *
 * @param value Anything, e.g. parsed JSON.
 * @returns The same settings, typed.
 * @throws {TypeError} Naming each field that is wrong, missing or unknown.
 * @example
 * ```ts
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
 * assertThrows(() => parseRunSpec({ id: "svhn-baseline" }), TypeError, "seed");
 * ```
 */
export function parseRunSpec(value: unknown): RunSpec {
  if (Object(value) === value) requireKnownOptions("spec", value, specNames);
  const parsed = runSpecSchema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message, input }) => {
    const found = typeof input === "object" || input === undefined ? "" : `, found ${input}`;
    return `${path.join(".") || "the spec"}: ${message}${found}`;
  });
  throw new TypeError(`Expected a run spec but found problems: ${problems.join("; ")}`);
}
