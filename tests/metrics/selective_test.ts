import fc from "fast-check";
import { accuracy } from "../../lib/metrics/accuracy.ts";
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
    assertEquals(
      coverage.length,
      new Set(
        Array.from(
          { length: p.length },
          (_, i) => Math.max(...p.probabilities.subarray(i * p.classes, (i + 1) * p.classes)),
        ),
      ).size,
    );
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
