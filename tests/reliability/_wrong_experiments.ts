/** Wrong values for experiments. */
import * as lab from "../../lib/mod.ts";
import {
  choice,
  count,
  evaluation,
  fixtures,
  notNegative,
  seed,
  type Table,
} from "./_wrong_values.ts";

/** Wrong values for experiments. */
export function wrongForExperiments(run: lab.RunRecord): Table {
  const { model, data, spec, p } = fixtures();
  const sides = { label: "a", p };
  return {
    experimentMatrix: [["profile", choice, (profile) => lab.experimentMatrix(profile)]],
    specById: [
      ["profile", choice, (profile) => lab.specById(profile, "svhn-baseline")],
      ["id", choice, (id) => lab.specById("quick", id)],
      ["seed", seed, (seed) => lab.specById("quick", "svhn-baseline", seed)],
    ],
    withSeed: [["seed", [...seed, -1], (seed) => lab.withSeed(spec, seed)]],
    parseSeeds: [["seeds", ["x", "1,,2", "-1", "0.5"], (text) => lab.parseSeeds("seeds", text)]],
    openLab: [
      ["profile", choice, (profile) => lab.openLab({ profile })],
      ["seeds", [[0.5], [-1], [NaN], [], 3, null], (seeds) => lab.openLab({ seeds })],
    ],
    parseRunSpec: [
      ["seed", [...seed, -1], (seed) => lab.parseRunSpec({ ...spec as object, seed })],
      ["profile", choice, (profile) => lab.parseRunSpec({ ...spec as object, profile })],
      [
        "train.epochs",
        count,
        (epochs) => lab.parseRunSpec({ ...spec, train: { ...spec.train, epochs } }),
      ],
      [
        "data.trainLimit",
        count,
        (trainLimit) => lab.parseRunSpec({ ...spec, data: { ...spec.data, trainLimit } }),
      ],
    ],
    statement: [
      [
        "n",
        count,
        (n) => lab.statement({ label: "a", correct: 0, n }, { label: "b", correct: 0, n: 9 }),
      ],
      [
        "correct",
        [...notNegative, 10],
        (correct) => lab.statement({ label: "a", correct, n: 9 }, { label: "b", correct: 0, n: 9 }),
      ],
    ],
    predicted: [
      [
        "expected",
        choice,
        (value) =>
          lab.predicted(
            "a",
            value,
            lab.statement({ label: "a", correct: 1, n: 9 }, { label: "b", correct: 0, n: 9 }),
          ),
      ],
    ],
    compareMetric: [
      ["metric", choice, (metric) => lab.compareMetric(run, run, metric)],
      ["name", evaluation, (name) => lab.compareMetric(run, run, "ece", { name })],
    ],
    compareSides: [
      ["name", evaluation, (name) => lab.compareSides({ runs: run, name }, { runs: run })],
      ["attack", ["nonsense"], (attack) => lab.compareSides({ runs: run, attack }, { runs: run })],
      [
        "surest",
        [0, 1, NaN, "0.5"],
        (surest) => lab.compareSides({ runs: run, surest }, { runs: run }),
      ],
      ["metric", choice, (metric) => lab.compareSides({ runs: run }, { runs: run }, metric)],
      ["second", [undefined, {}, 7], (second) => lab.compareSides({ runs: run }, second)],
    ],
    predictionTable: [
      ["findings", [undefined, [{}], 7], (findings) => lab.predictionTable(findings)],
    ],
    conformalTable: [
      ["alpha", [0, 1, NaN, "0.1"], (alpha) => lab.conformalTable([run], { alpha })],
      ["score", choice, (score) => lab.conformalTable([run], { score })],
      ["runs", [undefined, [{}], 7], (runs) => lab.conformalTable(runs)],
    ],
    compareAccuracy: [["name", evaluation, (name) => lab.compareAccuracy(run, run, { name })]],
    compareRobustness: [
      ["attack", ["nonsense", 3], (attack) => lab.compareRobustness(run, run, { attack })],
      ["epsilon", [0.123, NaN], (epsilon) => lab.compareRobustness(run, run, { epsilon })],
    ],
    accuracyChart: [["name", evaluation, (name) => lab.accuracyChart([run], name)]],
    classRiskTable: [["name", evaluation, (name) => lab.classRiskTable(run, name)]],
    confusionChart: [["name", evaluation, (name) => lab.confusionChart(run, name)]],
    coverageChart: [["name", evaluation, (name) => lab.coverageChart(run, name)]],
    domainMapChart: [["name", evaluation, (name) => lab.domainMapChart(run, name)]],
    mapChart: [["name", evaluation, (name) => lab.mapChart(run, name)]],
    perClassChart: [["name", evaluation, (name) => lab.perClassChart(run, name)]],
    reliabilityChart: [["name", evaluation, (name) => lab.reliabilityChart(run, { name })]],
    robustnessChart: [[
      "attack",
      ["nonsense", 3],
      (attack) => lab.robustnessChart(run, { attack }),
    ]],
    holmAdjusted: [["pValues", [[NaN], [2], [-1], ["1"], 7], (p) => lab.holmAdjusted(p)]],
    seedSummary: [["values", [[], [NaN], ["1"]], (values) => lab.seedSummary(values)]],
    seedDifference: [
      ["first", [[], [1], [1, NaN], ["1", "2"], 7], (first) => lab.seedDifference(first, first)],
      ["second", [[1], [1, NaN], undefined], (second) => lab.seedDifference([1, 2], second)],
      ["level", [0, 1, NaN, "0.9"], (level) => lab.seedDifference([1, 2], [1, 3], { level })],
    ],
    comparePredictions: [
      ["first", [undefined, {}, 7], (first) => lab.comparePredictions(first, sides, "ece")],
      ["second", [undefined, {}, 7], (second) => lab.comparePredictions(sides, second, "ece")],
      ["metric", choice, (metric) => lab.comparePredictions(sides, sides, metric)],
    ],
    runsOf: [
      ["runs", [undefined, [{}], 7], (runs) => lab.runsOf(runs, "mnist-train")],
      ["id", [undefined, 7], (id) => lab.runsOf([run], id)],
    ],
    firstSeed: [
      ["runs", [undefined, [{}], 7], (runs) => lab.firstSeed(runs, "mnist-train")],
      ["id", [undefined, 7, "nonsense"], (id) => lab.firstSeed([run], id)],
    ],
    firstSeeds: [
      ["runs", [undefined, [{}], 7], (runs) => lab.firstSeeds(runs, ["mnist-train"])],
      ["ids", [undefined, 7], (ids) => lab.firstSeeds([run], ids)],
      ["id", [7, "nonsense"], (id) => lab.firstSeeds([run], [id])],
    ],
    firstSeedLabel: [["seeds", [undefined, [{}], 7], (seeds) => lab.firstSeedLabel(seeds)]],
    robustAccuracy: [[
      "attacks",
      [[], [[]], [[2]], [[1], [1, 0]]],
      (attacks) => lab.robustAccuracy(attacks),
    ]],
    worstCaseCorrect: [
      ["attacks", [[], [[]], [[2]], [[1], [1, 0]]], (attacks) => lab.worstCaseCorrect(attacks)],
    ],
    runExperiment: [
      ["seed", [...seed, -1], (seed) => lab.runExperiment({ ...spec, seed })],
      ["directory", [3, {}], (dataDirectory) => lab.runExperiment(spec, { dataDirectory })],
    ],
    findExperiment: [["seed", [...seed, -1], (seed) => lab.findExperiment({ ...spec, seed })]],
    runAll: [["seed", [...seed, -1], (seed) => lab.runAll([{ ...spec, seed }])]],
    evaluateModel: [
      ["batchSize", count, (batchSize) =>
        lab.evaluateModel(model, data, {
          run: "a",
          seed: 0,
          options: { ...spec.evaluation, batchSize },
          provenance: {},
        } as never)],
    ],
  };
}
