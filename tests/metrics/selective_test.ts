import fc from "fast-check";
import { accuracy } from "../../lib/metrics/accuracy.ts";
import { bootstrapInterval } from "../../lib/metrics/bootstrap_interval.ts";
import { predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { riskCoverage } from "../../lib/metrics/risk_coverage.ts";
import { selectiveAccuracy } from "../../lib/metrics/selective_accuracy.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { arbitraryPredictions, arbitraryReordering } from "./_arbitrary.ts";

/** Two-class predictions of class 0 whose confidence rises with `scores`. */
const withScores = (scores: number[], right: number[]) =>
  predictionsFromLogits(
    Float32Array.from(scores.flatMap((score) => [score, 0])),
    right.map((value) => 1 - value),
    2,
  );

Deno.test("the curve of five distinct confidences is the hand-computed one", () => {
  const curve = riskCoverage(withScores([5, 4, 3, 2, 1], [1, 0, 1, 1, 0]));
  assertEquals([...curve.coverage], [0.2, 0.4, 0.6, 0.8, 1]);
  assertEquals([...curve.risk], [0, 1 / 2, 1 / 3, 1 / 4, 2 / 5]);
  const aurc = (1 / 2 + 1 / 3 + 1 / 4 + 2 / 5) / 5;
  assertAlmostEquals(curve.aurc, aurc, 1e-12);
  assertAlmostEquals(curve.excessAurc, aurc - (1 / 4 + 2 / 5) / 5, 1e-12);
});

Deno.test("images of equal confidence share one operating point", () => {
  const curve = riskCoverage(withScores([2, 1, 1, 1], [1, 0, 1, 0]));
  assertEquals([...curve.coverage], [0.25, 1]);
  assertEquals([...curve.risk], [0, 0.5]);
  assertAlmostEquals(curve.aurc, 3 * 0.5 / 4, 1e-12);
});

Deno.test("confidences that are 1 in float32 are ranked by their logits", () => {
  // Gaps of 20, 30, 40 and 50: each probability is 1, and only the least sure answer is wrong.
  const p = withScores([20, 50, 30, 40], [0, 1, 1, 1]);
  assertEquals([...p.probabilities].filter((_, i) => i % 2 === 0), [1, 1, 1, 1]);
  const curve = riskCoverage(p);
  assertEquals([...curve.coverage], [0.25, 0.5, 0.75, 1]);
  assertEquals([...curve.risk], [0, 0, 0, 0.25]);
  assertEquals([curve.aurc, curve.excessAurc], [0.0625, 0]);
  assertEquals(selectiveAccuracy(p, 0.75), 1);
});

Deno.test("gaps at which 1 - p underflows in double are ranked too", () => {
  const curve = riskCoverage(withScores([800, 900, 1e30, 2e30], [0, 1, 1, 1]));
  assertEquals([...curve.risk], [0, 0, 0, 0.25]);
});

Deno.test("the same logits in another order of the classes tie", () => {
  const rows = [[3, 0.1, 0.7, -2.3], [-2.3, 0.7, 3, 0.1], [0.1, 3, -2.3, 0.7]];
  const p = predictionsFromLogits(Float32Array.from(rows.flat()), [0, 2, 0], 4);
  assertEquals([...riskCoverage(p).coverage], [1]);
});

Deno.test("a resample ranks its images as predictions made of its rows would", () => {
  const p = withScores([20, 50, 30, 40, 1, 1], [0, 1, 1, 1, 0, 1]);
  const seen: number[] = [];
  bootstrapInterval(p, (drawn) => {
    const rebuilt = predictionsFromLogits(drawn.logits, drawn.labels, drawn.classes);
    assertEquals(riskCoverage(drawn), riskCoverage(rebuilt));
    return seen.push(drawn.length);
  }, { samples: 30 });
  assertEquals(seen.length, 30);
});

Deno.test("perfect, all-wrong and single predictions have their exact areas", () => {
  const perfect = riskCoverage(withScores([3, 2, 1], [1, 1, 1]));
  assertEquals([perfect.aurc, perfect.excessAurc], [0, 0]);
  const wrong = riskCoverage(withScores([3, 2, 1], [0, 0, 0]));
  assertEquals([wrong.aurc, wrong.excessAurc], [1, 0]);
  const single = riskCoverage(withScores([1], [0]));
  assertEquals([...single.coverage, ...single.risk, single.aurc], [1, 1, 1]);
});

Deno.test("the curve ignores the order of images, ties included", () => {
  fc.assert(fc.property(arbitraryReordering, ({ p, other }) => {
    assertEquals(riskCoverage(other), riskCoverage(p));
  }));
});

Deno.test("coverage rises to 1, where the risk is 1 - accuracy; no ranking beats the oracle", () => {
  fc.assert(fc.property(arbitraryPredictions, (p) => {
    const { coverage, risk, aurc, excessAurc } = riskCoverage(p);
    assertEquals(coverage.at(-1), 1);
    assertAlmostEquals(risk.at(-1)!, 1 - accuracy(p), 1e-12);
    assert(coverage.every((value, i) => i === 0 || value > coverage[i - 1]!));
    assert(aurc >= 0 && aurc <= 1 && excessAurc >= -1e-12);
  }));
});

Deno.test("selective accuracy takes the first point that covers enough", () => {
  const p = withScores([5, 4, 3, 2, 1], [1, 0, 1, 1, 0]);
  assertAlmostEquals(selectiveAccuracy(p, 0.2), 1, 1e-12);
  assertAlmostEquals(selectiveAccuracy(p, 0.21), 0.5, 1e-12);
  assertAlmostEquals(selectiveAccuracy(p, 0.6), 2 / 3, 1e-12);
  // 0.1 + 0.2 is 0.30000000000000004: rounding of the request must not move the point.
  assertAlmostEquals(selectiveAccuracy(p, 0.2 + 0.4), 2 / 3, 1e-12);
  assertAlmostEquals(selectiveAccuracy(p, 1), accuracy(p), 1e-12);
  assertAlmostEquals(selectiveAccuracy(p, 1e-9), 1, 1e-12);
});

Deno.test("coverage outside (0, 1] is refused", () => {
  const p = withScores([1], [1]);
  for (const coverage of [0, -0.1, 1.001, NaN, Infinity]) {
    assertThrows(() => selectiveAccuracy(p, coverage), RangeError, "coverage");
  }
});
