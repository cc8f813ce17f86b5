/** Metrics of predictions against scikit-learn, torchmetrics, scipy and numpy references. */
import { accuracy } from "../../lib/metrics/accuracy.ts";
import { brierScore } from "../../lib/metrics/brier_score.ts";
import { calibrationError } from "../../lib/metrics/calibration_error.ts";
import { classwiseCalibrationError } from "../../lib/metrics/classwise_calibration_error.ts";
import { confusionMatrix } from "../../lib/metrics/confusion.ts";
import { negativeLogLikelihood } from "../../lib/metrics/negative_log_likelihood.ts";
import { riskCoverage } from "../../lib/metrics/risk_coverage.ts";
import { selectiveAccuracy } from "../../lib/metrics/selective_accuracy.ts";
import { fitTemperature } from "../../lib/metrics/temperature.ts";
import { assert, assertAlmostEquals, assertEquals } from "../../lib/assert/mod.ts";
import { cases } from "./_golden.ts";

const tolerance = 1e-6;
const norms = ["l1", "l2", "max"] as const;
const binnings = ["width", "mass"] as const;

for (const { name, p, bins, values } of cases) {
  Deno.test(`${name}: accuracy and confusion equal scikit-learn's`, () => {
    assertAlmostEquals(accuracy(p), values.accuracy, 1e-12);
    assertEquals(confusionMatrix(p), values.confusion);
  });

  Deno.test(`${name}: calibration errors equal the numpy reference`, () => {
    for (const norm of norms) {
      for (const binning of binnings) {
        const wanted = values.calibration[`${binning}/${norm}`];
        assertAlmostEquals(calibrationError(p, { bins, norm, binning }), wanted, tolerance);
      }
    }
    assertAlmostEquals(classwiseCalibrationError(p, { bins }), values.classwise, tolerance);
  });

  Deno.test(`${name}: Brier score and NLL equal scikit-learn's`, () => {
    assertAlmostEquals(brierScore(p), values.brier, tolerance);
    assertAlmostEquals(negativeLogLikelihood(p), values.nll, tolerance);
  });

  Deno.test(`${name}: risk, coverage and their areas equal the definition`, () => {
    const curve = riskCoverage(p);
    for (const [i, coverage] of values.riskCoverage.coverage.entries()) {
      assertAlmostEquals(curve.coverage[i]!, coverage, tolerance);
      assertAlmostEquals(curve.risk[i]!, values.riskCoverage.risk[i]!, tolerance);
    }
    assertAlmostEquals(curve.aurc, values.riskCoverage.aurc, tolerance);
    assertAlmostEquals(curve.excessAurc, values.riskCoverage.excessAurc, tolerance);
    for (const [coverage, wanted] of Object.entries(values.riskCoverage.selective)) {
      assertAlmostEquals(selectiveAccuracy(p, Number(coverage)), wanted, tolerance);
    }
  });
}

Deno.test("calibration errors equal torchmetrics' where no confidence lies on an edge", () => {
  let compared = 0;
  for (const { p, bins, values } of cases) {
    if (values.torchmetrics === undefined) continue;
    for (const norm of norms) {
      assertAlmostEquals(calibrationError(p, { bins, norm }), values.torchmetrics[norm], tolerance);
    }
    compared++;
  }
  assert(compared >= 8, `only ${compared} cases compared`);
});

Deno.test("fitted temperatures equal the root that scipy finds", () => {
  let compared = 0;
  for (const { p, values } of cases) {
    if (values.temperature === undefined) continue;
    assertAlmostEquals(fitTemperature(p) / values.temperature, 1, tolerance);
    compared++;
  }
  assert(compared >= 8, `only ${compared} cases compared`);
});
