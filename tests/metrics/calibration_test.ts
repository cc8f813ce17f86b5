import fc from "fast-check";
import { calibrationError } from "../../lib/metrics/calibration_error.ts";
import { classwiseCalibrationError } from "../../lib/metrics/classwise_calibration_error.ts";
import { type Predictions, predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { reliabilityBins } from "../../lib/metrics/reliability_bins.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { arbitraryPredictions, arbitraryReordering } from "./_arbitrary.ts";

/** Two-class predictions of class 0 with the given confidences; `right` says which are correct. */
function withConfidences(confidences: number[], right: number[]): Predictions {
  const probabilities = Float32Array.from(confidences.flatMap((c) => [c, 1 - c]));
  return {
    logits: probabilities.map(Math.log),
    probabilities,
    labels: right.map((value) => 1 - value),
    classes: 2,
    length: confidences.length,
  };
}

Deno.test("norms weigh the bins' gaps as in the hand-computed example", () => {
  // (0.5, 0.75]: 0.625, 0.625, 0.75 with accuracy 1/3, gap 1/3; (0.75, 1]: 0.875 right, gap 1/8.
  const p = withConfidences([0.625, 0.625, 0.75, 0.875], [1, 0, 0, 1]);
  const bins = 4;
  assertAlmostEquals(calibrationError(p, { bins }), 0.75 / 3 + 0.25 / 8, 1e-12);
  assertAlmostEquals(
    calibrationError(p, { bins, norm: "l2" }),
    Math.sqrt(0.75 / 9 + 0.25 / 64),
    1e-12,
  );
  assertAlmostEquals(calibrationError(p, { bins, norm: "max" }), 1 / 3, 1e-12);
});

Deno.test("a confidence on an edge belongs to the bin below, also where float32 rounds it up", () => {
  for (const [edge, bins] of [[0.5, 2], [0.6, 10], [0.8, 5], [0.7, 10], [0.9, 10]] as const) {
    const counts = reliabilityBins(withConfidences([edge], [1]), { bins });
    const filled = counts.findIndex((bin) => bin.count === 1);
    assertAlmostEquals(counts[filled]!.high, edge, 1e-12);
  }
  assertEquals(reliabilityBins(withConfidences([1], [1]), { bins: 10 })[9]!.count, 1);
});

Deno.test("mass bins cut equal chunks, the first N mod bins one larger", () => {
  // Sorted: 0.5 0.625 | 0.75 | 0.875 with hits 1 0 | 1 | 0.
  const p = withConfidences([0.875, 0.5, 0.75, 0.625], [0, 1, 1, 0]);
  const options = { bins: 3, binning: "mass" as const };
  const gaps = [Math.abs(0.5 - 0.5625), 0.25, 0.875];
  const l1 = gaps[0]! / 2 + gaps[1]! / 4 + gaps[2]! / 4;
  assertAlmostEquals(calibrationError(p, options), l1, 1e-12);
  assertAlmostEquals(calibrationError(p, { ...options, norm: "max" }), 0.875, 1e-12);
  const squares = gaps[0]! ** 2 / 2 + gaps[1]! ** 2 / 4 + gaps[2]! ** 2 / 4;
  assertAlmostEquals(calibrationError(p, { ...options, norm: "l2" }), Math.sqrt(squares), 1e-12);
});

Deno.test("more mass bins than images leave each image alone", () => {
  const p = withConfidences([0.75, 0.875], [1, 0]);
  const value = calibrationError(p, { bins: 50, binning: "mass" });
  assertAlmostEquals(value, (0.25 + 0.875) / 2, 1e-12);
});

Deno.test("a sure and right predictor has no error, a sure and wrong one the largest", () => {
  const logits = new Float32Array([500, 0, 0, 0, 500, 0]);
  const right = predictionsFromLogits(logits, [0, 1], 3);
  const wrong = predictionsFromLogits(logits, [1, 0], 3);
  for (const norm of ["l1", "l2", "max"] as const) {
    for (const binning of ["width", "mass"] as const) {
      assertEquals(calibrationError(right, { norm, binning }), 0);
      assertEquals(calibrationError(wrong, { norm, binning }), 1);
    }
  }
  assertEquals(classwiseCalibrationError(right), 0);
  assertAlmostEquals(classwiseCalibrationError(wrong), 2 / 3, 1e-12);
});

Deno.test("class-wise bins hold a probability of exactly 0 too", () => {
  // Class 1 always has probability 0 but is always the label.
  const p = predictionsFromLogits(new Float32Array([500, 0]), [1], 2);
  assertEquals(classwiseCalibrationError(p), 1);
});

Deno.test("l1 <= l2 <= max <= 1 in both binnings", () => {
  fc.assert(fc.property(arbitraryPredictions, fc.integer({ min: 1, max: 20 }), (p, bins) => {
    for (const binning of ["width", "mass"] as const) {
      const [l1, l2, max] = (["l1", "l2", "max"] as const).map((norm) =>
        calibrationError(p, { bins, norm, binning })
      ) as [number, number, number];
      assert(l1 >= 0 && l1 <= l2 + 1e-12 && l2 <= max + 1e-12 && max <= 1 + 1e-6);
    }
  }));
});

Deno.test("width-binned errors ignore the order of images", () => {
  fc.assert(fc.property(arbitraryReordering, ({ p, other }) => {
    for (const norm of ["l1", "l2", "max"] as const) {
      assertAlmostEquals(calibrationError(other, { norm }), calibrationError(p, { norm }), 1e-9);
    }
    assertAlmostEquals(classwiseCalibrationError(other), classwiseCalibrationError(p), 1e-9);
  }));
});

Deno.test("one bin compares mean confidence with accuracy in both binnings", () => {
  fc.assert(fc.property(arbitraryPredictions, (p) => {
    const [bin] = reliabilityBins(p, { bins: 1 });
    const gap = Math.abs(bin!.accuracy - bin!.confidence);
    assertAlmostEquals(calibrationError(p, { bins: 1 }), gap, 1e-9);
    assertAlmostEquals(calibrationError(p, { bins: 1, binning: "mass" }), gap, 1e-9);
  }));
});

Deno.test("reliability bins hold every image once and reproduce the l1 error", () => {
  fc.assert(fc.property(arbitraryPredictions, fc.integer({ min: 1, max: 30 }), (p, bins) => {
    const list = reliabilityBins(p, { bins });
    let count = 0;
    let error = 0;
    for (const bin of list) {
      count += bin.count;
      assertEquals(Number.isNaN(bin.confidence), bin.count === 0);
      if (bin.count === 0) continue;
      assert(bin.confidence > bin.low - 1e-6 && bin.confidence <= bin.high + 1e-6);
      error += bin.count / p.length * Math.abs(bin.accuracy - bin.confidence);
    }
    assertEquals(count, p.length);
    assertAlmostEquals(error, calibrationError(p, { bins }), 1e-9);
  }));
});

Deno.test("calibration options are checked", () => {
  const p = withConfidences([0.75], [1]);
  for (const bins of [0, -1, 1.5, NaN]) {
    assertThrows(() => calibrationError(p, { bins }), RangeError, "bins");
    assertThrows(() => reliabilityBins(p, { bins }), RangeError, "bins");
    assertThrows(() => classwiseCalibrationError(p, { bins }), RangeError, "bins");
  }
  assertThrows(() => calibrationError(p, { norm: "l3" as "l1" }), RangeError, "norm");
  assertThrows(() => calibrationError(p, { binning: "equal" as "mass" }), RangeError, "binning");
});

Deno.test("a float32 softmax that rounds to just above 1 belongs to the last bin", () => {
  const above = withConfidences([1 + 2 ** -23], [1]);
  const p = { ...above, probabilities: new Float32Array([1 + 2 ** -23, 0]) };
  assertEquals(reliabilityBins(p)[14]!.count, 1);
  assertThrows(
    () => reliabilityBins({ ...p, probabilities: new Float32Array([1.1, 0]) }),
    RangeError,
    "probabilities",
  );
});

Deno.test("mass bins do not split equal confidences, whatever the order of the images", () => {
  // Six images of confidence 0.8, of which three are right, and two of about 1 that are right: two
  // bins of four would cut the tie; the cut moves behind it. (6 |0.5 - 0.8| + 2 |1 - p|) / 8.
  const scores = [...Array(6).fill(Math.log(4)), 10, 10];
  const right = [1, 1, 1, 0, 0, 0, 1, 1];
  const sure = 1 / (1 + Math.exp(-10));
  for (
    const order of [[0, 1, 2, 3, 4, 5, 6, 7], [7, 5, 3, 1, 0, 2, 4, 6], [4, 3, 5, 0, 6, 1, 7, 2]]
  ) {
    const p = predictionsFromLogits(
      Float32Array.from(order.flatMap((i) => [scores[i]!, 0])),
      order.map((i) => 1 - right[i]!),
      2,
    );
    const error = calibrationError(p, { bins: 2, binning: "mass" });
    assertAlmostEquals(error, (6 * 0.3 + 2 * (1 - sure)) / 8, 1e-6);
  }
});

Deno.test("mass bins ignore the order of the images", () => {
  fc.assert(fc.property(arbitraryReordering, fc.integer({ min: 1, max: 40 }), (case_, bins) => {
    for (const norm of ["l1", "l2", "max"] as const) {
      assertEquals(
        calibrationError(case_.other, { bins, norm, binning: "mass" }),
        calibrationError(case_.p, { bins, norm, binning: "mass" }),
      );
    }
  }));
});
