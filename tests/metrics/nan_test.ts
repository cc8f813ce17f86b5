/** No metric turns NaN into a figure. */
import * as lab from "../../lib/mod.ts";
import type { Predictions } from "../../lib/mod.ts";
import { assert, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

const predictionMetrics: Readonly<Record<string, (p: Predictions) => unknown>> = {
  accuracy: lab.accuracy,
  brierScore: lab.brierScore,
  calibrationError: lab.calibrationError,
  "calibrationError, equal mass": (p) => lab.calibrationError(p, { binning: "mass" }),
  classRiskDecomposition: lab.classRiskDecomposition,
  classwiseCalibrationError: lab.classwiseCalibrationError,
  confusionMatrix: lab.confusionMatrix,
  fitTemperature: lab.fitTemperature,
  negativeLogLikelihood: lab.negativeLogLikelihood,
  perClassAccuracy: lab.perClassAccuracy,
  reliabilityBins: lab.reliabilityBins,
  riskCoverage: lab.riskCoverage,
  applyTemperature: (p) => lab.applyTemperature(p, 1.5),
  selectiveAccuracy: (p) => lab.selectiveAccuracy(p, 0.8),
  bootstrapInterval: (p) => lab.bootstrapInterval(p, lab.accuracy),
  pairedMetricDifference: (p) => lab.pairedMetricDifference(p, p, lab.accuracy),
  "pairedMetricDifference, ECE": (p) => lab.pairedMetricDifference(p, p, "ece"),
  "calibrationError, debiased": (p) => lab.calibrationError(p, { debiased: true }),
  calibrationFloor: lab.calibrationFloor,
  balancedAccuracy: lab.balancedAccuracy,
  cohenKappa: lab.cohenKappa,
  firstPredictions: (p) => lab.firstPredictions(p, 2),
  ensemblePredictions: (p) => lab.ensemblePredictions([p, p]),
  outOfDistribution: (p) => lab.outOfDistribution(p, p),
  membershipInference: (p) => lab.membershipInference(p, p),
  conformalThreshold: (p) => lab.conformalThreshold(p, { alpha: 0.5 }),
  conformalSets: (p) => lab.conformalSets(p, { score: "lac", alpha: 0.5, value: 1, seed: 0 }),
};

function predictionsWithNaN(): Predictions {
  const p = lab.predictionsFromLogits(Float32Array.of(1, 0, 0, 1, 2, 0, 0, 3), [0, 1, 0, 1], 2);
  const probabilities = p.probabilities.slice();
  const logits = p.logits.slice();
  probabilities[4] = NaN;
  logits[4] = NaN;
  return { ...p, probabilities, logits };
}

for (const [name, metric] of Object.entries(predictionMetrics)) {
  Deno.test(`${name} refuses NaN`, () => {
    assertThrows(() => metric(predictionsWithNaN()), RangeError, "NaN");
  });
}

const labels = [0, 0, 1, 1, 0, 1];
const features = Float32Array.from({ length: 12 }, (_, k) => k % 5);
features[3] = NaN;
const clean = features.map((value) => Number.isNaN(value) ? 1 : value);

const listMetrics: Readonly<Record<string, () => unknown>> = {
  predictionsFromLogits: () => lab.predictionsFromLogits(Float32Array.of(1, NaN), [0], 2),
  predictionsFromProbabilities: () =>
    lab.predictionsFromProbabilities(Float32Array.of(1, NaN), [0], 2),
  separation: () => lab.separation([1, NaN], [0]),
  worstGroupAccuracy: () => lab.worstGroupAccuracy([1, NaN], [0, 0]),
  mahalanobisScores: () => {
    const p = lab.predictionsFromLogits(new Float32Array(12), labels, 2);
    return lab.mahalanobisScores({ ...p, features: clean }, { ...p, features });
  },
  temperatureText: () => lab.temperatureText(NaN),
  worstCaseCorrect: () => lab.worstCaseCorrect([[1, 0, NaN]]),
  minimumEpsilon: () => lab.minimumEpsilon([{ epsilon: NaN, correct: [1, 0] }]),
  "minimumEpsilon, a result": () => lab.minimumEpsilon([{ epsilon: 0.1, correct: [1, NaN] }]),
  silhouette: () => lab.silhouette(features, labels),
  knnConsistency: () => lab.knnConsistency(features, labels, { k: 2 }),
  classAngles: () => lab.classAngles(features, labels),
  linearCka: () => lab.linearCka(features, clean, 6),
  proxyADistance: () => lab.proxyADistance(features, clean, 2),
  pairedDifference: () => lab.pairedDifference([1, NaN, 0], [1, 0, 0]),
  seedDifference: () => lab.seedDifference([0.5, NaN], [0.5, 0.4]),
  coralDistance: () => lab.coralDistance(features, clean, 2),
  holmAdjusted: () => lab.holmAdjusted([0.1, NaN]),
  seedSummary: () => lab.seedSummary([0.5, NaN]),
  wilsonInterval: () => lab.wilsonInterval(NaN, 10),
  robustAccuracy: () => lab.robustAccuracy([[1, 0, NaN]]),
  unifiedObjective: () => lab.unifiedObjective({ risk: NaN }),
  "unifiedObjective, a weight": () =>
    lab.unifiedObjective({ risk: 1, robustRisk: 1, calibrationError: 0, domainGap: 0 }, {
      domainGap: NaN,
    }),
};

for (const [name, metric] of Object.entries(listMetrics)) {
  Deno.test(`${name} refuses NaN`, () => {
    assertThrows(metric, RangeError, "NaN");
  });
}

Deno.test("no public metric is left out of these tables", async () => {
  const source = await Deno.readTextFile(new URL("../../lib/metrics/mod.ts", import.meta.url));
  const exports = [...source.matchAll(/export \{([^}]*)\} from "\.\//g)];
  const names = exports.flatMap(([, list]) => list!.split(",").map((name) => name.trim()))
    .filter((name) => name !== "" && !name.startsWith("type "));
  assert(names.length > 20, `found only ${names}`);
  const tried = new Set(
    Object.keys({ ...predictionMetrics, ...listMetrics }).map((name) => name.split(",")[0]!),
  );
  // What a file holds is refused in its own test, with the file's name.
  const readers = ["loadPredictions"];
  assertEquals(names.filter((name) => !tried.has(name) && !readers.includes(name)), []);
});
