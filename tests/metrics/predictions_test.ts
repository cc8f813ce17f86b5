import fc from "fast-check";
import { accuracy } from "../../lib/metrics/accuracy.ts";
import { brierScore } from "../../lib/metrics/brier_score.ts";
import { classRiskDecomposition, perClassAccuracy } from "../../lib/metrics/per_class.ts";
import { confusionMatrix } from "../../lib/metrics/confusion.ts";
import { negativeLogLikelihood } from "../../lib/metrics/negative_log_likelihood.ts";
import { predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { predictionsFromProbabilities } from "../../lib/metrics/predictions_from_probabilities.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { arbitraryPredictions, arbitraryReordering } from "./_arbitrary.ts";

Deno.test("logits of any size give probabilities that sum to 1", () => {
  const p = predictionsFromLogits(new Float32Array([3e38, -3e38, 0, 0, 1e-30, 0]), [0, 1, 0], 2);
  assertEquals([...p.probabilities], [1, 0, 0.5, 0.5, 0.5, 0.5]);
  assertEquals(p.length, 3);
});

Deno.test("predictions refuse what does not fit, and say what and where", () => {
  const logits = new Float32Array(4);
  const refused: [() => unknown, string][] = [
    [() => predictionsFromLogits(new Float32Array([0, 1, NaN, 0]), [0, 1], 2), "row 1, column 0"],
    [() => predictionsFromLogits(new Float32Array([0, Infinity]), [0], 2), "found Infinity"],
    [() => predictionsFromLogits(logits, [0], 2), "found 4"],
    [() => predictionsFromLogits(logits, [0, 2], 2), "labels[1]"],
    [() => predictionsFromLogits(logits, [-1, 0], 2), "labels[0]"],
    [() => predictionsFromLogits(logits, [0, 0.5], 2), "found 0.5"],
    [() => predictionsFromLogits(logits, [0, 0, 0, 0], 1), "classes"],
    [() => predictionsFromLogits(new Float32Array(0), [], 2), "labels.length"],
  ];
  for (const [call, message] of refused) assertThrows(call, RangeError, message);
  assertThrows(
    () => predictionsFromLogits([0, 1] as unknown as Float32Array, [0], 2),
    TypeError,
    "Float32Array",
  );
});

Deno.test("metrics refuse hand-made predictions whose parts do not fit", () => {
  const good = predictionsFromLogits(new Float32Array([1, 0, 0, 1]), [0, 1], 2);
  assertThrows(() => accuracy({ ...good, labels: [0] }), RangeError, "labels");
  assertThrows(() => accuracy({ ...good, labels: [0, 7] }), RangeError, "labels[1]");
  assertThrows(() => brierScore({ ...good, length: 3 }), RangeError, "logits");
  const broken = { ...good, probabilities: new Float32Array([NaN, NaN, 0, 1]) };
  for (const metric of [accuracy, brierScore, negativeLogLikelihood]) {
    assertThrows(() => metric(broken), RangeError, "row 0");
  }
  const lost = { ...good, logits: new Float32Array([NaN, 0, 0, 1]) };
  assertThrows(() => negativeLogLikelihood(lost), RangeError, "logits");
});

Deno.test("probabilities become predictions whose logits give them back", () => {
  const given = new Float64Array([0.7, 0.2, 0.1, 0, 1, 0, 0.25, 0.25, 0.5]);
  const p = predictionsFromProbabilities(given, [0, 1, 2], 3);
  assertEquals([...p.probabilities], [...Float32Array.from(given)]);
  assert(p.logits.every(Number.isFinite));
  const back = predictionsFromLogits(p.logits, p.labels, 3);
  back.probabilities.forEach((value, i) => assertAlmostEquals(value, given[i]!, 1e-6));
  // -(ln 0.7 + ln 1 + ln 0.5) / 3
  assertAlmostEquals(negativeLogLikelihood(p), -(Math.log(0.7) + Math.log(0.5)) / 3, 1e-6);
  assertAlmostEquals(p.logits[3]!, Math.log(1e-38), 1e-5);
});

Deno.test("a row of probabilities may miss 1 by a ten-thousandth, not by more", () => {
  const near = new Float32Array([0.60009, 0.4, 0.59991, 0.4]);
  assertEquals(predictionsFromProbabilities(near, [0, 0], 2).probabilities, near);
  const refused: [number[], string][] = [
    [[0.5, 0.5, 0.6002, 0.4], "row 1"],
    [[0.5, 0.5, 0.5998, 0.4], "row 1"],
    [[1.5, -0.5, 0.5, 0.5], "found 1.5"],
    [[2, 1, 0.5, 0.5], "row 0, column 0"],
    [[NaN, 1, 0.5, 0.5], "row 0, column 0"],
    [[0.5, 0.5], "found 2"],
  ];
  for (const [values, message] of refused) {
    assertThrows(
      () => predictionsFromProbabilities(new Float32Array(values), [0, 0], 2),
      RangeError,
      message,
    );
  }
  const list = [0.5, 0.5] as unknown as Float32Array;
  assertThrows(() => predictionsFromProbabilities(list, [0], 2), TypeError, "probabilities");
});

Deno.test("of equal logits the lowest class is predicted", () => {
  const p = predictionsFromLogits(new Float32Array([1, 2, 2, 0, 0, 0]), [1, 0], 3);
  assertEquals(accuracy(p), 1);
});

Deno.test("logits decide between probabilities that float32 makes equal", () => {
  const p = predictionsFromLogits(new Float32Array([0, 1e-12]), [1], 2);
  assertEquals(p.probabilities[0], p.probabilities[1]);
  assertEquals(accuracy(p), 1);
});

Deno.test("labels may be any array-like of numbers", () => {
  const logits = new Float32Array([1, 0, 0, 1, 1, 0]);
  for (const labels of [[0, 1, 1], new Uint8Array([0, 1, 1]), new Int32Array([0, 1, 1])]) {
    assertAlmostEquals(accuracy(predictionsFromLogits(logits, labels, 2)), 2 / 3, 1e-12);
  }
});

Deno.test("a class without an image has accuracy NaN and contributes no risk", () => {
  const p = predictionsFromLogits(new Float32Array([1, 0, 0, 0, 1, 0]), [0, 0], 3);
  assertEquals(perClassAccuracy(p), [0.5, NaN, NaN]);
  const { total, classes } = classRiskDecomposition(p);
  assertEquals(total, 0.5);
  assertEquals(classes[2], { label: 2, count: 0, prior: 0, risk: NaN, contribution: 0 });
});

Deno.test("class risks weighted by the priors sum to 1 - accuracy", () => {
  fc.assert(fc.property(arbitraryPredictions, (p) => {
    const { total, classes } = classRiskDecomposition(p);
    assertAlmostEquals(total, 1 - accuracy(p), 1e-12);
    let weighted = 0;
    for (const one of classes) if (one.count > 0) weighted += one.prior * one.risk;
    assertAlmostEquals(weighted, total, 1e-12);
  }));
});

Deno.test("the confusion matrix counts each image once and its diagonal the right ones", () => {
  fc.assert(fc.property(arbitraryPredictions, (p) => {
    const counts = confusionMatrix(p);
    assertEquals(counts.flat().reduce((a, b) => a + b), p.length);
    const right = counts.reduce((sum, row, k) => sum + row[k]!, 0);
    assertAlmostEquals(right / p.length, accuracy(p), 1e-12);
    const perClass = perClassAccuracy(p);
    for (const [k, row] of counts.entries()) {
      const images = row.reduce((a, b) => a + b);
      assertEquals(Number.isNaN(perClass[k]!), images === 0);
    }
  }));
});

Deno.test("Brier score and NLL stay in range and ignore the order of images", () => {
  fc.assert(fc.property(arbitraryReordering, ({ p, other }) => {
    assert(brierScore(p) >= 0 && brierScore(p) <= 2 + 1e-6);
    assert(negativeLogLikelihood(p) >= 0);
    assertAlmostEquals(brierScore(other), brierScore(p), 1e-9);
    assertAlmostEquals(negativeLogLikelihood(other), negativeLogLikelihood(p), 1e-9);
    assertEquals(confusionMatrix(other), confusionMatrix(p));
  }));
});

Deno.test("NLL adds up what each label costs", () => {
  // Uniform over four classes costs log 4; a gap of 200 the wrong way costs 200.
  const p = predictionsFromLogits(new Float32Array([7, 7, 7, 7, 200, 0, -300, -300]), [2, 1], 4);
  assertAlmostEquals(negativeLogLikelihood(p), (Math.log(4) + 200) / 2, 1e-9);
  assertEquals(p.probabilities[5], 0);
});
