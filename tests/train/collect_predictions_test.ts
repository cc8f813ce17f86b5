import { tf } from "../../lib/backend/tf.ts";
import { accuracy } from "../../lib/metrics/accuracy.ts";
import { negativeLogLikelihood } from "../../lib/metrics/negative_log_likelihood.ts";
import { collectPredictions } from "../../lib/train/collect_predictions.ts";
import { lossAndAccuracy } from "../../lib/train/loss_and_accuracy.ts";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "../../lib/assert/mod.ts";
import { tileDataset, tinyClassifier } from "./tiny_classifier.ts";

const data = tileDataset(50, 3);
const model = tinyClassifier(2, { dropout: 0.5 });

function assertSame(actual: Float32Array, expected: Float32Array): void {
  assertEquals(actual.length, expected.length);
  actual.forEach((value, k) => assertAlmostEquals(value, expected[k]!, 1e-5));
}

Deno.test("predictions come in the data's order, with one row of logits and features an image", async () => {
  const p = await collectPredictions(model, data, { features: true, batchSize: 16 });
  assertEquals([p.length, p.classes, p.logits.length, p.features!.length], [50, 10, 500, 400]);
  assertEquals([...p.labels as Uint8Array], [...data.labels]);
  const pixels = Float32Array.from(data.images.subarray(0, 3072), (byte) => byte / 255);
  const { logits, features } = model.forward(tf.tensor4d(pixels, [1, 32, 32, 3]));
  assertSame(p.logits.slice(0, 10), logits.dataSync() as Float32Array);
  assertSame(p.features!.slice(0, 8), features.dataSync() as Float32Array);
  tf.dispose([logits, features]);
});

Deno.test("the batch size does not change predictions", async () => {
  const whole = await collectPredictions(model, data);
  assertSame((await collectPredictions(model, data, { batchSize: 7 })).logits, whole.logits);
});

Deno.test("a limit takes the first images; features stay out unless asked for", async () => {
  const whole = await collectPredictions(model, data);
  const some = await collectPredictions(model, data, { limit: 9, batchSize: 4 });
  assertEquals([some.length, some.logits.length, some.features], [9, 90, undefined]);
  assertSame(some.logits, whole.logits.slice(0, 90));
  assertEquals((await collectPredictions(model, data, { limit: 1000 })).length, 50);
});

Deno.test("lossAndAccuracy agrees with the metrics of the collected predictions", async () => {
  const p = await collectPredictions(model, data);
  const { loss, accuracy: share } = await lossAndAccuracy(model, data, { batchSize: 16 });
  assertAlmostEquals(loss, negativeLogLikelihood(p), 1e-5);
  assertAlmostEquals(share, accuracy(p), 1e-9);
});

Deno.test("collecting calls the model in eval mode and leaves no tensors", async () => {
  const before = tf.memory().numTensors;
  model.calls.length = 0;
  await collectPredictions(model, data, { features: true, batchSize: 16 });
  assert(model.calls.length === 4 && model.calls.every(({ training }) => !training));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("collecting refuses a limit or batch size of zero and stops at its signal", async () => {
  await assertRejects(() => collectPredictions(model, data, { limit: 0 }), RangeError, "limit");
  await assertRejects(
    () => collectPredictions(model, data, { batchSize: 0 }),
    RangeError,
    "batchSize",
  );
  const stopped = () => collectPredictions(model, data, { signal: AbortSignal.abort() });
  assertEquals((await assertRejects(stopped, DOMException)).name, "AbortError");
});
