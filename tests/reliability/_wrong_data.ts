/** Wrong values for data, metrics and charts. */
import * as lab from "../../lib/mod.ts";
import { tf } from "../../lib/backend/tf.ts";
import {
  type Argument,
  choice,
  count,
  fixtures,
  given,
  notNegative,
  notNumbers,
  positive,
  seed,
  share,
  type Table,
} from "./_wrong_values.ts";

/** Wrong values for data, metrics and charts. */
export function wrongForData(): Table {
  const { model, data, p, features, groups } = fixtures();
  const own: lab.DatasetParts = {
    name: "own",
    images: new Uint8Array(8),
    labels: [0, 1],
    classNames: ["a", "b"],
    imageShape: [2, 2, 1],
  };
  const examples: lab.ExampleParts = {
    images: tf.zeros([2, 2, 2, 1]) as tf.Tensor4D,
    ...{ labels: [0, 1], predictions: [0, 1] },
    ...{ epsilon: 8 / 255, norm: "linf", attack: "pgd", checkpoint: "mine" },
  };
  return {
    loadDataset: [
      ["name", choice, (name) => lab.loadDataset(name, "train", { source: "procedural" })],
      ["split", choice, (split) => lab.loadDataset("svhn", split, { source: "procedural" })],
      ["source", choice, (source) => lab.loadDataset("svhn", "train", { source })],
      [
        "limit",
        count,
        (limit) => lab.loadDataset("svhn", "train", { source: "procedural", limit }),
      ],
      ["seed", seed, (seed) => lab.loadDataset("svhn", "train", { source: "procedural", seed })],
      ["directory", [3, {}, null], (directory) => lab.loadDataset("svhn", "train", { directory })],
    ],
    imageFolder: [
      ["directory", [3, {}, null], (directory) => lab.imageFolder(directory, { size: 8 })],
      [
        "size",
        [0, 1.5, -1, NaN, "8", undefined, [8], [8, 0], null],
        (size) => lab.imageFolder(".", { size }),
      ],
      ["split", choice, (split) => lab.imageFolder(".", { size: 8, split })],
    ],
    saveExamples: [
      ["path", [3, {}, null], (path) => lab.saveExamples(path, examples)],
      ["images", [[1], null, 3], (images) => lab.saveExamples(".", { ...examples, images })],
      ["labels", [3, null], (labels) => lab.saveExamples(".", { ...examples, labels })],
      [
        "predictions",
        [3, null],
        (predictions) => lab.saveExamples(".", { ...examples, predictions }),
      ],
      ["epsilon", notNegative, (epsilon) => lab.saveExamples(".", { ...examples, epsilon })],
      ["norm", choice, (norm) => lab.saveExamples(".", { ...examples, norm })],
      ["attack", [" ", 3, null], (attack) => lab.saveExamples(".", { ...examples, attack })],
      [
        "checkpoint",
        [" ", 3, null],
        (checkpoint) => lab.saveExamples(".", { ...examples, checkpoint }),
      ],
    ],
    fromLayersModel: [["model", [undefined, {}, 7], (model) => lab.fromLayersModel(model)]],
    fromOnnx: [
      ["path", [3, {}, null], (path) => lab.fromOnnx(path)],
      ["layout", choice, (layout) => lab.fromOnnx("none", { layout })],
      ["output", [3, null], (output) => lab.fromOnnx("none", { output })],
      ["imageSize", [0, 1.5, -1], (imageSize) => lab.fromOnnx("none", { imageSize })],
    ],
    loadExamples: [["path", [3, {}, null], (path) => lab.loadExamples(path)]],
    createDataset: [
      ["name", [3, "", " ", null, {}], (name) => lab.createDataset({ ...own, name })],
      [
        "images",
        [new Float32Array(8), new Uint8Array(7), [0], null, 3],
        (images) => lab.createDataset({ ...own, images }),
      ],
      [
        "labels",
        [[2, 0], [-1, 0], [0.5, 0], [], 3],
        (labels) => lab.createDataset({ ...own, labels }),
      ],
      [
        "classNames",
        [[], ["a", 3], "ab", 3, Array(257).fill("a")],
        (classNames) => lab.createDataset({ ...own, classNames }),
      ],
      [
        "imageShape",
        [[2, 2], [2, 2, 0], [2, 2, 1.5], 4, null, "2x2"],
        (imageShape) => lab.createDataset({ ...own, imageShape }),
      ],
      ["split", choice, (split) => lab.createDataset({ ...own, split })],
      [
        "source",
        choice,
        (source) => lab.createDataset({ ...own, source }),
      ],
    ],
    corrupt: [
      ["kind", choice, (kind) => lab.corrupt(data, { kind, severity: 1 })],
      [
        "severity",
        [...count, 6],
        (severity) => lab.corrupt(data, { kind: "contrast", severity }),
      ],
      ["seed", seed, (seed) => lab.corrupt(data, { kind: "contrast", severity: 1, seed })],
    ],
    splitDataset: [
      ["fraction", share, (fraction) => lab.splitDataset(data, fraction, 0)],
      ["seed", seed, (seed) => lab.splitDataset(data, 0.5, seed)],
    ],
    joinDatasets: [
      ["first", [undefined, {}, 7], (first) => lab.joinDatasets(first, data)],
      ["second", [undefined, {}, 7], (second) => lab.joinDatasets(data, second)],
    ],
    coralDistance: [
      ["width", [...count, 5], (width) => lab.coralDistance([1, 2, 3, 4], [1, 2, 3, 4], width)],
      ["source", [[], [1], 7], (source) => lab.coralDistance(source, [1, 2], 1)],
    ],
    selectImages: [
      [
        "indices",
        [[20], [-1], [0.5], [NaN], [], 3, null],
        (indices) => lab.selectImages(data, indices),
      ],
    ],
    ...Object.fromEntries(
      ([["batches", lab.batches], ["prefetchBatches", lab.prefetchBatches]] as const)
        .map(([name, make]): [string, Argument[]] => [name, [
          ["batchSize", count, (batchSize) => first(make(data, { batchSize }))],
          ["augment", choice, (augment) => first(make(data, { augment }))],
          ["seed", seed, (seed) => first(make(data, { seed }))],
        ]]),
    ),
    classBalancedBatches: [
      [
        "classes",
        count,
        (classes) => first(lab.classBalancedBatches(data, { classes, images: 2 })),
      ],
      ["images", count, (images) => first(lab.classBalancedBatches(data, { classes: 2, images }))],
      [
        "seed",
        seed,
        (seed) => first(lab.classBalancedBatches(data, { classes: 2, images: 2, seed })),
      ],
      [
        "augment",
        choice,
        (augment) => first(lab.classBalancedBatches(data, { classes: 2, images: 2, augment })),
      ],
    ],
    predictionsFromLogits: [
      [
        "logits",
        [Float32Array.of(NaN, 1), Float32Array.of(1, 2, 3), 3, null],
        (logits) => lab.predictionsFromLogits(logits, [0], 2),
      ],
      [
        "labels",
        [[2], [-1], [0.5], [NaN], [0, 1], 3, null],
        (labels) => lab.predictionsFromLogits(Float32Array.of(1, 2), labels, 2),
      ],
      [
        "classes",
        count,
        (classes) => lab.predictionsFromLogits(Float32Array.of(1, 2), [0], classes),
      ],
    ],
    predictionsFromProbabilities: [
      [
        "probabilities",
        [Float32Array.of(NaN, 1), Float32Array.of(0.5, 0.6), Float32Array.of(1), 3, null],
        (probabilities) => lab.predictionsFromProbabilities(probabilities, [0], 2),
      ],
      [
        "labels",
        [[2], [-1], [0.5], [NaN], [0, 1], 3, null],
        (labels) => lab.predictionsFromProbabilities(Float32Array.of(0.5, 0.5), labels, 2),
      ],
      [
        "classes",
        count,
        (classes) => lab.predictionsFromProbabilities(Float32Array.of(0.5, 0.5), [0], classes),
      ],
    ],
    judgePredictions: [
      ["bins", count, (bins) => lab.judgePredictions(p, { bins })],
      ["alpha", [...share, 0, 1], (alpha) => lab.judgePredictions(p, { alpha })],
      ["seed", seed, (seed) => lab.judgePredictions(p, { seed })],
      ["calibration", [3, null, {}, p], (calibration) => lab.judgePredictions(p, { calibration })],
    ],
    judgeDifference: [["seed", seed, (seed) => lab.judgeDifference(p, p, { seed })]],
    writeJudgement: [
      [
        "directory",
        [3, null],
        (directory) => lab.writeJudgement(directory, { name: "mine", predictions: p }),
      ],
      ["name", [3, null], (name) => lab.writeJudgement("none", { name, predictions: p })],
      [
        "compare",
        [3, null, {}],
        (compare) => lab.writeJudgement("none", { name: "mine", predictions: p }, { compare }),
      ],
    ],
    loadPredictions: [
      ["path", [3, null], (path) => lab.loadPredictions(path)],
      ["labels", [3, null], (labels) => lab.loadPredictions("none", { labels })],
      [
        "probabilities",
        [3, null, "yes"],
        (probabilities) => lab.loadPredictions("none", { probabilities }),
      ],
    ],
    temperatureText: [
      ["temperature", positive, (temperature) => lab.temperatureText(temperature)],
      ["digits", [-1, 0.5, 21, NaN], (digits) => lab.temperatureText(1, digits)],
    ],
    collectPredictions: [
      ["batchSize", count, (batchSize) => lab.collectPredictions(model, data, { batchSize })],
      ["limit", count, (limit) => lab.collectPredictions(model, data, { limit })],
    ],
    calibrationError: [
      ["bins", count, (bins) => lab.calibrationError(p, { bins })],
      ["norm", choice, (norm) => lab.calibrationError(p, { norm })],
      ["binning", choice, (binning) => lab.calibrationError(p, { binning })],
      ["debiased", choice, (debiased) => lab.calibrationError(p, { debiased })],
      ["norm", ["max"], (norm) => lab.calibrationError(p, { norm, debiased: true })],
    ],
    calibrationFloor: [
      ["bins", count, (bins) => lab.calibrationFloor(p, { bins })],
      ["samples", count, (samples) => lab.calibrationFloor(p, { samples })],
      ["seed", seed, (seed) => lab.calibrationFloor(p, { seed })],
    ],
    ensemblePredictions: [
      ["list", [[], [p, lab.predictionsFromLogits(Float32Array.of(1, 0), [0], 2)], null, 3], (
        list,
      ) => lab.ensemblePredictions(list)],
    ],
    worstGroupAccuracy: [
      ["correct", [[1], [2, 0], null, 3], (correct) => lab.worstGroupAccuracy(correct, [0, 1])],
      ["groups", [[0.5, 0], [NaN, 0], null, 3], (groups) => lab.worstGroupAccuracy([1, 0], groups)],
    ],
    separation: [
      ["positive", [[], [NaN], ["1"], null, 3], (positive) => lab.separation(positive, [1])],
      ["negative", [[], [NaN], ["1"], null, 3], (negative) => lab.separation([1], negative)],
    ],
    outOfDistribution: [["score", choice, (score) => lab.outOfDistribution(p, p, { score })]],
    membershipInference: [
      ["fpr", [...share, 0], (fpr) => lab.membershipInference(p, p, { fpr })],
    ],
    conformalThreshold: [
      ["alpha", [...share, 0, 1], (alpha) => lab.conformalThreshold(p, { alpha })],
      ["score", choice, (score) => lab.conformalThreshold(p, { alpha: 0.1, score })],
      ["seed", seed, (seed) => lab.conformalThreshold(p, { alpha: 0.1, seed })],
    ],
    conformalSets: [
      [
        "threshold.value",
        [NaN, "0.5", {}],
        (value) => lab.conformalSets(p, { score: "lac", alpha: 0.1, value, seed: 0 }),
      ],
      [
        "threshold.score",
        choice,
        (score) => lab.conformalSets(p, { score, alpha: 0.1, value: 1, seed: 0 }),
      ],
      [
        "threshold.seed",
        seed,
        (seed) => lab.conformalSets(p, { score: "lac", alpha: 0.1, value: 1, seed }),
      ],
      ["threshold", [null, 3, {}], (threshold) => lab.conformalSets(p, threshold)],
    ],
    mahalanobisScores: [
      [
        "p.features",
        [Float32Array.of(NaN), Float32Array.of(1), undefined],
        (features) =>
          lab.mahalanobisScores({ ...p, features: new Float32Array(8) }, { ...p, features }),
      ],
    ],
    reliabilityBins: [["bins", count, (bins) => lab.reliabilityBins(p, { bins })]],
    classwiseCalibrationError: [
      ["bins", count, (bins) => lab.classwiseCalibrationError(p, { bins })],
    ],
    selectiveAccuracy: [["coverage", [...share, 0], (value) => lab.selectiveAccuracy(p, value)]],
    applyTemperature: [["t", positive, (value) => lab.applyTemperature(p, value)]],
    bootstrapInterval: [
      ["samples", count, (samples) => lab.bootstrapInterval(p, lab.accuracy, { samples })],
      ["level", [...share, 0, 1], (level) => lab.bootstrapInterval(p, lab.accuracy, { level })],
      ["seed", seed, (seed) => lab.bootstrapInterval(p, lab.accuracy, { seed })],
      ["metric", ["accuracy", null, 3], (metric) => lab.bootstrapInterval(p, metric)],
    ],
    pairedDifference: [
      ["samples", count, (samples) => lab.pairedDifference([1, 0], [0, 0], { samples })],
      ["level", [...share, 0, 1], (level) => lab.pairedDifference([1, 0], [0, 0], { level })],
      ["seed", seed, (seed) => lab.pairedDifference([1, 0], [0, 0], { seed })],
      ["second", [[1], null, 3], (second) => lab.pairedDifference([1, 0], second)],
    ],
    firstPredictions: [["n", [...count, 1e6], (n) => lab.firstPredictions(p, n)]],
    pairedMetricDifference: [
      ["samples", count, (samples) => lab.pairedMetricDifference(p, p, "ece", { samples })],
      ["level", [...share, 0, 1], (level) => lab.pairedMetricDifference(p, p, "ece", { level })],
      ["seed", seed, (seed) => lab.pairedMetricDifference(p, p, "ece", { seed })],
      ["metric", choice, (metric) => lab.pairedMetricDifference(p, p, metric)],
      ["paired", choice, (paired) => lab.pairedMetricDifference(p, p, "ece", { paired })],
    ],
    wilsonInterval: [
      ["correct", [...notNegative, 11, 0.5], (value) => lab.wilsonInterval(value, 10)],
      ["n", count, (value) => lab.wilsonInterval(0, value)],
      ["level", [...share, 0, 1], (value) => lab.wilsonInterval(5, 10, value)],
    ],
    knnConsistency: [
      ["k", [...count, 20], (k) => lab.knnConsistency(features, groups, { k })],
      ["metric", choice, (metric) => lab.knnConsistency(features, groups, { metric })],
      ["labels", [[0.5], [-1, 0], null, 3], (value) => lab.knnConsistency(features, value)],
    ],
    silhouette: [
      ["metric", choice, (metric) => lab.silhouette(features, groups, { metric })],
      ["labels", [[0.5], [-1, 0], null, 3], (value) => lab.silhouette(features, value)],
    ],
    classAngles: [[
      "labels",
      [[0.5], [-1, 0], null, 3],
      (value) => lab.classAngles(features, value),
    ]],
    linearCka: [["n", count, (n) => lab.linearCka(features, features, n)]],
    proxyADistance: [
      ["width", [...count, 7], (width) => lab.proxyADistance(features, features, width)],
      ["limit", count, (limit) => lab.proxyADistance(features, features, 2, { limit })],
      ["seed", seed, (seed) => lab.proxyADistance(features, features, 2, { seed })],
    ],
    unifiedObjective: [
      [
        "risk",
        notNumbers.filter((value) => value !== null),
        (risk) => lab.unifiedObjective({ risk }),
      ],
    ],
    minimumEpsilon: [
      [
        "epsilon",
        notNegative,
        (epsilon) =>
          lab.minimumEpsilon([{ epsilon, correct: [1, 0] }, { epsilon: 0.5, correct: [0, 0] }]),
      ],
    ],
    reliabilityDiagram: [["bins", given(count), (bins) => lab.reliabilityDiagram(p, { bins })]],
    embedFeatures: [
      ["n", count, (n) => lab.embedFeatures(features, n, 2)],
      ["seed", seed, (seed) => lab.embedFeatures(features, 20, 2, { seed })],
      ["method", choice, (method) => lab.embedFeatures(features, 20, 2, { method })],
    ],
    barsWithIntervals: [
      [
        "form",
        given(choice),
        (form) => lab.barsWithIntervals([{ name: "a", value: 1 }], { label: "b", form }),
      ],
      [
        "unit",
        given(choice),
        (unit) => lab.barsWithIntervals([{ name: "a", value: 1 }], { label: "b", unit }),
      ],
      [
        "decimals",
        given([...seed, -1]),
        (decimals) => lab.barsWithIntervals([{ name: "a", value: 1 }], { label: "b", decimals }),
      ],
    ],
  };
}

async function first(batches: Iterable<lab.Batch> | AsyncIterable<lab.Batch>): Promise<void> {
  for await (const { x, y } of batches) {
    tf.dispose([x, y]);
    return;
  }
}
