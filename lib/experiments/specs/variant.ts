/** Variants: a run of the matrix with some of its settings changed, under a name of its own. */
import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import { requireParts, requireText } from "../../arguments/require.ts";
import { datasetNames } from "../../data/dataset.ts";
import { settingsOf, type SpecSettings } from "./_spec_settings.ts";
import { rowOf, specById } from "./matrix.ts";
import { statedKnobs } from "../../train/knob_definition.ts";
import { resolveSettings } from "../../train/options.ts";
import { parseRunSpec, type RunSpec, specKnobs, specNames, trainingOptions } from "./run_spec.ts";

/** A part of a spec in which anything may be changed; `null` takes an optional setting away. */
export type Changed<T> = {
  readonly [K in keyof T]?:
    | (NonNullable<T[K]> extends readonly unknown[] ? T[K]
      : NonNullable<T[K]> extends object ? Changed<NonNullable<T[K]>>
      : T[K])
    | null
    | undefined;
};

/** What a variant changes; every other setting is its parent's. */
export interface VariantChanges {
  /** A name of its own: lower-case letters, digits, dots and hyphens. */
  readonly id: string;
  /** Training knobs, e.g. `{ epochs: 8, learningRate: 0.05 }`. */
  readonly train?: Changed<RunSpec["train"]> | undefined;
  /** `stem`, `batchNorm`, `dropout`. */
  readonly model?: Changed<RunSpec["model"]> | undefined;
  /** How many images are used, and from where. */
  readonly data?: Changed<RunSpec["data"]> | undefined;
  /** What is measured, and on how many images. */
  readonly evaluation?: Changed<RunSpec["evaluation"]> | undefined;
}

const { train, model, data, evaluation } = specNames;
/** The names of {@linkcode VariantChanges}. */
export const variantNames: OptionNames<VariantChanges> = {
  id: true,
  train,
  model,
  data,
  evaluation,
};

const ID_PATTERN = /^[a-z0-9][a-z0-9.-]*$/;

function requireOwnId(id: unknown): void {
  requireText("id of a variant", id);
  if (!ID_PATTERN.test(id as string)) {
    throw new RangeError(
      `Expected id of a variant to be lower-case letters, digits, dots and hyphens, e.g. "mine", ` +
        `but found "${id}"`,
    );
  }
  const taken = rowOf(id as string) !== undefined
    ? "a run of the matrix"
    : (datasetNames as readonly string[]).includes(id as string)
    ? "the name of a data set"
    : undefined;
  if (taken === undefined) return;
  throw new RangeError(
    `Expected id of a variant to be a name of its own but found "${id}", ${taken}; choose another, ` +
      `e.g. "my-${id}"`,
  );
}

type Part = Readonly<Record<string, unknown>>;

function isPart(value: unknown): value is Part {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A part of a spec with its changes: `undefined` says nothing, `null` takes a setting away. */
function merged(before: Part, changes: Part): Part {
  const result: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    const old = before[name];
    if (value === null) delete result[name];
    else result[name] = isPart(value) ? merged(isPart(old) ? old : {}, value) : value;
  }
  return result;
}

/** Another attack or another batch leaves no meaning to what the parent set beside its own. */
function trainingOf(parent: RunSpec, changes: Part): Part {
  const { adversarial, batchSize, classBalanced } = changes;
  const before: Record<string, unknown> = { ...parent.train };
  if (isPart(adversarial) && parent.train.adversarial !== undefined) {
    const { attack, epsilon, probability } = parent.train.adversarial;
    const kept = probability === undefined ? { epsilon } : { epsilon, probability };
    if (![undefined, attack].includes(adversarial.attack as typeof attack)) {
      before.adversarial = kept;
    }
  }
  const result = merged(before, changes);
  const balanced = result.classBalanced;
  if (!isPart(classBalanced) || batchSize !== undefined || !isPart(balanced)) return result;
  return { ...result, batchSize: Number(balanced.classes) * Number(balanced.images) };
}

/** Batch norm is adapted to another domain only where both are there. */
function evaluationOf(parent: RunSpec, model: Part, changes: Part): Part {
  const result = merged(parent.evaluation, changes);
  const possible = model.batchNorm === true && result.transferTo !== undefined;
  return changes.adaptBatchNorm === undefined && !possible
    ? { ...result, adaptBatchNorm: false }
    : result;
}

/** The images without which the distance of two domains is not defined. */
const LEAST_MAP_IMAGES = 4;

/** Refuses settings that contradict each other across the parts of a spec. */
function requireConsistent({ id, dataset, model, pretrained, profile, evaluation }: RunSpec): void {
  const { transferTo, adaptBatchNorm } = evaluation;
  if (transferTo === dataset) {
    throw new RangeError(
      `Expected evaluation.transferTo of ${id} to be another data set than its own but found ` +
        `"${transferTo}"`,
    );
  }
  if (adaptBatchNorm && !(model.batchNorm && transferTo !== undefined)) {
    throw new RangeError(
      `Expected evaluation.adaptBatchNorm of ${id} to be false without ` +
        `${model.batchNorm ? "evaluation.transferTo" : "batch norm"} but found true`,
    );
  }
  if (transferTo !== undefined && evaluation.mapImages < LEAST_MAP_IMAGES) {
    throw new RangeError(
      `Expected evaluation.mapImages of ${id} to be at least ${LEAST_MAP_IMAGES} with ` +
        `evaluation.transferTo, whose distance is measured on them, but found ` +
        `${evaluation.mapImages}; set transferTo to null to leave the other domain out`,
    );
  }
  if (pretrained === undefined || pretrained.from === "file") return;
  const encoder = pretrained.from === "run" ? specById(profile, pretrained.id).model : {
    stem: "imagenet",
    batchNorm: true,
  };
  for (const name of ["stem", "batchNorm"] as const) {
    if (model[name] === encoder[name]) continue;
    throw new RangeError(
      `Expected model.${name} of ${id} to be ${JSON.stringify(encoder[name])}, as in the encoder ` +
        `that it starts from, but found ${JSON.stringify(model[name])}`,
    );
  }
}

/** The order in which changed settings are listed. */
const PARTS = ["data", "model", "train", "evaluation"] as const;

/** The parent's values of the settings in which a variant differs; null where it has none. */
function valuesBefore(parent: SpecSettings, variant: SpecSettings): SpecSettings {
  const places = [...new Set([...Object.keys(parent), ...Object.keys(variant)])];
  const differing = places.filter((place) =>
    JSON.stringify(parent[place]) !== JSON.stringify(variant[place])
  );
  const ordered = PARTS.flatMap((part) =>
    differing.filter((place) => place.startsWith(`${part}.`))
  );
  return Object.fromEntries(ordered.map((place) => [place, parent[place] ?? null]));
}

/**
 * Changes settings of a run; the result says which ones, so that every table, chart and statement
 * about it can.
 *
 * @param parent A run of the matrix.
 * @param changes Its own id, and what it changes.
 * @returns A spec that is made and cached like any other.
 * @throws {TypeError} If a setting is unknown or its value is of the wrong kind.
 * @throws {RangeError} If the id is taken or malformed, or settings contradict each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { specById } from "./matrix.ts";
 * const parent = specById("quick", "svhn-baseline");
 * const mine = variantSpec(parent, { id: "mine", train: { learningRate: 0.05 } });
 * assertEquals(mine.train, { ...parent.train, learningRate: 0.05 });
 * assertEquals(mine.variant, { of: "svhn-baseline", before: { "train.learningRate": 0.02 } });
 * ```
 */
export function variantSpec(parent: RunSpec, changes: VariantChanges): RunSpec {
  requireParts("parent", parent, "a run spec", ["id", "train", "model", "data", "evaluation"]);
  requireParts("changes", changes, "a variant's changes", ["id"]);
  requireKnownOptions("variant", changes, variantNames);
  requireOwnId(changes.id);
  const part = (name: keyof VariantChanges) => (changes[name] ?? {}) as Part;
  // A group that the parent lacks, e.g. `circle`, gets the defaults that a spec states.
  const trained = trainingOf(parent, part("train")) as RunSpec["train"];
  const knobs = resolveSettings(trainingOptions(trained));
  const model = merged(parent.model, part("model"));
  const { variant: _, ...settings } = parent;
  const spec = parseRunSpec({
    ...settings,
    id: changes.id,
    data: merged(parent.data, part("data")),
    model,
    train: statedKnobs(specKnobs, { ...trained }, { ...knobs }),
    evaluation: evaluationOf(parent, model, part("evaluation")),
  });
  requireConsistent(spec);
  const before = valuesBefore(settingsOf(parent), settingsOf(spec));
  return parseRunSpec({ ...spec, variant: { of: parent.id, before } });
}

/** The run that a run is compared with: a variant's parent, else its baseline in the matrix. */
export function baselineOf({ id, variant }: Pick<RunSpec, "id" | "variant">): string | undefined {
  return variant?.of ?? rowOf(id)?.baseline;
}
