/**
 * What result files must hold. A committed figure is evidence: fields that say the same twice, such as
 * an accuracy and the confusion matrix, must agree.
 */
import { z } from "zod";
import { datasetNames } from "../../data/dataset.ts";
import type { History } from "../../train/history.ts";
import { type Evaluation, unpackBits } from "./evaluation.ts";
import type { DataIdentity } from "../../train/run_directory.ts";
import { profiles, type RunSpec, runSpecSchema } from "../specs/run_spec.ts";

/** Where a run's first weights came from. */
export interface EncoderDescription {
  /** In words, for tables, e.g. "encoder of cifar-base (stand-in for ImageNet weights)". */
  readonly description: string;
  /** Digest of the weights, or hash of the run. */
  readonly digest: string;
  readonly standIn: boolean;
}

/** The content of `config.json`. */
export interface RunConfig {
  readonly schema: 1;
  readonly id: string;
  readonly seed: number;
  readonly profile: RunSpec["profile"];
  /** Source of the training data. */
  readonly source: string;
  /** The training data in words, with the split used. */
  readonly description: string;
  readonly hash: string;
  readonly trainingHash: string;
  readonly numericsVersion: number;
  readonly spec: RunSpec;
  readonly data: Readonly<Record<string, DataIdentity>>;
  readonly trainImages: number;
  readonly validationImages: number;
  /** Inside the model: of the training images, or the encoder's. */
  readonly normalisation: { readonly mean: readonly number[]; readonly std: readonly number[] };
  readonly encoder: EncoderDescription | null;
}

const share = z.number().min(0).max(1);
const amount = z.number().min(0);
const count = z.int().min(0);
const size = z.int().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");
const dataset = z.enum(datasetNames);
const source = z.enum(["real", "real-subset", "procedural"]);

const proportion = { accuracy: share, n: size, low: share, high: share };

/** The share of n packed bits that are ones. */
function shareOf(packed: string, n: number): number {
  return unpackBits(packed, n).reduce((sum, bit) => sum + bit, 0) / n;
}

/** Room for rounding in a JSON number. */
const SLACK = 1e-9;

const attackResult = z.object({
  ...proportion,
  attack: z.string(),
  epsilon: amount,
  steps: size.nullable(),
  correct: z.string().regex(/^([0-9a-f]{2})*$/, "expected hexadecimal bytes"),
}).refine(({ correct, n }) => correct.length === 2 * Math.ceil(n / 8), {
  error: "correct does not hold n bits",
  abort: true,
})
  .refine(
    ({ correct, n, accuracy }) => Math.abs(shareOf(correct, n) - accuracy) < SLACK,
    "accuracy is not the share of correct",
  );

const calibration = { ece: share, brier: amount, nll: amount, aurc: share };
const angle = z.number().nullable();
const representation = z.object({
  n: count,
  silhouette: z.number().nullable(),
  knnConsistency: z.number().nullable(),
  withinAngle: angle,
  betweenAngle: angle,
});
const map = z.object({ method: z.string(), n: count }).nullable();

const identity = z.object({ name: dataset, split: z.string(), source, length: size, sha256 });

const provenance = z.object({
  hash: sha256,
  data: identity.optional(),
  numericsVersion: z.int().optional(),
  trainedOn: z.string(),
  commit: z.string().nullable(),
  versions: z.record(z.string(), z.string()),
  hardware: z.string(),
  finished: z.string(),
  evaluationSeconds: amount,
});

/** `<name>.metrics.json`. */
export const evaluationSchema: z.ZodType<Evaluation> = z.object({
  schema: z.literal(1),
  name: z.string(),
  run: z.string(),
  dataset,
  split: z.enum(["train", "test"]),
  source,
  description: z.string(),
  classNames: z.array(z.string()).min(2),
  n: size,
  seed: z.int(),
  accuracy: share,
  accuracyInterval: z.object({ low: share, high: share }),
  bins: size,
  ...calibration,
  eceMass: share,
  maximumCalibrationError: share,
  classwiseEce: share,
  excessAurc: z.number(),
  selectiveAccuracy80: share,
  selectiveAccuracy90: share,
  perClassAccuracy: z.array(share.nullable()),
  confusion: z.array(z.array(count)),
  temperatureScaling: z.object({
    temperature: z.number().positive(),
    fittedOn: z.string(),
    fittedImages: size,
    ...calibration,
  }).nullable(),
  representation: representation.nullable(),
  inputGradientNorm: amount.nullable(),
  epsilon: amount,
  robustnessSweep: z.array(attackResult),
  strongAttacks: z.array(attackResult),
  worstCase: z.array(z.object({ ...proportion, epsilon: amount, attacks: z.array(z.string()) })),
  pgdIterationSweep: z.array(attackResult),
  maskingChecks: z.array(z.object({ name: z.string(), passed: z.boolean(), detail: z.string() })),
  underAttack: z.object({
    ...proportion,
    ...calibration,
    attack: z.string(),
    epsilon: amount,
    steps: size,
    representation,
  }).nullable(),
  map,
  attackedMap: map,
  domain: z.object({
    sourceName: z.string(),
    sourceRisk: share,
    targetRisk: share,
    proxyADistance: z.number(),
    sourceImages: size,
    targetImages: size,
  }).nullable(),
  domainMap: map,
  adapted: z.object({ ...proportion, ece: share, nll: amount }).nullable(),
  provenance,
}).refine(
  ({ confusion, classNames: { length } }) =>
    confusion.length === length && confusion.every((row) => row.length === length),
  "confusion is not K x K",
)
  .refine(
    ({ confusion, n }) => confusion.flat().reduce((a, b) => a + b, 0) === n,
    "confusion does not count n images",
  )
  .refine(({ confusion, n, accuracy }) => {
    const right = confusion.reduce((sum, row, k) => sum + (row[k] ?? 0), 0);
    return Math.abs(right / n - accuracy) < SLACK;
  }, "accuracy does not agree with confusion");

const historyObject = z.object({
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
  warnings: z.array(z.string()).optional(),
}).refine(
  ({ epochs }) => epochs.every(({ epoch }, k) => epoch === k + 1),
  "epochs do not count from 1",
)
  .refine(({ epochs, bestEpoch }) => bestEpoch <= epochs.length, "bestEpoch is no epoch");

/** `training_history.json`. */
// JSON holds no undefined, which is what the types differ in.
export const historySchema: z.ZodType<History> = historyObject as z.ZodType<unknown> as z.ZodType<
  History
>;

/** `config.json` of a run of the matrix. */
export const configSchema: z.ZodType<RunConfig> = z.object({
  schema: z.literal(1),
  id: z.string(),
  seed: z.int(),
  profile: z.enum(profiles),
  source,
  description: z.string(),
  hash: sha256,
  trainingHash: sha256,
  numericsVersion: z.int(),
  spec: runSpecSchema,
  data: z.record(z.string(), identity),
  trainImages: size,
  validationImages: count,
  normalisation: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }),
  encoder: z.object({ description: z.string(), digest: z.string(), standIn: z.boolean() })
    .nullable(),
}).refine(
  ({ id, seed, profile, spec }) => id === spec.id && seed === spec.seed && profile === spec.profile,
  "id, seed and profile are not those of spec",
);
