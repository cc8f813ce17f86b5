/** The calibration error's floor, its debiased form, and what groups and ensembles come to. */
import { accuracy } from "../../lib/metrics/accuracy.ts";
import { balancedAccuracy } from "../../lib/metrics/balanced_accuracy.ts";
import { brierScore } from "../../lib/metrics/brier_score.ts";
import { calibrationError } from "../../lib/metrics/calibration_error.ts";
import { calibrationFloor } from "../../lib/metrics/calibration_floor.ts";
import { cohenKappa } from "../../lib/metrics/cohen_kappa.ts";
import { ensemblePredictions } from "../../lib/metrics/ensemble_predictions.ts";
import { negativeLogLikelihood } from "../../lib/metrics/negative_log_likelihood.ts";
import { type Predictions, predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { worstGroupAccuracy } from "../../lib/metrics/worst_group_accuracy.ts";
import { generator } from "../../lib/random/generator.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { simulate, trueCalibrationError } from "./_evidence_model.ts";

const calibrated = { n: 1000, classes: 10, shared: 0.5 };

Deno.test("the floor is the mean and 95th percentile of a calibrated model's errors", () => {
  const draw = generator(1);
  const many = Array.from({ length: 200 }, () => {
    const { p } = simulate(draw, [{ sharpness: 2 }], calibrated)[0]!;
    return { error: calibrationError(p), floor: calibrationFloor(p) };
  });
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const errors = mean(many.map(({ error }) => error));
  assertAlmostEquals(mean(many.map(({ floor }) => floor.mean)) / errors, 1, 0.04);
  const above = mean(many.map(({ error, floor }) => error > floor.high ? 1 : 0));
  assert(above <= 0.1, String(above)); // 5 % expected, 2.5 times its standard deviation more
  const sharpened = simulate(draw, [{ sharpness: 2, scale: 1.5 }], calibrated)[0]!.p;
  assert(calibrationError(sharpened) > calibrationFloor(sharpened).high);
});

Deno.test("the floor reads no labels, falls with the images and is seeded", () => {
  const { p } = simulate(generator(2), [{ sharpness: 2 }], calibrated)[0]!;
  assertEquals(calibrationFloor(p), calibrationFloor({ ...p, labels: new Uint8Array(p.length) }));
  assertEquals(calibrationFloor(p), calibrationFloor(p, { bins: 15, samples: 200, seed: 0 }));
  const quarter = simulate(generator(2), [{ sharpness: 2 }], { ...calibrated, n: 250 })[0]!.p;
  assertAlmostEquals(calibrationFloor(quarter).mean / calibrationFloor(p).mean, 2, 0.3);
  const sure = predictionsFromLogits(new Float32Array([500, 0, 0, 500]), [1, 1], 2);
  assertEquals(calibrationFloor(sure), { mean: 0, high: 0 });
});

Deno.test("the debiased error of a calibrated model is near 0, of a sharpened one near the truth", () => {
  for (const binning of ["width", "mass"] as const) {
    for (const norm of ["l1", "l2"] as const) {
      const draw = generator(3);
      let [plain, debiased] = [0, 0];
      for (let run = 0; run < 40; run++) {
        const { p } = simulate(draw, [{ sharpness: 2 }], calibrated)[0]!;
        plain += calibrationError(p, { binning, norm }) / 40;
        debiased += calibrationError(p, { binning, norm, debiased: true }) / 40;
      }
      assert(debiased < 0.45 * plain, `${binning} ${norm}: ${debiased} of ${plain}`);
    }
  }
  const draw = generator(4);
  const model = [{ sharpness: 2, scale: 1.6 }];
  const truth = trueCalibrationError(simulate(draw, model, { ...calibrated, n: 20_000 })[0]!);
  let mean = 0;
  for (let run = 0; run < 20; run++) {
    mean += calibrationError(simulate(draw, model, calibrated)[0]!.p, { debiased: true }) / 20;
  }
  assertAlmostEquals(mean, truth, 0.01);
});

Deno.test("with many images the debiased error is the plain one", () => {
  const { p } = simulate(generator(5), [{ sharpness: 2, scale: 2 }], {
    ...{ n: 20_000, classes: 3, shared: 1 },
  })[0]!;
  for (const norm of ["l1", "l2"] as const) {
    const plain = calibrationError(p, { norm });
    assertAlmostEquals(calibrationError(p, { norm, debiased: true }) / plain, 1, 0.03);
  }
});

Deno.test("debiased is refused for the maximum and for anything but true or false", () => {
  const p = predictionsFromLogits(new Float32Array(2), [0], 2);
  assertThrows(() => calibrationError(p, { norm: "max", debiased: true }), RangeError, "norm");
  assertThrows(() => calibrationError(p, { debiased: 1 as unknown as boolean }), TypeError);
  assertThrows(() => calibrationError(p, { nbins: 5 } as never), TypeError, "bins");
  assertThrows(() => calibrationFloor(p, { samples: 0 }), RangeError, "samples");
  assertThrows(() => calibrationFloor(p, { seed: 0.5 }), RangeError, "seed");
});

Deno.test("an ensemble of one model is that model; of two, the mean of their probabilities", () => {
  const models = [{ sharpness: 1.5 }, { sharpness: 1.5 }, { sharpness: 1.5 }];
  const members = simulate(generator(6), models, { ...calibrated, shared: 0 }).map(({ p }) => p);
  assertEquals(ensemblePredictions([members[0]!]).probabilities, members[0]!.probabilities);
  const all = ensemblePredictions(members);
  for (let j = 0; j < all.probabilities.length; j += 97) {
    const mean = (members[0]!.probabilities[j]! + members[1]!.probabilities[j]! +
      members[2]!.probabilities[j]!) / 3;
    assertAlmostEquals(all.probabilities[j]!, mean, 1e-7);
    assertAlmostEquals(all.logits[j]!, Math.log(mean), 1e-5);
  }
  // Both scores are convex in the probabilities (Jensen).
  for (const loss of [brierScore, negativeLogLikelihood]) {
    const mean = members.reduce((sum, p) => sum + loss(p) / 3, 0);
    assert(loss(all) < mean);
  }
  assert(accuracy(all) > Math.max(...members.map(accuracy)));
});

Deno.test("an ensemble's members must be about the same images", () => {
  const p = predictionsFromLogits(new Float32Array(6), [0, 1], 3);
  const refused = (...list: Predictions[]) => () => ensemblePredictions(list);
  assertThrows(refused(), RangeError, "list.length");
  const other = predictionsFromLogits(new Float32Array(6), [0, 2], 3);
  assertThrows(refused(p, other), RangeError, "list[1].labels");
  const longer = predictionsFromLogits(new Float32Array(9), [0, 1, 2], 3);
  assertThrows(refused(p, p, longer), RangeError, "list[2]");
  const fewer = predictionsFromLogits(new Float32Array(4), [0, 1], 2);
  assertThrows(refused(p, fewer), RangeError, "classes");
  assertThrows(() => ensemblePredictions(p as unknown as Predictions[]), TypeError, "list");
});

Deno.test("guessing one class has balanced accuracy 1 / K and kappa 0, whatever its share", () => {
  const labels = [0, 0, 0, 0, 0, 0, 1, 2, 3];
  const logits = Float32Array.from({ length: 36 }, (_, j) => j % 4 === 0 ? 1 : 0);
  const p = predictionsFromLogits(logits, labels, 4);
  assertEquals([balancedAccuracy(p), cohenKappa(p)], [0.25, 0]);
});

Deno.test("the worst group is that of the lowest accuracy, of equal ones the lowest label", () => {
  const correct = [1, 0, 0, 1, 1, 1];
  const groups = [9, 9, -4, -4, 2, 2];
  const worst = worstGroupAccuracy(correct, groups);
  assertEquals([worst.group, worst.accuracy, worst.n], [-4, 0.5, 2]);
  assertEquals(worst.groups.map(({ group, accuracy }) => [group, accuracy]), [
    ...[[-4, 0.5], [2, 1], [9, 0.5]],
  ]);
  assert(worst.low > 0 && worst.high < 1 && worst.low < 0.5 && worst.high > 0.5);
  assertThrows(() => worstGroupAccuracy([1], [0, 1]), RangeError, "correct");
  assertThrows(() => worstGroupAccuracy([1], [0.5]), RangeError, "groups[0]");
  assertThrows(() => worstGroupAccuracy([2], [0]), RangeError, "correct[0]");
});
