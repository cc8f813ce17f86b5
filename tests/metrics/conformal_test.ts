import { conformalSets } from "../../lib/metrics/conformal_sets.ts";
import { type ConformalScore, conformalThreshold } from "../../lib/metrics/conformal_threshold.ts";
import { type Predictions, predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { applyTemperature } from "../../lib/metrics/temperature.ts";
import { generator } from "../../lib/random/generator.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { simulate } from "./_evidence_model.ts";

const scores = ["lac", "aps", "raps"] as const;

function draw(n: number, classes: number, seed: number, sharpness = 2): Predictions {
  const options = { n, classes, shared: 1 };
  // Overconfident, so that the coverage is the method's and not the model's.
  return applyTemperature(simulate(generator(seed), [{ sharpness }], options)[0]!.p, 0.5);
}

for (const score of scores) {
  for (const [classes, alpha] of [[2, 0.1], [10, 0.1], [10, 0.25], [200, 0.05]] as const) {
    Deno.test(`${score} sets of ${classes} classes hold the label of ${1 - alpha}`, () => {
      const n = classes === 200 ? 150 : 400;
      let held = 0;
      const runs = 12;
      for (let seed = 0; seed < runs; seed++) {
        const threshold = conformalThreshold(draw(n, classes, seed), { alpha, score, seed });
        held += conformalSets(draw(n, classes, 100 + seed), threshold).coverage / runs;
      }
      // Coverage is at least 1 - alpha and, without ties, at most 1 / (n + 1) above it; the mean over
      // the runs has a standard deviation of at most sqrt(2 alpha (1 - alpha) / (n runs)). A forced
      // top class only adds.
      const noise = Math.sqrt(2 * alpha * (1 - alpha) / (n * runs));
      assert(held >= 1 - alpha - 3 * noise, `${held}`);
      if (score === "lac") assert(held <= 1 - alpha + 1 / (n + 1) + 3 * noise, `${held}`);
    });
  }

  Deno.test(`${score}: the threshold is the ceil((n + 1)(1 - alpha))-th smallest score`, () => {
    const p = draw(40, 10, 3);
    const values = Array.from({ length: 40 }, (_, i) => {
      // 41 (1 - alpha) = i + 1, short of the next whole number.
      return conformalThreshold(p, { alpha: 1 - (i + 0.9) / 41, score, seed: 5 }).value;
    });
    // The scores by their definition: sums over classes that are at least as probable.
    const { uniform } = generator(5, 0);
    const own = Array.from({ length: 40 }, (_, i) => {
      const row = [...p.probabilities.subarray(10 * i, 10 * i + 10)];
      const mine = row[p.labels[i]!]!;
      const u = uniform();
      if (score === "lac") return 1 - mine;
      const above = row.filter((other) => other > mine);
      const penalty = score === "raps" ? 0.01 * above.length : 0;
      return above.reduce((sum, other) => sum + other, 0) + u * mine + penalty;
    }).sort((a, b) => a - b);
    values.forEach((value, i) => assertAlmostEquals(value, own[i]!, 1e-12));
  });

  Deno.test(`${score}: too few images for the promise make sets of all classes`, () => {
    const p = draw(8, 10, 1);
    const threshold = conformalThreshold(p, { alpha: 0.1, score }); // 9 x 0.9 = 8.1
    assertEquals(threshold.value, Infinity);
    const all = conformalSets(p, threshold);
    assertEquals([all.coverage, all.meanSize], [1, 10]);
    assert(all.sets.every((inside) => inside === 1));
    // JSON has no Infinity.
    assertEquals(conformalSets(p, JSON.parse(JSON.stringify(threshold))), all);
    assert(conformalThreshold(draw(9, 10, 1), { alpha: 0.1, score }).value < Infinity);
  });

  Deno.test(`${score}: the same seed gives the same sets, and sets grow with the threshold`, () => {
    const [calibration, test] = [draw(100, 10, 1), draw(100, 10, 2)];
    const of = (alpha: number, seed = 7) =>
      conformalSets(test, conformalThreshold(calibration, { alpha, score, seed }));
    assertEquals(of(0.1), of(0.1));
    const [small, large] = [of(0.3).sets, of(0.1).sets];
    assert(small.every((inside, j) => inside <= large[j]!));
  });
}

Deno.test("aps and raps draw by their seed; lac does not draw", () => {
  const p = draw(100, 10, 1);
  const value = (score: ConformalScore, seed: number) =>
    conformalThreshold(p, { alpha: 0.1, score, seed }).value;
  assertEquals(value("lac", 1), value("lac", 2));
  assert(value("aps", 1) !== value("aps", 2) && value("raps", 1) !== value("raps", 2));
});

Deno.test("aps and raps sets hold the most probable class, lac sets may be empty", () => {
  const p = draw(50, 10, 1);
  const of = (score: ConformalScore) =>
    conformalSets(p, { score, alpha: 0.9, value: -1, seed: 0 }).sets;
  for (const score of ["aps", "raps"] as const) {
    for (let i = 0; i < 50; i++) {
      const row = [...p.probabilities.subarray(10 * i, 10 * i + 10)];
      const set = [...of(score).subarray(10 * i, 10 * i + 10)];
      assertEquals(
        set.map((inside, k) => inside * k),
        set.map((_, k) => k === row.indexOf(Math.max(...row)) ? k : 0),
      );
    }
  }
  assert(of("lac").every((inside) => inside === 0));
});

Deno.test("coverage of a class counts its images alone; an absent class has none", () => {
  const p = predictionsFromLogits(new Float32Array([3, 0, 0, 0, 3, 0, 0, 3, 0]), [0, 1, 0], 3);
  const { classCoverage, coverage } = conformalSets(p, {
    ...{ score: "lac", alpha: 0.1, value: 0.5, seed: 0 },
  });
  assertEquals(classCoverage, [0.5, 1, NaN]);
  assertAlmostEquals(coverage, 2 / 3, 1e-12);
});

Deno.test("rounding does not raise the rank: 100 (1 - 0.42) is 58", () => {
  const confidences = Float64Array.from({ length: 99 }, (_, i) => 0.5 + (i + 1) / 400);
  const logits = Float32Array.from(confidences, (c) => Math.log(c / (1 - c)));
  const p = predictionsFromLogits(
    Float32Array.from({ length: 198 }, (_, j) => j % 2 === 0 ? logits[j / 2]! : 0),
    new Uint8Array(99),
    2,
  );
  // The 58th smallest 1 - p is that of the 58th largest confidence.
  assertAlmostEquals(conformalThreshold(p, { alpha: 0.42 }).value, 1 - confidences[99 - 58]!, 1e-6);
});

Deno.test("conformal functions refuse what they cannot use", () => {
  const p = draw(10, 3, 1);
  for (const alpha of [0, 1, -0.1, NaN]) {
    assertThrows(() => conformalThreshold(p, { alpha }), RangeError, "alpha");
  }
  assertThrows(() => conformalThreshold(p, {} as { alpha: number }), TypeError, "alpha");
  const wrong = { alpha: 0.1, score: "thr" as "lac" };
  assertThrows(() => conformalThreshold(p, wrong), RangeError, "score");
  const threshold = conformalThreshold(p, { alpha: 0.1 });
  assertThrows(() => conformalSets(p, { ...threshold, value: NaN }), TypeError, "value");
  assertThrows(() => conformalSets(p, { ...threshold, score: "x" as "lac" }), RangeError, "score");
  assertThrows(() => conformalSets(p, undefined as never), TypeError, "threshold");
});
