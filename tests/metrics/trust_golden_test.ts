/** Balanced metrics, novelty detection and conformal sets against scikit-learn, Kumar and MAPIE. */
import { balancedAccuracy } from "../../lib/metrics/balanced_accuracy.ts";
import { calibrationError } from "../../lib/metrics/calibration_error.ts";
import { cohenKappa } from "../../lib/metrics/cohen_kappa.ts";
import { conformalSets } from "../../lib/metrics/conformal_sets.ts";
import { conformalThreshold } from "../../lib/metrics/conformal_threshold.ts";
import { mahalanobisScores } from "../../lib/metrics/mahalanobis_scores.ts";
import { membershipInference } from "../../lib/metrics/membership_inference.ts";
import { outOfDistribution } from "../../lib/metrics/out_of_distribution.ts";
import { predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { riskCoverage } from "../../lib/metrics/risk_coverage.ts";
import { assertAlmostEquals, assertEquals } from "../../lib/assert/mod.ts";
import golden from "../golden/trust.json" with { type: "json" };
import { cases } from "./_golden.ts";

const named = (name: string) => cases.find((one) => one.name === name)!.p;

Deno.test("balanced accuracy and Cohen's kappa equal scikit-learn's", () => {
  for (const one of golden.single) {
    assertAlmostEquals(balancedAccuracy(named(one.name)), one.balancedAccuracy, 1e-12);
    assertAlmostEquals(cohenKappa(named(one.name)), one.cohenKappa ?? NaN, 1e-12);
  }
});

Deno.test("the debiased l2 calibration error equals that of Kumar's package", () => {
  for (const { name, debiasedL2 } of golden.single) {
    const { p, bins } = cases.find((one) => one.name === name)!;
    const ours = calibrationError(p, { bins, norm: "l2", debiased: true });
    assertAlmostEquals(ours, debiasedL2, 1e-6);
  }
});

Deno.test("AUGRC equals its closed form with scikit-learn's AUROC", () => {
  for (const { name, augrc } of golden.single) {
    assertAlmostEquals(riskCoverage(named(name)).augrc, augrc, 1e-12);
  }
});

for (const pair of golden.pairs) {
  const [inside, outside] = [named(pair.inside), named(pair.outside)];

  Deno.test(`${pair.inside} against ${pair.outside}: scores equal scikit-learn's`, () => {
    for (const score of ["confidence", "entropy", "maxLogit", "energy"] as const) {
      const found = outOfDistribution(inside, outside, { score });
      for (const key of ["auroc", "aupr", "fpr95"] as const) {
        assertAlmostEquals(found[key], pair[score][key], 1e-9);
      }
    }
    assertEquals(
      outOfDistribution(inside, outside),
      outOfDistribution(inside, outside, { score: "confidence" }),
    );
  });

  Deno.test(`${pair.inside} against ${pair.outside}: membership equals scikit-learn's`, () => {
    const { auroc, tpr, fpr } = membershipInference(inside, outside);
    assertAlmostEquals(auroc, pair.membership.auroc, 1e-9);
    assertAlmostEquals(tpr, pair.membership.tpr, 1e-12);
    assertEquals(fpr, 0.01);
    const loose = membershipInference(inside, outside, { fpr: 0.1 });
    assertAlmostEquals(loose.tpr, pair.membership.tprAtTenPercent, 1e-12);
  });
}

Deno.test("Mahalanobis scores equal numpy's with scikit-learn's covariance", () => {
  const { train, labels, test, scores } = golden.mahalanobis;
  const fitted = predictionsFromLogits(new Float32Array(4 * labels.length), labels, 4);
  const asked = predictionsFromLogits(new Float32Array(4 * scores.length), scores.map(() => 0), 4);
  const found = mahalanobisScores(
    { ...fitted, features: Float32Array.from(train) },
    { ...asked, features: Float32Array.from(test) },
  );
  scores.forEach((score, i) => assertAlmostEquals(found[i]! / score, 1, 1e-5));
});

Deno.test("LAC sets equal MAPIE's, APS sets are as large and hold the label as often", () => {
  const { classes, logits, labels, lac, aps } = golden.conformal;
  const half = labels.length / 2;
  const part = (start: number) =>
    predictionsFromLogits(
      Float32Array.from(logits.slice(start * classes, (start + half) * classes)),
      labels.slice(start, start + half),
      classes,
    );
  const [calibration, test] = [part(0), part(half)];
  const threshold = conformalThreshold(calibration, { alpha: 0.1 });
  assertEquals([...conformalSets(test, threshold).sets], lac);
  const drawn = Array.from(
    { length: 40 },
    (_, seed) =>
      conformalSets(test, conformalThreshold(calibration, { alpha: 0.1, score: "aps", seed })),
  );
  const mean = (of: "meanSize" | "coverage") =>
    drawn.reduce((sum, one) => sum + one[of], 0) / drawn.length;
  assertAlmostEquals(mean("meanSize"), aps.meanSize, 0.1);
  assertAlmostEquals(mean("coverage"), aps.coverage, 0.015);
});
