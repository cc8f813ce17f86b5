/** The spec of a training that belongs to no matrix: everything that `deno task train` was told. */
import type { DatasetName } from "../../data/dataset.ts";
import { statedKnobs } from "../../train/knob_definition.ts";
import { resolveSettings, type TrainOptions } from "../../train/options.ts";
import { profileBudget } from "./profile_budget.ts";
import { parseRunSpec, type Profile, type RunSpec, specKnobs } from "./run_spec.ts";

/** What decides a training. */
export interface TrainingParts extends Pick<RunSpec, "data" | "model" | "pretrained"> {
  readonly dataset: DatasetName;
  readonly seed: number;
  readonly profile: Profile;
  /** The training knobs; those that are left out get their defaults. */
  readonly knobs: Omit<TrainOptions, "train" | "freeze"> & { readonly freeze?: string | undefined };
}

/**
 * The spec of a training, with the evaluation that its profile makes.
 *
 * @returns A spec that is named for its dataset, as no run of the matrix is.
 * @throws {TypeError|RangeError} Naming the setting that is wrong.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const spec = trainingSpec({
 *   dataset: "svhn",
 *   seed: 3,
 *   profile: "quick",
 *   data: { source: "procedural", validationFraction: 0.1 },
 *   model: { stem: "cifar", batchNorm: true, dropout: 0 },
 *   knobs: { epochs: 2 },
 * });
 * assertEquals([spec.id, spec.train.learningRate, isTraining(spec)], ["svhn", 0.01, true]);
 * ```
 */
export function trainingSpec({ dataset, knobs, ...parts }: TrainingParts): RunSpec {
  const { pretrained, ...rest } = parts;
  return parseRunSpec({
    id: dataset,
    dataset,
    ...rest,
    ...(pretrained === undefined ? {} : { pretrained }),
    train: statedKnobs(specKnobs, { ...knobs }, { ...resolveSettings(knobs) }),
    evaluation: { ...profileBudget(parts.profile).evaluation.robustness, adaptBatchNorm: false },
  });
}

/** Whether a spec is one of {@linkcode trainingSpec}'s. */
export function isTraining({ id, dataset }: Pick<RunSpec, "id" | "dataset">): boolean {
  return id === dataset;
}
