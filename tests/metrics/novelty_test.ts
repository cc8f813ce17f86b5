import { mahalanobisScores } from "../../lib/metrics/mahalanobis_scores.ts";
import { membershipInference } from "../../lib/metrics/membership_inference.ts";
import { outOfDistribution } from "../../lib/metrics/out_of_distribution.ts";
import { type Predictions, predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { separation } from "../../lib/metrics/separation.ts";
import { generator } from "../../lib/random/generator.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

/** Two-class predictions with the given logit gaps. */
function gaps(...values: number[]): Predictions {
  const logits = Float32Array.from(values.flatMap((gap) => [gap, 0]));
  return predictionsFromLogits(logits, new Uint8Array(values.length), 2);
}

Deno.test("turning a score round turns the AUROC round", () => {
  const { normal } = generator(1);
  const [a, b] = [
    Array.from({ length: 50 }, normal),
    Array.from({ length: 30 }, () => normal() + 1),
  ];
  const { auroc } = separation(a, b);
  assertAlmostEquals(separation(b, a).auroc, 1 - auroc, 1e-12);
  const negated = separation(a.map((x) => -x), b.map((x) => -x));
  assertAlmostEquals(negated.auroc, 1 - auroc, 1e-12);
});

Deno.test("a score that is the same everywhere tells nothing", () => {
  assertEquals(separation([1, 1, 1], [1]), { auroc: 0.5, aupr: 0.75, fpr95: 1 });
});

Deno.test("infinite scores rank as what they are", () => {
  assertEquals(separation([Infinity, 1], [-Infinity, 0]), { auroc: 1, aupr: 1, fpr95: 0 });
});

Deno.test("fpr95 is taken where 95 % of the positives are reached exactly", () => {
  // 19 of 20 positives lie above the negative at 0.5.
  const positives = Array.from({ length: 20 }, (_, i) => i);
  assertEquals(separation(positives, [0.5]).fpr95, 0);
  assertEquals(separation(positives, [1.5]).fpr95, 1);
});

Deno.test("scores must be numbers", () => {
  assertThrows(() => separation([], [1]), RangeError, "positive.length");
  assertThrows(() => separation([1], [NaN]), RangeError, "negative[0]");
});

Deno.test("confidence ranks images that float32 probabilities cannot tell apart", () => {
  const [inside, outside] = [gaps(60, 50), gaps(40, 30)];
  assert([...inside.probabilities, ...outside.probabilities].every((p) => p === 1 || p < 1e-12));
  assertEquals(outOfDistribution(inside, outside).auroc, 1);
  assertEquals(outOfDistribution(outside, inside).auroc, 0);
});

Deno.test("a constant added to an image's logits moves the energy and the largest logit only", () => {
  const [inside, outside] = [gaps(1, 2, 3), gaps(0.5, 1.5)];
  const shifted = predictionsFromLogits(outside.logits.map((z) => z + 8), outside.labels, 2);
  for (const score of ["confidence", "entropy"] as const) {
    const of = (p: Predictions) => outOfDistribution(inside, p, { score }).auroc;
    assertAlmostEquals(of(shifted), of(outside), 1e-12);
  }
  for (const score of ["maxLogit", "energy"] as const) {
    assertEquals(outOfDistribution(inside, shifted, { score }).auroc, 0);
  }
});

Deno.test("novelty detection refuses other classes, scores and options", () => {
  const three = predictionsFromLogits(new Float32Array(3), [0], 3);
  assertThrows(() => outOfDistribution(gaps(1), three), RangeError, "3");
  const wrong = { score: "odin" as "energy" };
  assertThrows(() => outOfDistribution(gaps(1), gaps(2), wrong), RangeError, "odin");
  const unknown = { scores: "energy" } as never;
  assertThrows(() => outOfDistribution(gaps(1), gaps(2), unknown), TypeError, "score");
});

Deno.test("membership of equally treated images is a guess, of overfitted ones is not", () => {
  const { normal } = generator(3);
  const draw = (mean: number) => gaps(...Array.from({ length: 2000 }, () => mean + normal()));
  const same = membershipInference(draw(1), draw(1));
  assertAlmostEquals(same.auroc, 0.5, 0.03);
  assertAlmostEquals(same.tpr, 0.01, 0.015);
  // Normal scores two deviations apart: AUROC = P(Z < sqrt 2), TPR at 1 % = P(Z < 2 - 2.326).
  const apart = membershipInference(draw(3), draw(1));
  assertAlmostEquals(apart.auroc, 0.9214, 0.02);
  assertAlmostEquals(apart.tpr, 0.3721, 0.09);
});

Deno.test("fewer outsiders than 1 / fpr allow no false accusation", () => {
  assertEquals(membershipInference(gaps(1, 3), gaps(2)).tpr, 0.5);
  assertThrows(() => membershipInference(gaps(1), gaps(2), { fpr: 0 }), RangeError, "fpr");
});

function withFeatures(features: number[], labels: number[]): Predictions {
  const p = predictionsFromLogits(new Float32Array(3 * labels.length), labels, 3);
  return { ...p, features: Float32Array.from(features) };
}

Deno.test("Mahalanobis scores do not depend on the features' units or mixture", () => {
  const { normal } = generator(5);
  const labels = Array.from({ length: 60 }, (_, i) => i % 2);
  const rows = labels.flatMap((label) => [normal() + 3 * label, normal(), normal()]);
  const test = Array.from({ length: 30 }, () => 2 * normal());
  const mixed = (values: number[]) =>
    values.map((_, j) => {
      const [x, y, z] = values.slice(j - j % 3, j - j % 3 + 3) as [number, number, number];
      return [x + 0.5 * y, 2 * y - z, z + x][j % 3]!;
    });
  const zeros = new Array(10).fill(0);
  const plain = mahalanobisScores(withFeatures(rows, labels), withFeatures(test, zeros));
  const other = mahalanobisScores(
    withFeatures(mixed(rows), labels),
    withFeatures(mixed(test), zeros),
  );
  plain.forEach((score, i) => assertAlmostEquals(other[i]! / score, 1, 1e-3));
  assert(plain.every((score) => score <= 0));
});

Deno.test("a feature that never varies does not stop Mahalanobis scores", () => {
  const train = withFeatures([-1, 5, 1, 5], [0, 0]);
  const [inside, off] = mahalanobisScores(train, withFeatures([0, 5, 0, 6], [0, 0]));
  assertAlmostEquals(inside!, 0, 1e-9);
  assertAlmostEquals(off! * 0.5e-6, -1, 1e-3); // the variance there is 1e-6 x trace / 2
});

Deno.test("Mahalanobis scores need features of one width that vary", () => {
  const train = withFeatures([-1, 1], [0, 0]);
  const bare = predictionsFromLogits(new Float32Array(3), [0], 3);
  assertThrows(() => mahalanobisScores(train, bare), TypeError, "p.features");
  assertThrows(() => mahalanobisScores(bare, train), TypeError, "train.features");
  assertThrows(() => mahalanobisScores(train, withFeatures([1, 2], [0])), RangeError, "columns");
  assertThrows(() => mahalanobisScores(withFeatures([1, 2], [0, 1]), train), RangeError, "vary");
});
