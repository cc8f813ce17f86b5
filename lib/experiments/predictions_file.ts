/** `<name>.predictions.safetensors`: logits, labels and maps of one evaluation. */
import { createHash } from "node:crypto";
import { writeAtomically } from "../files/write_atomically.ts";
import { type Predictions, predictionsFromLogits } from "../metrics/predictions.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../nn/safetensors.ts";

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
}

/** What a predictions file holds. */
export interface PredictionsContent {
  readonly predictions: Predictions;
  /** Map of the evaluated images' features. */
  readonly map: FeaturePoints | undefined;
  /** Outputs on attacked images. */
  readonly attacked: Predictions | undefined;
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
}

/**
 * Writes logits [N, K], labels [N] and the maps' points as float32 tensors.
 *
 * @throws {Error} Naming the file, if it cannot be written.
 */
export async function writePredictions(path: string, content: PredictionsContent): Promise<void> {
  const { predictions, attacked, map, domainMap, attackedMap } = content;
  const tensors = new Map<string, StoredTensor>();
  addOutputs(tensors, "", predictions);
  if (attacked !== undefined) addOutputs(tensors, "attacked.", attacked);
  const metadata: Record<string, string> = { schema: "1" };
  for (const [name, points] of Object.entries({ map, domainMap, attackedMap })) {
    if (points === undefined) continue;
    addPoints(tensors, name, points);
    metadata[`${name}.method`] = points.method;
  }
  const withDigest = (data: Uint8Array) => ({ ...metadata, sha256: digestOf(data) });
  await writeAtomically(path, encodeSafetensors(tensors, withDigest));
}

function digestOf(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function outputsOf(
  tensors: ReadonlyMap<string, StoredTensor>,
  prefix: string,
): Predictions | undefined {
  const logits = tensors.get(`${prefix}logits`);
  const labels = tensors.get(`${prefix}labels`);
  const classes = logits?.shape[1];
  if (logits === undefined || labels === undefined || classes === undefined) return undefined;
  return predictionsFromLogits(logits.values, Int32Array.from(labels.values), classes);
}

function pointsOf(
  { tensors, metadata }: ReturnType<typeof decodeSafetensors>,
  name: string,
): FeaturePoints | undefined {
  const coordinates = tensors.get(`${name}.coordinates`);
  if (coordinates === undefined) return undefined;
  const bytes = (key: string) => Uint8Array.from(tensors.get(`${name}.${key}`)?.values ?? []);
  return {
    coordinates: coordinates.values,
    labels: bytes("labels"),
    domains: bytes("domains"),
    method: metadata[`${name}.method`] ?? "unknown",
  };
}

/**
 * Reads what {@linkcode writePredictions} wrote.
 *
 * @throws {Error} Naming the file, if it is missing or damaged.
 */
export async function readPredictions(path: string): Promise<PredictionsContent> {
  try {
    const content = decodeSafetensors(await Deno.readFile(path));
    const { tensors, metadata, data } = content;
    if (metadata["sha256"] !== digestOf(data)) throw new Error("it does not match its SHA-256");
    const predictions = outputsOf(tensors, "");
    if (predictions === undefined) throw new Error("it has no logits [N, K] and labels [N]");
    return {
      predictions,
      attacked: outputsOf(tensors, "attacked."),
      map: pointsOf(content, "map"),
      domainMap: pointsOf(content, "domainMap"),
      attackedMap: pointsOf(content, "attackedMap"),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read the predictions ${path}: ${reason}`, { cause: error });
  }
}
