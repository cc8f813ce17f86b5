/** A network of the page: its weights, what it says of an image, and where it puts it on its map. */
import { saliency } from "../attacks/saliency.ts";
import { tf } from "../backend/tf.ts";
import { predictionsFromLogits } from "../metrics/predictions.ts";
import { applyTemperature } from "../metrics/temperature.ts";
import { makeNetwork } from "../nn/architectures.ts";
import type { Classifier } from "../nn/classifier.ts";
import { forward } from "../nn/forward.ts";
import type { ExplorerNetwork } from "./explorer_data.ts";
import { fromBase64 } from "./_base64.ts";
import { type Neighbourhood, neighbourhood, type Place, placeOn } from "./feature_place.ts";
import { readWeights } from "./stored_weights.ts";

/** What a network says of one image. */
export interface Answer {
  readonly logits: Float32Array;
  readonly features: Float32Array;
  /** The class of the largest logit. */
  readonly label: number;
}

/** A network that can be asked. */
export interface OpenNetwork extends ExplorerNetwork {
  readonly model: Classifier;
  ask(x: tf.Tensor4D): Answer;
  place(features: Float32Array): Place;
  /** [h x w] of the class's score, scaled to [0, 1]. */
  saliency(x: tf.Tensor4D, label: number): Float32Array;
}

/** The probabilities of an answer at a temperature. */
export function probabilitiesOf({ logits, label }: Answer, temperature: number): Float32Array {
  const p = predictionsFromLogits(logits, [label], logits.length);
  return applyTemperature(p, temperature).probabilities;
}

function ask(model: Classifier, x: tf.Tensor4D): Answer {
  const kept = tf.tidy(() => {
    const { logits, features } = forward(model, x);
    return { logits, features };
  });
  const logits = kept.logits.dataSync<"float32">();
  const features = kept.features.dataSync<"float32">();
  tf.dispose([kept.logits, kept.features]);
  return { logits, features, label: logits.indexOf(Math.max(...logits)) };
}

function shownSaliency(model: Classifier, x: tf.Tensor4D, label: number): Float32Array {
  const map = saliency(model, x, label);
  const values = map.dataSync<"float32">();
  map.dispose();
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return largest === 0 ? values : values.map((value) => value / largest);
}

/**
 * Makes a network from what the page holds.
 *
 * @param weights Base64 of its stored weights.
 */
export async function openNetwork(
  stored: ExplorerNetwork,
  weights: string,
): Promise<OpenNetwork> {
  const model = makeNetwork(stored.architecture, stored.options);
  const values = await readWeights(stored.tensors, fromBase64(weights));
  for (const { name, shape } of stored.tensors) {
    const variable = model.parameters.get(name) ?? model.buffers.get(name)!;
    tf.tidy(() => variable.assign(tf.tensor(values.get(name)!, [...shape])));
  }
  const near: Neighbourhood = neighbourhood(stored.map);
  return {
    ...stored,
    model,
    ask: (x) => ask(model, x),
    place: (features) => placeOn(near, features),
    saliency: (x, label) => shownSaliency(model, x, label),
  };
}
