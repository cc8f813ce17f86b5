import fc from "fast-check";
import { accuracy } from "../../lib/metrics/accuracy.ts";
import { calibrationError } from "../../lib/metrics/calibration_error.ts";
import { negativeLogLikelihood } from "../../lib/metrics/negative_log_likelihood.ts";
import { predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import {
  applyTemperature,
  fitTemperature,
  temperatureRange,
} from "../../lib/metrics/temperature.ts";
import { temperatureText } from "../../lib/metrics/temperature_text.ts";
import { generator } from "../../lib/random/generator.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { arbitraryPredictions } from "./_arbitrary.ts";

const isAtBound = (t: number) => t === temperatureRange.min || t === temperatureRange.max;

Deno.test("labels that the logits separate give the lower bound", () => {
  const p = predictionsFromLogits(new Float32Array([1, 0, 0, 2]), [0, 1], 2);
  assertEquals(fitTemperature(p), temperatureRange.min);
  const tiny = predictionsFromLogits(new Float32Array([1e-9, 0, 0, 1e-9]), [0, 1], 2);
  assertEquals(fitTemperature(tiny), temperatureRange.min);
});

Deno.test("logits that mislead give the upper bound", () => {
  const p = predictionsFromLogits(new Float32Array([1, 0, 0, 2]), [1, 0], 2);
  assertEquals(fitTemperature(p), temperatureRange.max);
});

Deno.test("a temperature at a bound of the search says so", () => {
  assertEquals(temperatureText(1.2345), "1.23");
  assert(temperatureText(temperatureRange.min).includes("lower bound"));
  assert(temperatureText(temperatureRange.max, 3).includes("upper bound"));
});

Deno.test("a temperature smaller than the decimals is not written as 0", () => {
  assertEquals(temperatureText(0.00234), "0.0023");
  assertEquals(temperatureText(0.00234, 3), "0.002");
  assertEquals(temperatureText(0.4, 0), "0.4");
  assertEquals(temperatureText(1e-9), "1e-9");
  assertEquals(temperatureText(0.01), "0.01");
});

Deno.test("the text of a bound names both its causes: how labels lie, and the logits' size", () => {
  const right = (size: number) =>
    predictionsFromLogits(new Float32Array([size, 0, size, 0, 0, size, size, 0]), [0, 0, 1, 1], 2);
  // Three of four are right: neither separated nor misled, but the optimum size / log 3 is too far off.
  assertEquals(fitTemperature(right(1e30)), temperatureRange.max);
  assert(temperatureText(fitTemperature(right(1e30))).includes("or are huge"));
  assertEquals(fitTemperature(right(1e-6)), temperatureRange.min);
  assert(temperatureText(fitTemperature(right(1e-6))).includes("or are tiny"));
});

Deno.test("constant logits, for which every temperature is alike, give 1", () => {
  const p = predictionsFromLogits(new Float32Array([3, 3, -1, -1]), [0, 1], 2);
  assertEquals(fitTemperature(p), 1);
});

Deno.test("the temperature undoes a scaling of the logits", () => {
  const g = generator(5);
  const labels = Array.from({ length: 400 }, () => g.integer(3));
  // Labels drawn right 70 % of the time from a fixed gap, so the best gap is known.
  const logits = new Float32Array(1200);
  for (const [i, label] of labels.entries()) {
    logits[i * 3 + (g.uniform() < 0.7 ? label : (label + 1) % 3)] = 1;
  }
  const base = fitTemperature(predictionsFromLogits(logits, labels, 3));
  for (const scale of [0.02, 1, 50, 1e4]) {
    const scaled = predictionsFromLogits(logits.map((z) => z * scale), labels, 3);
    assertAlmostEquals(fitTemperature(scaled) / (base * scale), 1, 1e-6);
  }
});

Deno.test("no temperature has a lower NLL on the fitting images, and 1 is one of them", () => {
  fc.assert(
    fc.property(arbitraryPredictions, fc.double({ min: -5, max: 5, noNaN: true }), (p, log) => {
      const t = fitTemperature(p);
      assert(t >= temperatureRange.min && t <= temperatureRange.max);
      const fitted = negativeLogLikelihood(applyTemperature(p, t));
      for (const other of [1, Math.exp(log)]) {
        // Logits rounded to float32 after the division move the NLL by about 1e-7 of their size.
        const loss = negativeLogLikelihood(applyTemperature(p, other));
        assert(fitted <= loss + 1e-5, `${fitted} at ${t} but ${loss} at ${other}`);
      }
    }),
  );
});

Deno.test("a temperature inside the range is a stationary point", () => {
  let inside = 0;
  fc.assert(fc.property(arbitraryPredictions, (p) => {
    const t = fitTemperature(p);
    if (isAtBound(t) || t === 1) return;
    inside++;
    // The slope in 1/t: expected less observed logit of the label.
    let slope = 0;
    for (let i = 0; i < p.length; i++) {
      const row = Array.from(p.logits.subarray(i * p.classes, (i + 1) * p.classes));
      const largest = Math.max(...row);
      const weights = row.map((z) => Math.exp((z - largest) / t));
      const mass = weights.reduce((a, b) => a + b);
      slope += row.reduce((sum, z, k) => sum + z * weights[k]! / mass, 0) - row[p.labels[i]!]!;
    }
    assertAlmostEquals(slope / p.length, 0, 1e-7);
  }));
  assert(inside > 20, `only ${inside} cases inside the range`);
});

Deno.test("a temperature changes confidence, not the predicted class", () => {
  fc.assert(
    fc.property(arbitraryPredictions, fc.double({ min: 0.05, max: 50, noNaN: true }), (p, t) => {
      assertEquals(accuracy(applyTemperature(p, t)), accuracy(p));
    }),
  );
});

Deno.test("applying a temperature keeps features and labels and can be undone", () => {
  const features = new Float32Array([1, 2, 3]);
  const p = { ...predictionsFromLogits(new Float32Array([4, 2]), [1], 2), features };
  const cooled = applyTemperature(p, 2);
  assertEquals([...cooled.logits], [2, 1]);
  assertEquals(cooled.features, features);
  assertEquals(applyTemperature(cooled, 0.5), p);
  assertEquals("features" in applyTemperature(predictionsFromLogits(p.logits, [1], 2), 2), false);
});

Deno.test("temperature scaling lowers the calibration error of over-confident logits", () => {
  const g = generator(8);
  const draw = () => {
    const labels = Array.from({ length: 2000 }, () => g.integer(4));
    const logits = Float32Array.from({ length: 8000 }, (_, i) => {
      const hit = labels[Math.floor(i / 4)] === i % 4;
      return 5 * (g.normal() + (hit ? 1 : 0));
    });
    return predictionsFromLogits(logits, labels, 4);
  };
  const [heldOut, test] = [draw(), draw()];
  const t = fitTemperature(heldOut);
  // Unit-variance Gaussian scores with a shift of 1 are calibrated as they are: T is the factor.
  assertAlmostEquals(t, 5, 0.5);
  assert(calibrationError(applyTemperature(test, t)) < 0.2 * calibrationError(test));
});

Deno.test("temperatures that are not positive or overflow are refused", () => {
  const p = predictionsFromLogits(new Float32Array([1e30, 0]), [0], 2);
  for (const t of [0, -1, NaN, Infinity]) {
    assertThrows(() => applyTemperature(p, t), RangeError, "Expected t ");
  }
  assertThrows(() => applyTemperature(p, 1e-20), RangeError, "logits");
  const broken = { ...p, logits: new Float32Array([NaN, 0]) };
  assertThrows(() => fitTemperature(broken), RangeError, "logits");
});
