import fc from "fast-check";
import { accuracy } from "../../lib/metrics/accuracy.ts";
import { bootstrapInterval } from "../../lib/metrics/bootstrap_interval.ts";
import { brierScore } from "../../lib/metrics/brier_score.ts";
import { calibrationError } from "../../lib/metrics/calibration_error.ts";
import { negativeLogLikelihood } from "../../lib/metrics/negative_log_likelihood.ts";
import { pairedDifference } from "../../lib/metrics/paired_difference.ts";
import { pairedMetricDifference } from "../../lib/metrics/paired_metric_difference.ts";
import { perClassAccuracy } from "../../lib/metrics/per_class.ts";
import { type Predictions, predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { riskCoverage } from "../../lib/metrics/risk_coverage.ts";
import { seedSummary } from "../../lib/metrics/seed_summary.ts";
import { applyTemperature } from "../../lib/metrics/temperature.ts";
import { wilsonInterval } from "../../lib/metrics/wilson_interval.ts";
import { generator } from "../../lib/random/generator.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { statistics } from "./_golden.ts";

function sample(n: number): Predictions {
  const g = generator(n);
  const labels = Uint8Array.from({ length: n }, () => g.integer(3));
  const logits = Float32Array.from({ length: 3 * n }, () => g.normal());
  for (const [i, label] of labels.entries()) logits[3 * i + label]! += 1;
  const features = Float32Array.from({ length: 2 * n }, () => g.normal());
  return { ...predictionsFromLogits(logits, labels, 3), features };
}

/** The same predictions rebuilt from their parts, so nothing known beforehand is used. */
const rebuilt = (p: Predictions) => predictionsFromLogits(p.logits, p.labels, p.classes);

Deno.test("the same seed gives the same interval, another seed another", () => {
  const p = sample(200);
  const seeds = [1, 1, 2].map((seed) => bootstrapInterval(p, brierScore, { samples: 50, seed }));
  assertEquals(seeds[0], seeds[1]);
  assertNotEquals(seeds[0], seeds[2]);
});

Deno.test("the interval of an accuracy is about the normal one", () => {
  const p = sample(2000);
  const share = accuracy(p);
  const half = 1.96 * Math.sqrt(share * (1 - share) / 2000);
  const { low, high } = bootstrapInterval(p, accuracy);
  assertAlmostEquals(low, share - half, 0.2 * half);
  assertAlmostEquals(high, share + half, 0.2 * half);
});

Deno.test("a resample holds whole images of the original and lets every metric read them", () => {
  const p = sample(30);
  const rows = new Map<string, number>();
  const row = (q: Predictions, i: number) =>
    [...q.logits.subarray(3 * i, 3 * i + 3), ...q.features!.subarray(2 * i, 2 * i + 2)].join();
  for (let i = 0; i < p.length; i++) rows.set(row(p, i), i);
  let repeats = 0;
  bootstrapInterval(p, (q) => {
    const seen = new Set<number>();
    for (let i = 0; i < q.length; i++) {
      const from = rows.get(row(q, i));
      assert(from !== undefined);
      assertEquals(q.labels[i], p.labels[from]);
      seen.add(from);
    }
    repeats += q.length - seen.size;
    assertEquals(q.length, p.length);
    assertEquals(q.probabilities, rebuilt(q).probabilities);
    assertEquals(accuracy(q), accuracy(rebuilt(q)));
    assertEquals(calibrationError(q), calibrationError(rebuilt(q)));
    assertEquals(negativeLogLikelihood(q), negativeLogLikelihood(rebuilt(q)));
    assertEquals(accuracy({ ...q, labels: new Uint8Array(q.length) }), shareOfClassZero(q));
    return accuracy(applyTemperature(q, 2));
  }, { samples: 20 });
  assert(repeats > 0);
});

function shareOfClassZero(q: Predictions): number {
  return accuracy(predictionsFromLogits(q.logits, new Uint8Array(q.length), q.classes));
}

Deno.test("predictions without features give resamples without features", () => {
  const p = rebuilt(sample(5));
  bootstrapInterval(p, (q) => {
    assertEquals("features" in q, false);
    return 0;
  }, { samples: 1 });
});

Deno.test("percentiles interpolate between resamples as numpy does", () => {
  let next = 0;
  const values = [5, 1, 4, 2, 3];
  const { low, high } = bootstrapInterval(sample(3), () => values[next++]!, {
    samples: 5,
    level: 0.9,
  });
  // numpy.quantile([1..5], [.05, .95]).
  assertAlmostEquals(low, 1.2, 1e-12);
  assertAlmostEquals(high, 4.8, 1e-12);
});

Deno.test("a metric that is NaN on a resample is an error with a way out", () => {
  const p = predictionsFromLogits(new Float32Array([1, 0, 0, 1]), [0, 1], 2);
  assertThrows(
    () => bootstrapInterval(p, (q) => perClassAccuracy(q)[1]!),
    RangeError,
    "wilsonInterval",
  );
});

Deno.test("interval options are checked", () => {
  const p = sample(3);
  for (const samples of [0, 1.5, NaN]) {
    assertThrows(() => bootstrapInterval(p, accuracy, { samples }), RangeError, "samples");
    assertThrows(() => pairedDifference([1], [0], { samples }), RangeError, "samples");
  }
  for (const level of [0, 1, -1, NaN]) {
    assertThrows(() => bootstrapInterval(p, accuracy, { level }), RangeError, "level");
    assertThrows(() => pairedDifference([1], [0], { level }), RangeError, "level");
    assertThrows(() => wilsonInterval(1, 2, level), RangeError, "level");
  }
  assertThrows(() => bootstrapInterval(p, accuracy, { seed: 0.5 }), RangeError, "seed");
  assertThrows(() => wilsonInterval(3, 2), RangeError, "correct");
  assertThrows(() => wilsonInterval(0, 0), RangeError, "n");
});

Deno.test("Wilson's interval equals scipy's", () => {
  for (const [correct, n, level, low, high] of statistics.wilson as number[][]) {
    const interval = wilsonInterval(correct!, n!, level!);
    assertAlmostEquals(interval.low, low!, 1e-9);
    assertAlmostEquals(interval.high, high!, 1e-9);
  }
});

Deno.test("Wilson's interval holds the share and stays in [0, 1]", () => {
  const counts = fc.integer({ min: 1, max: 5000 }).chain((n) =>
    fc.record({ n: fc.constant(n), correct: fc.integer({ min: 0, max: n }) })
  );
  fc.assert(fc.property(counts, fc.double({ min: 0.01, max: 0.9999, noNaN: true }), (c, level) => {
    const { low, high } = wilsonInterval(c.correct, c.n, level);
    assert(0 <= low && low <= c.correct / c.n && c.correct / c.n <= high && high <= 1);
  }));
});

Deno.test("Wilson's interval starts at exactly 0 without a success and ends at exactly 1 without a failure", () => {
  for (let n = 1; n < 500; n++) {
    assertEquals(wilsonInterval(0, n, 0.9).low, 0);
    assertEquals(wilsonInterval(n, n, 0.9).high, 1);
  }
});

Deno.test("McNemar's exact p-value equals scipy's binomial test", () => {
  for (const [firstOnly, secondOnly, pValue] of statistics.mcnemar as number[][]) {
    const first = [...Array(firstOnly!).fill(1), ...Array(secondOnly!).fill(0)];
    const second = first.map((value) => 1 - value);
    const found = pairedDifference(first, second, { samples: 2 }).pValue;
    // Relative: the smallest p-value of the list is about 1e-300.
    assertAlmostEquals(Math.log(found), Math.log(pValue!), 1e-9);
  }
});

Deno.test("equal models differ by nothing, with certainty", () => {
  const { difference, low, high, pValue } = pairedDifference([1, 0, 1], [1, 0, 1]);
  assertEquals([difference, low, high, pValue], [0, 0, 0, 1]);
});

Deno.test("the paired interval is about the normal one of the per-image differences", () => {
  const n = 2000;
  const g = generator(11);
  const first = Array.from({ length: n }, () => g.uniform() < 0.8 ? 1 : 0);
  const second = first.map((value) => g.uniform() < 0.1 ? 0 : value);
  const result = pairedDifference(first, second, { seed: 3 });
  const variance = (result.firstOnly + result.secondOnly) / n - result.difference ** 2;
  const half = 1.96 * Math.sqrt(variance / n);
  assertEquals(result.secondOnly, 0);
  assertAlmostEquals(result.low, result.difference - half, 0.2 * half);
  assertAlmostEquals(result.high, result.difference + half, 0.2 * half);
  const swapped = pairedDifference(second, first);
  assertEquals([swapped.difference, swapped.pValue], [-result.difference, result.pValue]);
});

Deno.test("paired results must be 0 or 1 on the same images", () => {
  assertThrows(() => pairedDifference([1, 0], [1]), RangeError, "same 2 images");
  assertThrows(() => pairedDifference([1, 2], [1, 0]), RangeError, "first[1]");
  assertThrows(() => pairedDifference([], []), RangeError, "first.length");
});

Deno.test("a summary over seeds has the sample standard deviation, none for one seed", () => {
  assertEquals(seedSummary([2, 4, 6]), { mean: 4, sd: 2, n: 3 });
  assertEquals(seedSummary([0.5]), { mean: 0.5, sd: NaN, n: 1 });
  assertThrows(() => seedSummary([]), RangeError, "values.length");
  assertThrows(() => seedSummary([1, NaN]), RangeError, "values[1]");
});

/** The metric of both sides on the same resamples, drawn as the documentation says. */
function gapsByHand(a: Predictions, b: Predictions, paired: boolean, samples: number): number[] {
  const { integer } = generator(3);
  const draw = (n: number) => Array.from({ length: n }, () => integer(n));
  const gather = ({ logits, labels, classes }: Predictions, rows: number[]) =>
    predictionsFromLogits(
      Float32Array.from(
        rows.flatMap((row) => [...logits.subarray(row * classes, (row + 1) * classes)]),
      ),
      rows.map((row) => labels[row]!),
      classes,
    );
  return Array.from({ length: samples }, () => {
    const rows = draw(a.length);
    const others = paired ? rows : draw(b.length);
    return brierScore(gather(a, rows)) - brierScore(gather(b, others));
  }).sort((x, y) => x - y);
}

Deno.test("a metric's difference has the 2.5 % and 97.5 % order statistics of its resamples", () => {
  const a = sample(90);
  const same = applyTemperature(a, 2);
  const [paired, other] = [gapsByHand(a, same, true, 400), gapsByHand(a, sample(70), false, 400)];
  assertEquals(pairedMetricDifference(a, same, "brier", { seed: 3 }), {
    difference: brierScore(a) - brierScore(same),
    low: paired[10]!, // 10 of 400 are below
    high: paired[389]!, // and 10 above
    pValue: 2 * (1 + Math.min(...[1, -1].map((side) =>
      paired.filter((gap) => side * gap >= 0).length
    ))) / 401,
  });
  const unpaired = pairedMetricDifference(a, sample(70), brierScore, { seed: 3 });
  assertEquals([unpaired.low, unpaired.high], [other[10]!, other[389]!]);
  assert(paired[389]! - paired[10]! < (unpaired.high - unpaired.low) / 2); // what pairing is for
});

Deno.test("predictions are paired where their labels agree, unless it is said otherwise", () => {
  const a = sample(60);
  const b = applyTemperature(a, 3);
  const of = (paired?: boolean) =>
    pairedMetricDifference(a, b, "nll", paired === undefined ? {} : { paired });
  assertEquals(of(), of(true));
  assertNotEquals(of(), of(false));
  const relabelled = { ...b, labels: Array.from(b.labels, (label) => (label + 1) % 3) };
  assertEquals(
    pairedMetricDifference(a, relabelled, "nll"),
    pairedMetricDifference(a, relabelled, "nll", { paired: false }),
  );
  assertThrows(
    () => pairedMetricDifference(a, sample(50), "nll", { paired: true }),
    RangeError,
    "60 and 50",
  );
});

Deno.test("each named metric is the public function of its name; the ECE is debiased", () => {
  const [a, b] = [sample(60), sample(40)];
  const ece = (p: Predictions) => calibrationError(p, { debiased: true });
  const values = { ece, brier: brierScore, nll: negativeLogLikelihood } as const;
  for (const name of ["ece", "brier", "nll"] as const) {
    const { difference } = pairedMetricDifference(a, b, name, { samples: 1 });
    assertEquals(difference, values[name](a) - values[name](b), name);
  }
  const { difference } = pairedMetricDifference(a, b, "aurc", { samples: 1 });
  assertEquals(difference, riskCoverage(a).aurc - riskCoverage(b).aurc);
});
