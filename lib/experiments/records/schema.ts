/**
 * What result files must hold: the one declaration of it. Whatever the stored logits give, such as
 * accuracy or calibration, is computed when a record is read (see `evaluation.ts`) and declared
 * nowhere; stored is what needed the model or the images. The written files hold computed numbers
 * too, for other readers; here they are ignored.
 */
import { z } from "zod";
import { datasetSources } from "../../data/dataset.ts";
import type { History } from "../../train/history.ts";
import { profiles, runSpecSchema } from "../specs/run_spec.ts";

const share = z.number().min(0).max(1);
const amount = z.number().min(0);
const count = z.int().min(0);
const size = z.int().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");
/** One of the lab's data sets, or a name of the user's own. */
const dataset = z.string().min(1);
const source = z.enum(datasetSources);

/** Which images stayed right under one attack at one budget. */
const attackResult = z.object({
  /** "noise", "fgsm", "pgd", "apgd-ce", "apgd-dlr" or "square". */
  attack: z.string(),
  /** L-infinity budget in pixel units. */
  epsilon: amount,
  /** Iterations, or queries of the black-box attack; null where the attack has none. */
  steps: size.nullable(),
  /** The first n images were attacked. */
  n: size,
  /** One bit an image, lowest first, as hexadecimal bytes; see {@linkcode packBits}. */
  correct: z.string().regex(/^([0-9a-f]{2})*$/, "expected hexadecimal bytes"),
}).refine(
  ({ correct, n }) => correct.length === 2 * Math.ceil(n / 8),
  "correct does not hold n bits",
);

/** Geometry of the features of the evaluated images; null where it is not defined. */
const representation = z.object({
  n: count,
  silhouette: z.number().nullable(),
  knnConsistency: z.number().nullable(),
  /** Mean angles, in degrees, of features to their own and to the other classes' centroids. */
  withinAngle: z.number().nullable(),
  betweenAngle: z.number().nullable(),
});

/** One of AutoAttack's attacks: images that withstood those before it, and how many it fooled. */
const autoAttackPart = z.object({ attack: z.string(), attempted: count, fooled: count });

/** Accuracy and calibration of the first n images, corrupted. */
const corruptions = z.object({
  n: size,
  results: z.array(z.object({
    /** One of CIFAR-10-C's kinds, e.g. "gaussian_noise". */
    kind: z.string(),
    severity: z.int().min(1).max(5),
    /** Images that are answered right. */
    correct: count,
    ece: share,
    /** Kumar et al. 2019. */
    debiasedEce: share,
    brier: amount,
    nll: amount,
  })),
});

/** Randomized smoothing of the first images, beside PGD in L2 on the model without it. */
const certificates = z.object({
  sigma: z.number().positive(),
  n0: size,
  n: size,
  alpha: z.number().positive(),
  images: size,
  /** An image's class, -1 where the smoothed classifier abstains. */
  predictions: z.array(z.int().min(-1)),
  /** In L2 and pixel units. */
  radii: z.array(amount),
  /** Which images stay right under PGD at a budget in L2; bits as in an attack result. */
  attacked: z.array(z.object({ epsilon: amount, steps: size, correct: z.string() })),
}).refine(
  ({ images, predictions, radii }) => predictions.length === images && radii.length === images,
  "certificates are not one an image",
);

/** A two-dimensional map of features; its coordinates lie in the predictions file. */
const map = z.object({ method: z.string(), n: count }).nullable();

const identity = z.object({
  name: z.string(),
  split: z.string(),
  source: z.string(),
  length: size,
  sha256,
  imageShape: z.tuple([size, size, size]).readonly().optional(),
});

/** How and where a number was made. */
const provenance = z.object({
  hash: sha256,
  /** The evaluated images as loaded, with their checksum; older records have it in config.json. */
  data: identity.optional(),
  /** Version of the code's numbers; older records have it in config.json. */
  numericsVersion: z.int().optional(),
  trainedOn: z.string(),
  /** What chose the evaluated epoch, where it was not the usual validation accuracy. */
  selectBy: z.literal("robustAccuracy").optional(),
  /** Of which run the evaluated one is a variant, and what it changes. */
  variant: z.string().optional(),
  commit: z.string().nullable(),
  versions: z.record(z.string(), z.string()),
  hardware: z.string(),
  /** The kernel table; older records name none, and say whether oneDNN was on. */
  kernels: z.string().optional(),
  oneDnn: z.boolean().optional(),
  finished: z.string(),
  evaluationSeconds: amount,
});

const stored = {
  name: z.string(),
  run: z.string(),
  dataset,
  split: z.enum(["train", "test"]),
  source,
  /** The dataset with the split used, as in captions. */
  description: z.string(),
  classNames: z.array(z.string()).min(2).readonly(),
  seed: z.int(),
  n: size,
  /** Bins of the calibration errors. */
  bins: size,
  representation: representation.nullable(),
  /** Circle Loss of the first images' features over its scale; absent in older records. */
  metricLoss: amount.optional(),
  /** Mean L2 norm of the loss's gradient in the pixels. */
  inputGradientNorm: amount.nullable(),
  /** What the model does to pixels, and on whose word; of evaluations of a checkpoint alone. */
  normalisation: z.object({
    mean: z.array(z.number()).readonly(),
    std: z.array(z.number()).readonly(),
    from: z.enum(["checkpoint", "caller", "assumed"]),
  }).optional(),
  /** The budget named in tables, in pixel units. */
  epsilon: amount,
  robustnessSweep: z.array(attackResult),
  strongAttacks: z.array(attackResult),
  pgdIterationSweep: z.array(attackResult),
  /** Sanity checks against gradient masking. */
  maskingChecks: z.array(z.object({ name: z.string(), passed: z.boolean(), detail: z.string() })),
  /** The attack whose logits the predictions file holds, and the geometry of the features under it. */
  underAttack: z.object({ attack: z.string(), epsilon: amount, steps: size, representation })
    .nullable(),
  map,
  /** Clean and attacked images in one map. */
  attackedMap: map,
  /** How far the domain of the evaluated images is from the training domain. */
  domain: z.object({
    sourceName: z.string(),
    /** 2 (1 - 2 err) of a linear classifier that tells the domains' features apart. */
    proxyADistance: z.number(),
    sourceImages: size,
    targetImages: size,
    /** Distances that say what the proxy A-distance is worth. */
    controls: z.object({
      /** Proxy A-distance between two halves of the source images: what chance gives. */
      sameDomain: z.number(),
      /** The same by mean and standard deviation of each image's pixels alone. */
      twoNumbers: z.number(),
      /** CORAL distance of the features, between the domains and between halves of the source. */
      coral: amount,
      coralSameDomain: amount,
    }).optional(),
  }).nullable(),
  domainMap: map,
  /** AutoAttack's attacks in order; which images withstand them all is among `strongAttacks`. */
  autoAttack: z.array(autoAttackPart).optional(),
  corruptions: corruptions.optional(),
  certificates: certificates.optional(),
  /** Training images whose logits the predictions file holds. */
  members: z.object({ description: z.string(), n: size }).optional(),
  /** Monte-Carlo dropout whose mean probabilities the predictions file holds as logits. */
  dropout: z.object({ passes: size, rate: share }).optional(),
  /** Other data sets; the predictions file holds logits on their images and Mahalanobis scores. */
  outside: z.array(z.object({ name: z.string(), description: z.string(), n: size })).optional(),
  provenance,
};

/** `<name>.metrics.json` as it is written. */
const evaluationFile = z.object({
  schema: z.literal(2),
  ...stored,
  /** The held-out images that the temperature is fitted on; null if none is. */
  fittedOn: z.string().nullable(),
  /** Images followed over all budgets; their probabilities lie in the predictions file. */
  traces: z.object({
    n: size,
    epsilons: z.array(amount).min(1),
    attacks: z.array(z.string()).min(1),
    steps: size,
  }).nullable(),
});

const calibration = { ece: share, brier: amount, nll: amount, aurc: share };

/** Of schema 1: it holds neither held-out nor adapted logits, but what was computed from them. */
const olderEvaluationFile = z.object({
  schema: z.literal(1),
  ...stored,
  temperatureScaling: z.object({
    temperature: z.number().positive(),
    fittedOn: z.string(),
    fittedImages: size,
    ...calibration,
  }).nullable(),
  adapted: z.object({ accuracy: share, n: size, low: share, high: share, ece: share, nll: amount })
    .nullable(),
});

/** `<name>.metrics.json`, also of older records. */
export const evaluationFileSchema = z.discriminatedUnion("schema", [
  evaluationFile,
  olderEvaluationFile,
]);
/** The content of `<name>.metrics.json`. */
export type EvaluationFile = z.infer<typeof evaluationFileSchema>;
/** @internal */
type WrittenEvaluation = z.infer<typeof evaluationFile>;
/** The content of `<name>.metrics.json` as it is written. */
export type NewEvaluationFile = WrittenEvaluation;
/** What AutoAttack's attacks did, as stored. */
export type StoredAutoAttack = z.infer<typeof autoAttackPart>[];
/** Accuracy and calibration under corruptions, as stored. */
export type StoredCorruptions = z.infer<typeof corruptions>;
/** Certified radii, as stored. */
export type StoredCertificates = z.infer<typeof certificates>;
/** One attack at one budget, as stored. */
export type StoredAttack = z.infer<typeof attackResult>;
/** Geometry of features; null where it is not defined. */
export type Representation = z.infer<typeof representation>;
/** @internal */
type Origin = z.infer<typeof provenance>;
/** How and where a number was made. */
export type Provenance = Origin;
/** How far the evaluated domain is from the training domain, as stored. */
export type StoredDomain = NonNullable<NewEvaluationFile["domain"]>;

const historyFile = z.object({
  schema: z.literal(1),
  epochs: z.array(z.object({
    epoch: size,
    trainLoss: z.number(),
    trainAccuracy: share,
    validationLoss: z.number().optional(),
    validationAccuracy: share.optional(),
    robustAccuracy: share.optional(),
    learningRate: amount,
    seconds: amount,
    imagesPerSecond: amount,
  })),
  bestEpoch: count,
  selectBy: z.literal("robustAccuracy").optional(),
  warnings: z.array(z.string()).optional(),
}).refine(
  ({ epochs }) => epochs.every(({ epoch }, k) => epoch === k + 1),
  "epochs do not count from 1",
)
  .refine(
    ({ epochs, bestEpoch }) => bestEpoch <= epochs.length,
    "bestEpoch is not one of the epochs",
  );

/** `training_history.json`. */
// JSON holds no undefined, which is what the types differ in.
export const historySchema: z.ZodType<History> = historyFile as z.ZodType<unknown> as z.ZodType<
  History
>;

/** Where a run's first weights came from. */
const encoder = z.object({
  /** For tables, e.g. "encoder of cifar-base (stand-in for ImageNet weights)". */
  description: z.string(),
  /** Digest of the weights, or hash of the run. */
  digest: z.string(),
  standIn: z.boolean(),
});

/** `config.json` of a run of the matrix. */
export const configSchema = z.object({
  schema: z.literal(1),
  id: z.string(),
  seed: z.int(),
  profile: z.enum(profiles),
  /** Source of the training data. */
  source,
  /** The training data with the split used, as in captions. */
  description: z.string(),
  hash: sha256,
  trainingHash: sha256,
  numericsVersion: z.int(),
  spec: runSpecSchema,
  data: z.record(z.string(), identity),
  trainImages: size,
  validationImages: count,
  /** Inside the model: of the training images, or the encoder's. */
  normalisation: z.object({
    mean: z.array(z.number()).readonly(),
    std: z.array(z.number()).readonly(),
  }),
  encoder: encoder.nullable(),
}).refine(
  ({ id, seed, profile, spec }) => id === spec.id && seed === spec.seed && profile === spec.profile,
  "id, seed and profile are not those of spec",
);
/** @internal */
type Config = z.infer<typeof configSchema>;
/** The content of `config.json`: what the run was made of. */
export type RunConfig = Config;
/** Where a run's first weights came from. */
export type EncoderDescription = z.infer<typeof encoder>;
