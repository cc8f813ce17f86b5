/** Finished runs made of invented numbers, on disk, so that nothing has to be trained. */
import { join } from "node:path";
import type { Dataset, DatasetName } from "../../lib/data/dataset.ts";
import { packBits } from "../../lib/experiments/records/complete_evaluation.ts";
import { specById, withSeed } from "../../lib/experiments/specs/matrix.ts";
import {
  type FeaturePoints,
  writePredictions,
} from "../../lib/experiments/records/predictions_file.ts";
import { loadRecord, type RunRecord } from "../../lib/experiments/records/record.ts";
import type {
  NewEvaluationFile,
  RunConfig,
  StoredAttack,
} from "../../lib/experiments/records/schema.ts";
import type { Profile, RunSpec } from "../../lib/experiments/specs/run_spec.ts";
import { type VariantChanges, variantSpec } from "../../lib/experiments/specs/variant.ts";
import { variantText } from "../../lib/experiments/specs/variant_text.ts";
import { type Predictions, predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { generator } from "../../lib/random/generator.ts";

const classNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** What to invent. */
export interface Invented {
  readonly id?: string;
  readonly seed?: number;
  readonly profile?: Profile;
  readonly source?: Dataset["source"];
  /** Right answers among the test images. Default 60 of 80. */
  readonly right?: number;
  readonly n?: number;
  /** Right answers under PGD at 8/255 among the attacked images, the first 40. Default 10. */
  readonly robust?: number;
  readonly hash?: string;
  readonly trainingHash?: string;
  /** Changes to the training's settings. */
  readonly train?: Partial<RunSpec["train"]>;
  /** Makes it a variant of the run that `id` names. */
  readonly variant?: VariantChanges;
}

/** Predictions with exactly `right` right answers, the first ones; labels go round the classes. */
export function inventPredictions(n: number, right: number, seed = 0): Predictions {
  const { uniform } = generator(seed);
  const labels = Int32Array.from({ length: n }, (_, i) => i % 10);
  const logits = new Float32Array(n * 10).map(() => uniform());
  labels.forEach((label, i) => {
    const winner = i < right ? label : (label + 1) % 10;
    logits[i * 10 + winner]! += 2 + 2 * uniform();
  });
  return predictionsFromLogits(logits, labels, 10);
}

function attack(name: string, epsilon: number, right: number, n = 40): StoredAttack {
  const correct = Uint8Array.from({ length: n }, (_, i) => i < right ? 1 : 0);
  const steps = name === "pgd" ? 10 : null;
  return { attack: name, epsilon, steps, n, correct: packBits(correct) };
}

function points(n: number): FeaturePoints {
  const { normal } = generator(7);
  return {
    coordinates: new Float32Array(2 * n).map(() => normal()),
    labels: Uint8Array.from({ length: n }, (_, i) => i % 10),
    domains: Uint8Array.from({ length: n }, (_, i) => i % 2),
    method: "invented",
  };
}

function describe(dataset: DatasetName, n: number, source: string): string {
  return `${dataset} test, ${n} images, ${source}`;
}

/** What files say of a run whose best epoch the usual accuracy did not choose. */
function selectionOf({ train: { selectBy } }: RunSpec) {
  return selectBy === "robustAccuracy" ? { selectBy } : {};
}

function inventEvaluation(
  spec: RunSpec,
  dataset: DatasetName,
  p: Predictions,
  { source = "procedural", robust = 10, hash = "0".repeat(64) }: Invented,
): NewEvaluationFile {
  const own = dataset === spec.dataset;
  const sweep = own
    ? ["noise", "fgsm", "pgd"].flatMap((name, k) => [
      attack(name, 0, 30),
      attack(name, 8 / 255, Math.max(0, robust + 2 * (2 - k))),
    ])
    : [];
  return {
    schema: 2,
    name: `${dataset}-test`,
    run: spec.id,
    dataset,
    split: "test",
    source,
    description: describe(dataset, p.length, source),
    classNames,
    seed: spec.seed,
    n: p.length,
    bins: 15,
    fittedOn: own ? "held out" : null,
    representation: {
      n: 40,
      silhouette: 0.25,
      knnConsistency: 0.75,
      withinAngle: 20,
      betweenAngle: 70,
    },
    inputGradientNorm: own ? 0.5 : null,
    epsilon: 8 / 255,
    robustnessSweep: sweep,
    strongAttacks: [],
    pgdIterationSweep: own
      ? [1, 5, 10].map((steps, k) => ({ ...attack("pgd", 8 / 255, 20 - 5 * k, 30), steps }))
      : [],
    maskingChecks: own ? [{ name: "noise is weaker", passed: true, detail: "0.4 > 0.2" }] : [],
    underAttack: null,
    map: { method: "invented", n: 40 },
    attackedMap: null,
    traces: null,
    domain: own ? null : {
      sourceName: `${spec.dataset}-test`,
      proxyADistance: 1.5,
      sourceImages: 80,
      targetImages: p.length,
    },
    domainMap: own ? null : { method: "invented", n: 40 },
    provenance: {
      hash,
      trainedOn: "invented",
      commit: null,
      versions: { deno: "2" },
      hardware: "none",
      finished: "2026-01-01T00:00:00.000Z",
      evaluationSeconds: 1,
      ...selectionOf(spec),
      ...(spec.variant === undefined ? {} : { variant: variantText(spec)! }),
    },
  };
}

function inventConfig(spec: RunSpec, invented: Invented): RunConfig {
  const { source = "procedural", hash = "0".repeat(64), trainingHash = hash } = invented;
  return {
    schema: 1,
    id: spec.id,
    seed: spec.seed,
    profile: spec.profile,
    source,
    description: `${spec.dataset} train, 100 images, ${source}`,
    hash,
    trainingHash,
    numericsVersion: 1,
    spec,
    data: {
      train: { name: spec.dataset, split: "train", source, length: 100, sha256: "ab".repeat(32) },
    },
    trainImages: 100,
    validationImages: 10,
    normalisation: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
    encoder: null,
  };
}

const epoch = {
  epoch: 1,
  trainLoss: 2,
  trainAccuracy: 0.4,
  validationLoss: 1.9,
  validationAccuracy: 0.35,
  learningRate: 0.01,
  seconds: 2,
  imagesPerSecond: 50,
};

const history = {
  schema: 1,
  epochs: [epoch, {
    ...epoch,
    epoch: 2,
    trainLoss: 1,
    trainAccuracy: 0.8,
    validationLoss: 1.2,
    validationAccuracy: 0.7,
  }],
  bestEpoch: 2,
};

/**
 * Invents a finished run below a folder.
 *
 * @param folder The run's own directory; created.
 */
export async function inventRun(folder: string, invented: Invented = {}): Promise<RunRecord> {
  const { id = "svhn-baseline", seed = 0, profile = "quick", n = 80, right = 60 } = invented;
  const usual = withSeed(specById(profile, id), seed);
  const trained = { ...usual, train: { ...usual.train, ...invented.train } };
  const spec = invented.variant === undefined ? trained : variantSpec(trained, invented.variant);
  await Deno.mkdir(folder, { recursive: true });
  const write = (name: string, text: string) => Deno.writeTextFile(join(folder, name), text);
  await write("config.json", JSON.stringify(inventConfig(spec, invented)));
  await write("training_history.json", JSON.stringify({ ...history, ...selectionOf(spec) }));
  const targets = [spec.evaluation.transferTo, spec.dataset].filter((one) => one !== undefined);
  for (const dataset of targets) {
    const p = inventPredictions(n, dataset === spec.dataset ? right : Math.floor(right / 2), seed);
    const evaluation = inventEvaluation(spec, dataset, p, invented);
    const path = join(folder, `${evaluation.name}.predictions.safetensors`);
    const own = dataset === spec.dataset;
    const domainMap = own ? undefined : points(40);
    await writePredictions(path, {
      predictions: p,
      attacked: undefined,
      heldOut: own ? inventPredictions(50, 30, 9) : undefined,
      adapted: own ? undefined : inventPredictions(n, Math.floor(right * 5 / 8), seed + 1),
      map: points(40),
      attackedMap: undefined,
      domainMap,
    });
    await write(`${evaluation.name}.metrics.json`, JSON.stringify(evaluation, null, 1));
  }
  const record = await loadRecord(folder);
  if (record === undefined) throw new Error(`The invented run in ${folder} is not finished`);
  return record;
}

/** Calls with a folder that is removed afterwards. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
