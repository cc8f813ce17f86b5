/** A trained network as the explorer's page holds it. */
import { type AttackName, attackRow, attacksOfUse } from "../../attacks/registry.ts";
import { tf } from "../../backend/tf.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { RunRecord } from "../../experiments/records/record.ts";
import type { ExplorerNetwork } from "../../explorer/explorer_data.ts";
import { storeMap } from "../../explorer/feature_place.ts";
import { type Precision, readWeights, storeWeights } from "../../explorer/stored_weights.ts";
import { firstImages } from "../../data/first_images.ts";
import { accuracy } from "../../metrics/accuracy.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import { makeNetwork } from "../../nn/architectures.ts";
import type { Network } from "../../nn/network_options.ts";
import { embedFeatures } from "../../plots/embed_features.ts";
import { collectPredictions } from "../../train/collect_predictions.ts";

/** A network for the page. */
export interface NetworkSource {
  /** E.g. "cifar-base, seed 0". */
  readonly name: string;
  /** What it learned from, as a sentence's part. */
  readonly origin: string;
  /** Left unchanged. */
  readonly model: Network;
  /** Its run, where that is finished: for the robustness curves. */
  readonly record?: RunRecord | undefined;
}

/** How it is stored. */
export interface StoreSettings {
  readonly precision: Precision;
  readonly test: Dataset;
  /** First test images on which the stored weights are compared with the exact ones. */
  readonly checkImages: number;
  /** First test images on the feature map. */
  readonly mapImages: number;
}

function answers({ logits, classes, length }: Predictions): number[] {
  return Array.from({ length }, (_, k) => {
    const row = logits.subarray(k * classes, (k + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

/** A model with the weights as the page will read them. */
async function storedModel(
  { architecture, options }: Network,
  { tensors, bytes }: Awaited<ReturnType<typeof storeWeights>>,
): Promise<Network> {
  const model = makeNetwork(architecture, options);
  const values = await readWeights(tensors, bytes);
  for (const [name, variable] of [...model.parameters, ...model.buffers]) {
    tf.tidy(() => variable.assign(tf.tensor(values.get(name)!, variable.shape)));
  }
  return model;
}

function curvesOf(record: RunRecord | undefined): ExplorerNetwork["curves"] {
  const sweep = record?.metrics.robustnessSweep ?? [];
  const lines = attacksOfUse("sweep").map((attack: AttackName) => ({
    title: attackRow(attack).title,
    points: sweep.filter((result) => result.attack === attack)
      .map(({ epsilon, accuracy }) => ({ epsilon, accuracy }))
      .sort((a, b) => a.epsilon - b.epsilon),
  })).filter(({ points }) => points.length > 1);
  if (lines.length === 0) return undefined;
  return { images: Math.min(...sweep.map(({ n }) => n)), lines };
}

/**
 * Stores a network, and measures what its stored weights lose.
 *
 * @returns What the page knows of it, its weights, compressed, and its answers to the first test images.
 */
export async function storeNetwork(
  { name, origin, model, record }: NetworkSource,
  { precision, test, checkImages, mapImages }: StoreSettings,
): Promise<
  { network: ExplorerNetwork; weights: Uint8Array<ArrayBuffer>; answers: readonly number[] }
> {
  const named = [...model.parameters, ...model.buffers].map(([name, variable]) => ({
    name,
    shape: variable.shape,
    values: variable.dataSync<"float32">(),
  }));
  const stored = await storeWeights(named, precision);
  const checked = firstImages(test, Math.max(checkImages, mapImages));
  const rounded = await storedModel(model, stored);
  const exact = await collectPredictions(model, checked);
  const found = await collectPredictions(rounded, checked, { features: true });
  rounded.dispose();
  const [before, after] = [answers(exact), answers(found)];
  const n = Math.min(mapImages, checked.length);
  const width = found.features!.length / found.length;
  const features = found.features!.slice(0, n * width);
  const { coordinates, method } = embedFeatures(features, n, width);
  const labels = Array.from(checked.labels.subarray(0, n));
  const curves = curvesOf(record);
  return {
    network: {
      name,
      origin,
      architecture: model.architecture,
      options: model.options,
      tensors: stored.tensors,
      stored: {
        n: checked.length,
        exact: accuracy(exact),
        accuracy: accuracy(found),
        agreement: after.filter((label, k) => label === before[k]).length / checked.length,
      },
      ...(curves === undefined ? {} : { curves }),
      map: storeMap({ features, width, places: coordinates, labels, method }),
    },
    weights: stored.bytes,
    answers: after,
  };
}
