/** Runs in a page: the attack goldens and a ResNet-18, on the backend that the page names. */
import { fgsm } from "../../lib/attacks/fgsm.ts";
import { predict } from "../../lib/attacks/answers.ts";
import { pgd } from "../../lib/attacks/pgd.ts";
import { type BackendName, startBackend } from "../../lib/backend/browser/start_backend.ts";
import { tf } from "../../lib/backend/tf.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { linearClassifier } from "../../lib/nn/linear_classifier.ts";
import { convolutionalModel } from "../attacks/_convolutional_model.ts";
import golden from "../golden/attacks.json" with { type: "json" };
import { attackResNet } from "./_resnet_attacks.ts";

/** One of the golden file's models, in this browser. */
function attacked({ name, weights, ...entry }: typeof golden.models[number]) {
  const linear = weights["fc.weight"];
  const [inputs, classes] = linear.shape as [number, number];
  const model: Classifier = name === "convolutional"
    ? convolutionalModel(weights as Parameters<typeof convolutionalModel>[0])
    : linearClassifier(
      Array.from(
        { length: classes },
        (_, k) => Array.from({ length: inputs }, (_, i) => linear.values[i * classes + k]!),
      ),
      { bias: weights["fc.bias"].values, inputShape: [8, 8, 3] },
    );
  const x = tf.tensor4d(golden.x, golden.shape as [number, number, number, number]);
  const y = tf.tensor1d(golden.labels, "int32");
  const { epsilon } = golden;
  const fixed = { epsilon, stepSize: 2 / 255, steps: 3, randomStart: false };
  const expected = tf.tensor4d(entry.pgd3, x.shape);
  const found = pgd(model, x, y, fixed);
  return {
    name,
    logits: [...model.forward(x).logits.dataSync()],
    fgsm: [...fgsm(model, x, y, { epsilon }).dataSync()],
    answers: [...predict(model, found)],
    expectedAnswers: [...predict(model, expected)],
  };
}

/** What a page is asked and what it answers. */
declare const globalThis: {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly backend: BackendName;
  answer?: unknown;
};

try {
  await startBackend(globalThis.backend, globalThis.wasm);
  globalThis.answer = { models: golden.models.map(attacked), resnet: attackResNet() };
} catch (error) {
  globalThis.answer = { error: String(error) };
}
