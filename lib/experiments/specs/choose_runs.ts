/** The runs of a profile, chosen and changed by a command's flags. */
import { experimentMatrix, rowOf, withSeed } from "./matrix.ts";
import type { PretrainedSource, Profile, RunSpec } from "./run_spec.ts";

/** Changes that the report's flags make to the evaluation. */
export type EvaluationChange = Partial<RunSpec["evaluation"]>;

/** What a command asks for. */
export interface MatrixChoice {
  readonly profile: Profile;
  /** Default: seed 0 alone. */
  readonly seeds?: readonly number[] | undefined;
  /** Only these runs. Default: all of the profile. */
  readonly only?: readonly string[] | undefined;
  /** Only runs trained on this dataset. */
  readonly dataset?: RunSpec["dataset"] | undefined;
  /** Variants beside these runs, with seed 0; `only` may name them as well. */
  readonly variants?: readonly RunSpec[] | undefined;
  /** Instead of each run's own number of epochs. */
  readonly epochs?: number | undefined;
  /** Applied to every run that is attacked. */
  readonly evaluation?: EvaluationChange | undefined;
  /** Encoder of the pretrained runs: "imagenet", or a safetensors file. Default: the profile's. */
  readonly pretrained?: string | undefined;
  /** What that file may not say itself, e.g. its normalisation. */
  readonly pretrainedOptions?: Extract<PretrainedSource, { from: "file" }>["options"];
  /** "real": missing files are an error, wherever they are looked for. */
  readonly source?: RunSpec["data"]["source"] | undefined;
}

/**
 * Where the weights that --pretrained names come from; ImageNet's, asked for by name, have no stand-in.
 *
 * @param pretrained "imagenet" or a file.
 * @param options What that file may not say itself.
 */
export function encoderSource(
  pretrained: string,
  options: MatrixChoice["pretrainedOptions"],
): PretrainedSource {
  if (pretrained === "imagenet") return { from: "imagenet" };
  const told = options === undefined || Object.keys(options).length === 0 ? {} : { options };
  return { from: "file", path: pretrained, ...told };
}

function changed(
  spec: RunSpec,
  { epochs, evaluation, source, pretrained, pretrainedOptions }: MatrixChoice,
): RunSpec {
  const encoder =
    pretrained !== undefined && rowOf(spec.variant?.of ?? spec.id)?.group === "pretrained"
      ? { pretrained: encoderSource(pretrained, pretrainedOptions) }
      : {};
  return {
    ...spec,
    ...encoder,
    data: { ...spec.data, ...(source === undefined ? {} : { source }) },
    train: { ...spec.train, ...(epochs === undefined ? {} : { epochs }) },
    evaluation: { ...spec.evaluation, ...evaluation },
  };
}

/**
 * Chooses the runs of a command, all seeds of one run after another.
 *
 * @returns `specs` to run, and `matrix`: the whole profile with the same changes, which encoders are
 *   taken from.
 * @throws {RangeError} If an id is not a run of the profile, or nothing is left.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const { specs } = chooseRuns({ profile: "quick", only: ["cifar-base"], seeds: [0, 1] });
 * assertEquals(specs.map(({ id, seed }) => `${id} ${seed}`), ["cifar-base 0", "cifar-base 1"]);
 * ```
 */
export function chooseRuns(choice: MatrixChoice): { specs: RunSpec[]; matrix: RunSpec[] } {
  const { profile, seeds = [0], only, dataset, variants = [] } = choice;
  const matrix = experimentMatrix(profile).map((spec) => changed(spec, choice));
  const known = [...matrix, ...variants].map(({ id }) => id);
  for (const id of only ?? []) {
    if (!known.includes(id)) {
      throw new RangeError(
        `Expected only to name runs of the ${profile} profile (${
          known.join(", ")
        }) but found ${id}`,
      );
    }
  }
  const chosen = matrix.filter((spec) =>
    (only === undefined || only.includes(spec.id)) &&
    (dataset === undefined || spec.dataset === dataset)
  );
  const own = variants.map((spec) => changed(spec, choice));
  if (chosen.length + own.length === 0) {
    throw new RangeError(`Expected at least one run but found none on ${dataset} among ${only}`);
  }
  const specs = [...chosen, ...own].flatMap((spec) => seeds.map((seed) => withSeed(spec, seed)));
  return { specs, matrix };
}
