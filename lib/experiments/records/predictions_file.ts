/** `<name>.predictions.safetensors`: logits, labels and maps of one evaluation. */
import { writeAtomically } from "../../files/write_atomically.ts";
import { type Predictions, predictionsFromLogits } from "../../metrics/predictions.ts";
import { damagedTensors, readSafetensors } from "../../nn/read_safetensors.ts";
import { encodeSafetensors, type StoredTensor } from "../../nn/safetensors.ts";
import { SafetensorsError } from "../../nn/safetensors_header.ts";
import type { FeatureBasis } from "../../plots/embed_features.ts";
import { sha256 } from "../../format/sha256.ts";

/** Names the file in errors. */
const WHAT = "the predictions";

/** Points of a feature map with what colours them. */
export interface FeaturePoints {
  /** n x 2, row-major. */
  readonly coordinates: Float32Array;
  /** n class indices. */
  readonly labels: Uint8Array;
  /** n times the position of the point's domain: 0 source, 1 target. */
  readonly domains: Uint8Array;
  /** How the map was made, e.g. "UMAP". */
  readonly method: string;
  /** Where a new image would lie: kept in half precision, for the map of one evaluation. */
  readonly basis?: FeatureBasis | undefined;
}

/** A few images followed over all budgets of some attacks. */
export interface Traces {
  /** Places of the n images in the evaluated split. */
  readonly indices: Int32Array;
  /** By attack: budgets x n x classes probabilities, row-major. */
  readonly probabilities: ReadonlyMap<string, Float32Array>;
}

/** Outputs on one data set that the model never saw. */
export interface OutsideSet {
  /** E.g. "svhn-test". */
  readonly name: string;
  /** Outputs on its images. */
  readonly predictions: Predictions;
  /** One score an image; higher means more inside. */
  readonly mahalanobis: Float32Array;
}

/** What tells images of other data sets from those of the model's own. */
export interface Novelty {
  /** Mahalanobis scores of the first images of the model's own test split. */
  readonly inside: Float32Array;
  /** The other data sets. */
  readonly sets: readonly OutsideSet[];
}

/** What a predictions file holds. */
export interface PredictionsContent {
  /** Logits and labels of the evaluated images. */
  readonly predictions: Predictions;
  /** Map of the evaluated images' features. */
  readonly map: FeaturePoints | undefined;
  /** Outputs on attacked images. */
  readonly attacked: Predictions | undefined;
  /** Outputs on the held-out training images, in the file of the run's own test split. */
  readonly heldOut?: Predictions | undefined;
  /** Outputs with batch norm's statistics re-estimated on the evaluated images (AdaBN). */
  readonly adapted?: Predictions | undefined;
  /** A few images followed over all budgets; absent where no attack was traced. */
  readonly traces?: Traces | undefined;
  /** Outputs on the first training images. */
  readonly members?: Predictions | undefined;
  /** Means of Monte-Carlo dropout's probabilities. */
  readonly dropout?: Predictions | undefined;
  /** Answers to other data sets. */
  readonly novelty?: Novelty | undefined;
  /** Map of clean (domain 0) and attacked (domain 1) features. */
  readonly attackedMap: FeaturePoints | undefined;
  /** Map of the training domain's and the evaluated domain's features in one picture. */
  readonly domainMap: FeaturePoints | undefined;
}

function tensor(values: ArrayLike<number>, shape: number[]): StoredTensor {
  return { shape, values: Float32Array.from(values) };
}

function addOutputs(tensors: Map<string, StoredTensor>, prefix: string, outputs: Predictions) {
  const { logits, labels, length, classes } = outputs;
  tensors.set(`${prefix}logits`, tensor(logits, [length, classes]));
  tensors.set(`${prefix}labels`, tensor(labels, [length]));
}

function addPoints(tensors: Map<string, StoredTensor>, name: string, points: FeaturePoints): void {
  const n = points.labels.length;
  tensors.set(`${name}.coordinates`, tensor(points.coordinates, [n, 2]));
  tensors.set(`${name}.labels`, tensor(points.labels, [n]));
  tensors.set(`${name}.domains`, tensor(points.domains, [n]));
  if (points.basis === undefined) return;
  const { mean, components, projected } = points.basis;
  const half = (values: Float32Array, shape: number[]) =>
    ({ shape, values, dtype: "F16" }) as const;
  tensors.set(`${name}.mean`, half(mean, [mean.length]));
  tensors.set(
    `${name}.components`,
    half(components, [components.length / mean.length, mean.length]),
  );
  tensors.set(`${name}.projected`, half(projected, [n, projected.length / n]));
}

function addTraces(tensors: Map<string, StoredTensor>, traces: Traces, classes: number): void {
  const { indices, probabilities } = traces;
  tensors.set("traces.indices", tensor(indices, [indices.length]));
  for (const [attack, values] of probabilities) {
    const shape = [values.length / (indices.length * classes), indices.length, classes];
    tensors.set(`traces.${attack}`, tensor(values, shape));
  }
}

function addNovelty(tensors: Map<string, StoredTensor>, { inside, sets }: Novelty): void {
  tensors.set("mahalanobis", tensor(inside, [inside.length]));
  for (const { name, predictions, mahalanobis } of sets) {
    addOutputs(tensors, `outside.${name}.`, predictions);
    tensors.set(`outside.${name}.mahalanobis`, tensor(mahalanobis, [mahalanobis.length]));
  }
}

/**
 * Writes logits [N, K], labels [N], the maps' points and the traces as float32 tensors, and the basis
 * of a map as float16.
 *
 * @throws {Error} Naming the file, if it cannot be written.
 */
export async function writePredictions(path: string, content: PredictionsContent): Promise<void> {
  const { predictions, attacked, heldOut, adapted, traces, map, domainMap, attackedMap } = content;
  const { members, dropout, novelty } = content;
  const tensors = new Map<string, StoredTensor>();
  addOutputs(tensors, "", predictions);
  if (attacked !== undefined) addOutputs(tensors, "attacked.", attacked);
  if (heldOut !== undefined) addOutputs(tensors, "heldOut.", heldOut);
  if (adapted !== undefined) addOutputs(tensors, "adapted.", adapted);
  if (members !== undefined) addOutputs(tensors, "members.", members);
  if (dropout !== undefined) addOutputs(tensors, "dropout.", dropout);
  if (novelty !== undefined) addNovelty(tensors, novelty);
  if (traces !== undefined) addTraces(tensors, traces, predictions.classes);
  const metadata: Record<string, string> = { schema: "2" };
  for (const [name, points] of Object.entries({ map, domainMap, attackedMap })) {
    if (points === undefined) continue;
    addPoints(tensors, name, points);
    metadata[`${name}.method`] = points.method;
  }
  const withDigest = (data: Uint8Array) => ({ ...metadata, sha256: sha256(data) });
  await writeAtomically(path, encodeSafetensors(tensors, withDigest));
}

/** What a predictions file of this layout must hold. */
type Content = Awaited<ReturnType<typeof readSafetensors>>;

/** One-dimensional tensor of n whole numbers below a bound. */
function indices({ tensors, dataStart }: Content, name: string, n: number, bound: number) {
  const found = tensors.get(name);
  const fits = found?.shape.join() === `${n}` &&
    found.values.every((value) => Number.isInteger(value) && value >= 0 && value < bound);
  if (!fits) {
    const what = `it has no ${name} of ${n} whole numbers below ${bound}`;
    throw new SafetensorsError(what, dataStart);
  }
  return found.values;
}

function outputsOf(content: Content, prefix: string): Predictions | undefined {
  const logits = content.tensors.get(`${prefix}logits`);
  if (logits === undefined) return undefined;
  const [n, classes] = logits.shape;
  if (logits.shape.length !== 2 || !n || !classes || logits.values.some(Number.isNaN)) {
    const what = `its ${prefix}logits are not numbers of shape [N, K]`;
    throw new SafetensorsError(what, content.dataStart);
  }
  const labels = Int32Array.from(indices(content, `${prefix}labels`, n, classes));
  return predictionsFromLogits(logits.values, labels, classes);
}

/** Domains are counted in a byte, labels as well. */
const BYTE_VALUES = 256;

function pointsOf(content: Content, name: string): FeaturePoints | undefined {
  const { tensors, metadata, dataStart } = content;
  const coordinates = tensors.get(`${name}.coordinates`);
  const method = metadata[`${name}.method`];
  if (coordinates === undefined && method === undefined) return undefined;
  if (coordinates?.shape.length !== 2 || coordinates.shape[1] !== 2 || method === undefined) {
    const what = `its ${name} has no coordinates of shape [N, 2] and a method`;
    throw new SafetensorsError(what, dataStart);
  }
  const n = coordinates.shape[0]!;
  const bytes = (key: string) =>
    Uint8Array.from(indices(content, `${name}.${key}`, n, BYTE_VALUES));
  const basis = basisOf(content, name, n);
  return {
    coordinates: coordinates.values,
    labels: bytes("labels"),
    domains: bytes("domains"),
    method,
    ...(basis === undefined ? {} : { basis }),
  };
}

function basisOf(
  { tensors, dataStart }: Content,
  name: string,
  n: number,
): FeatureBasis | undefined {
  const [mean, components, projected] = ["mean", "components", "projected"]
    .map((part) => tensors.get(`${name}.${part}`));
  if (mean === undefined && components === undefined && projected === undefined) return undefined;
  const [d, k] = [mean?.shape[0], components?.shape[0]];
  if (
    mean?.shape.join() !== `${d}` || components?.shape.join() !== `${k},${d}` ||
    projected?.shape.join() !== `${n},${k}`
  ) {
    throw new SafetensorsError(
      `its ${name} has no basis of shapes [D], [K, D] and [${n}, K]`,
      dataStart,
    );
  }
  return { mean: mean!.values, components: components!.values, projected: projected!.values };
}

function tracesOf(content: Content, { length, classes }: Predictions): Traces | undefined {
  const { tensors, dataStart } = content;
  const n = tensors.get("traces.indices")?.shape[0];
  if (n === undefined) return undefined;
  const places = Int32Array.from(indices(content, "traces.indices", n, length));
  const probabilities = new Map<string, Float32Array>();
  for (const [name, { shape, values }] of tensors) {
    if (!name.startsWith("traces.") || name === "traces.indices") continue;
    if (shape.length !== 3 || shape[1] !== n || shape[2] !== classes) {
      throw new SafetensorsError(`its ${name} is not of shape [E, ${n}, ${classes}]`, dataStart);
    }
    probabilities.set(name.slice("traces.".length), values);
  }
  return { indices: places, probabilities };
}

function scoresOf({ tensors, dataStart }: Content, name: string, n?: number): Float32Array {
  const found = tensors.get(name);
  const fits = found?.shape.length === 1 && (n === undefined || found.shape[0] === n) &&
    found.values.every(Number.isFinite);
  if (!fits) {
    throw new SafetensorsError(`its ${name} are not ${n ?? ""} numbers`, dataStart);
  }
  return found.values;
}

function noveltyOf(content: Content): Novelty | undefined {
  if (!content.tensors.has("mahalanobis")) return undefined;
  const names = [...content.tensors.keys()].flatMap((name) =>
    /^outside\.(.+)\.logits$/.exec(name)?.[1] ?? []
  );
  return {
    inside: scoresOf(content, "mahalanobis"),
    sets: names.map((name) => {
      const predictions = outputsOf(content, `outside.${name}.`)!;
      const mahalanobis = scoresOf(content, `outside.${name}.mahalanobis`, predictions.length);
      return { name, predictions, mahalanobis };
    }),
  };
}

/**
 * Reads what {@linkcode writePredictions} wrote.
 *
 * @throws {FileError} Naming the file and the byte, if it is missing or damaged.
 */
export async function readPredictions(path: string): Promise<PredictionsContent> {
  const content = await readSafetensors(path, WHAT);
  try {
    const { metadata, data, dataStart } = content;
    if (metadata["sha256"] !== sha256(data)) {
      throw new SafetensorsError("its tensors do not match their SHA-256", dataStart);
    }
    const predictions = outputsOf(content, "");
    if (predictions === undefined) {
      throw new SafetensorsError("it has no logits [N, K] and labels [N]", dataStart);
    }
    return {
      predictions,
      attacked: outputsOf(content, "attacked."),
      heldOut: outputsOf(content, "heldOut."),
      adapted: outputsOf(content, "adapted."),
      members: outputsOf(content, "members."),
      dropout: outputsOf(content, "dropout."),
      novelty: noveltyOf(content),
      traces: tracesOf(content, predictions),
      map: pointsOf(content, "map"),
      attackedMap: pointsOf(content, "attackedMap"),
      domainMap: pointsOf(content, "domainMap"),
    };
  } catch (error) {
    if (error instanceof SafetensorsError) throw damagedTensors(path, WHAT, error);
    throw error;
  }
}
