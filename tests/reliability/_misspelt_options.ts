/** A misspelt option for every public function that has options, with valid arguments besides. */
import * as lab from "../../lib/mod.ts";
import { fixtures } from "./_wrong_values.ts";

/** A call with what its options hold besides, the name that is wrong and the one that is meant. */
export interface Misspelt {
  readonly call: (wrong: Record<string, unknown>) => unknown;
  readonly wrong: string;
  readonly right: string;
  /** Where the option stands, if not directly in the function's options. */
  readonly place?: string;
}

type Row = readonly [
  wrong: string,
  right: string,
  call: (options: never) => unknown,
  place?: string,
];

/** Calls by the function's name; several rows where options are nested. */
export function misspeltOptions(run: lab.RunRecord): Readonly<Record<string, readonly Misspelt[]>> {
  const { model, data, x, logits, labels: y, p, features, groups, spec } = fixtures();
  const epsilon = 0.1;
  const adversarial = { attack: "pgd", epsilon } as const;
  const training = { train: data, epochs: 1, batchSize: 10 };
  const image = new Float32Array(2 * 32 * 32 * 3);
  const grid = { rows: [{ name: "clean", images: image, predicted: [0, 1] }], labels: [0, 1] };
  const points = [{ attack: "pgd", epsilon, accuracy: 0.5, n: 10 }];
  const steps = [{ steps: 1, accuracy: 0.5, n: 10 }];
  const history = { epochs: [{ epoch: 1, trainLoss: 1, trainAccuracy: 0.5 }], bestEpoch: 1 };
  const bar = { name: "a", value: 1 };
  const rows: Readonly<Record<string, readonly Row[]>> = {
    linearClassifier: [
      ["biases", "bias", (o) => lab.linearClassifier([[1], [2]], o)],
      ["train", "training", (o) => lab.linearClassifier([[1], [2]]).forward(x, o), "forward"],
    ],
    resnet18: [
      ["n_classes", "classes", (o) => lab.resnet18(o)],
      ["isTraining", "training", (o) => lab.resnet18().forward(x, o), "forward"],
    ],
    resnet34: [["n_classes", "classes", (o) => lab.resnet34(o)]],
    resnet20: [["chanels", "channels", (o) => lab.resnet20(o)]],
    resnet32: [["dropOut", "dropout", (o) => lab.resnet32(o)]],
    resnet44: [["seeds", "seed", (o) => lab.resnet44(o)]],
    resnet56: [["image_size", "imageSize", (o) => lab.resnet56(o)]],
    preActResNet18: [["bn_before_fc", "bnBeforeFc", (o) => lab.preActResNet18(o)]],
    fromOnnx: [["outputs", "output", (o) => lab.fromOnnx("none", o)]],
    fromLayersModel: [["means", "mean", (o) => lab.fromLayersModel({} as never, o)]],
    loadCheckpoint: [["stirct", "strict", (o) => lab.loadCheckpoint("none", model, o)]],
    judgePredictions: [["bin", "bins", (o) => lab.judgePredictions(p, o)]],
    judgeDifference: [["sed", "seed", (o) => lab.judgeDifference(p, p, o)]],
    writeJudgement: [
      [
        "class_names",
        "classNames",
        (o) => lab.writeJudgement("none", { name: "mine", predictions: p }, o),
      ],
    ],
    loadPredictions: [
      ["probabilites", "probabilities", (o) => lab.loadPredictions("none", o)],
    ],
    crossEntropy: [["reducton", "reduction", (o) => lab.crossEntropy(logits, y, o)]],
    labelSmoothingCrossEntropy: [
      ["label_smoothing", "smoothing", (o) => lab.labelSmoothingCrossEntropy(logits, y, o)],
    ],
    circleLoss: [["m", "margin", (o) => lab.circleLoss(logits, y, o)]],
    tradesLoss: [["lambda", "beta", (o) => lab.tradesLoss(logits, logits, y, o)]],
    fgsm: [["eps", "epsilon", (o) => lab.fgsm(model, x, y, o)]],
    pgd: [["alpha", "stepSize", (o) => lab.pgd(model, x, y, { epsilon, ...o as object })]],
    apgd: [["n_iter", "steps", (o) => lab.apgd(model, x, y, { epsilon, ...o as object })]],
    fab: [["n_restarts", "restarts", (o) => lab.fab(model, x, y, { epsilon, ...o as object })]],
    autoAttack: [["eps", "epsilon", (o) => lab.autoAttack(model, x, y, o)]],
    deepFool: [["max_iter", "steps", (o) => lab.deepFool(model, x, y, o)]],
    carliniWagner: [["lr", "learningRate", (o) => lab.carliniWagner(model, x, y, o)]],
    square: [["n_queries", "queries", (o) => lab.square(model, x, y, { epsilon, ...o as object })]],
    randomNoise: [["sed", "seed", (o) => lab.randomNoise(x, { epsilon, ...o as object })]],
    tradesPerturbation: [
      ["iters", "steps", (o) => lab.tradesPerturbation(model, x, { epsilon, ...o as object })],
    ],
    certify: [["noise", "sigma", (o) => lab.certify(model, x, { sigma: 0.1, ...o as object })]],
    attackSweep: [[
      "batch_size",
      "batchSize",
      (o) => lab.attackSweep(model, data, { attacks: ["fgsm"], epsilons: [0], ...o as object }),
    ]],
    iterationSweep: [[
      "eps_step",
      "stepSize",
      (o) => lab.iterationSweep(model, data, { epsilon, steps: [1], ...o as object }),
    ]],
    gradientMaskingChecks: [
      ["n_examples", "limit", (o) => lab.gradientMaskingChecks(model, data, o)],
    ],
    createDataset: [[
      "image_size",
      "imageShape",
      (o) =>
        lab.createDataset({
          name: "dots",
          images: new Uint8Array(4),
          labels: [0],
          classNames: ["a", "b"],
          ...o as object,
        }),
    ]],
    corrupt: [
      ["level", "severity", (o) => lab.corrupt(data, { kind: "fog", severity: 1, ...o as object })],
    ],
    loadDataset: [["data_dir", "directory", (o) => lab.loadDataset("svhn", "test", o)]],
    saveExamples: [["eps", "epsilon", (o) => lab.saveExamples("none", o as lab.ExampleParts)]],
    imageFolder: [
      ["image_size", "size", (o) => lab.imageFolder("none", { size: 8, ...o as object })],
    ],
    batches: [["bs", "batchSize", (o) => lab.batches(data, o)]],
    prefetchBatches: [["ahed", "ahead", (o) => lab.prefetchBatches(data, o)]],
    classBalancedBatches: [[
      "aug",
      "augment",
      (o) => lab.classBalancedBatches(data, { classes: 2, images: 2, ...o as object }),
    ]],
    calibrationError: [["n_bins", "bins", (o) => lab.calibrationError(p, o)]],
    calibrationFloor: [["n_bins", "bins", (o) => lab.calibrationFloor(p, o)]],
    outOfDistribution: [["scores", "score", (o) => lab.outOfDistribution(p, p, o)]],
    membershipInference: [["FPR", "fpr", (o) => lab.membershipInference(p, p, o)]],
    conformalThreshold: [
      ["alhpa", "alpha", (o) => lab.conformalThreshold(p, { alpha: 0.1, ...o as object })],
    ],
    reliabilityBins: [["num_bins", "bins", (o) => lab.reliabilityBins(p, o)]],
    classwiseCalibrationError: [["binz", "bins", (o) => lab.classwiseCalibrationError(p, o)]],
    bootstrapInterval: [
      ["n_resamples", "samples", (o) => lab.bootstrapInterval(p, lab.accuracy, o)],
    ],
    pairedDifference: [["alpha", "level", (o) => lab.pairedDifference([1, 0], [0, 0], o)]],
    pairedMetricDifference: [
      ["random_state", "seed", (o) => lab.pairedMetricDifference(p, p, "ece", o)],
    ],
    seedDifference: [["confidence", "level", (o) => lab.seedDifference([1, 2], [2, 3], o)]],
    unifiedObjective: [
      ["domain_gap", "domainGap", (o) => lab.unifiedObjective({ risk: 1 }, o)],
      [
        "robustrisk",
        "robustRisk",
        (o) => lab.unifiedObjective({ risk: 1, ...o as object }),
      ],
    ],
    silhouette: [["distance", "metric", (o) => lab.silhouette(features, groups, o)]],
    knnConsistency: [["n_neighbors", "k", (o) => lab.knnConsistency(features, groups, o)]],
    proxyADistance: [["limt", "limit", (o) => lab.proxyADistance(features, features, 2, o)]],
    monteCarloDropout: [[
      "n_passes",
      "passes",
      (o) => lab.monteCarloDropout(model as never, data, o),
    ]],
    integratedGradients: [["n_steps", "steps", (o) => lab.integratedGradients(model, x, y, o)]],
    parameterRandomizationCheck: [
      ["n_steps", "steps", (o) => lab.parameterRandomizationCheck(model, x, y, o)],
    ],
    collectPredictions: [["feature", "features", (o) => lab.collectPredictions(model, data, o)]],
    train: [
      ["lr", "learningRate", (o) => lab.train(model, { ...training, ...o as object })],
      ["wd", "weightDecay", (o) => lab.train(model, { ...training, ...o as object })],
      ["epsilon", "adversarial.epsilon", (o) => lab.train(model, { ...training, ...o as object })],
      [
        "eps_iter",
        "stepSize",
        (o) => lab.train(model, { ...training, adversarial: { ...adversarial, ...o as object } }),
        "train.adversarial",
      ],
      [
        "scale",
        "gamma",
        (o) => lab.train(model, { ...training, circle: { weight: 1, ...o as object } }),
        "train.circle",
      ],
      [
        "n_classes",
        "classes",
        (o) =>
          lab.train(model, {
            ...training,
            classBalanced: { classes: 2, images: 2, ...o as object },
          }),
        "train.classBalanced",
      ],
    ],
    createOptimizer: [[
      "weight_decay",
      "weightDecay",
      (o) => lab.createOptimizer(model.parameters, { kind: "sgd", ...o as object }),
    ]],
    barsWithIntervals: [
      ["labl", "label", (o) => lab.barsWithIntervals([bar], { label: "a", ...o as object })],
      [
        "point",
        "points",
        (o) => lab.barsWithIntervals([{ ...bar, ...o as object }], { label: "a" }),
        "barsWithIntervals.rows",
      ],
    ],
    checksTable: [
      ["heading", "title", (o) => lab.checksTable([{ name: "a", passed: true, detail: "" }], o)],
    ],
    confidenceCoverage: [["sub_title", "subtitle", (o) => lab.confidenceCoverage(p, o)]],
    confusionHeatmap: [["display_labels", "classNames", (o) => lab.confusionHeatmap(p, o)]],
    embedFeatures: [["rng", "seed", (o) => lab.embedFeatures(features, 20, 2, o)]],
    exampleGrid: [
      ["class_names", "classNames", (o) => lab.exampleGrid(grid, o)],
      ["label", "labels", (o) => lab.exampleGrid({ ...grid, ...o as object })],
      [
        "confidence",
        "confidences",
        (o) => lab.exampleGrid({ ...grid, rows: [{ ...grid.rows[0]!, ...o as object }] }),
        "exampleGrid.rows",
      ],
    ],
    featureMap: [[
      "domains",
      "domainNames",
      (o) => lab.featureMap({ features, labels: groups }, o),
    ]],
    iterationCurve: [
      ["tilte", "title", (o) => lab.iterationCurve({ points: steps }, o)],
      ["reference", "references", (o) => lab.iterationCurve({ points: steps, ...o as object })],
    ],
    learningCurve: [[
      "titel",
      "title",
      (o) => lab.learningCurve({ a: [{ size: 1, accuracy: 0.5, low: 0.4, high: 0.6 }] }, o),
    ]],
    minimumEpsilonDistribution: [
      ["subTitle", "subtitle", (o) => lab.minimumEpsilonDistribution([0.1], o)],
    ],
    perClassBars: [["classnames", "classNames", (o) => lab.perClassBars(p, o)]],
    reliabilityDiagram: [["n_bins", "bins", (o) => lab.reliabilityDiagram(p, o)]],
    robustnessCurve: [["suptitle", "title", (o) => lab.robustnessCurve(points, o)]],
    trainingCurves: [[
      "caption",
      "subtitle",
      (o) => lab.trainingCurves(history as unknown as lab.History, o),
    ]],
    evaluateModel: [
      [
        "sed",
        "seed",
        (o) => lab.evaluateModel(model, data, { ...evaluation(spec), ...o as object }),
      ],
      [
        "batch_size",
        "batchSize",
        (o) =>
          lab.evaluateModel(model, data, {
            ...evaluation(spec),
            options: { ...spec.evaluation, ...o as object },
          }),
        "evaluateModel.options",
      ],
    ],
    findExperiment: [["dir", "root", (o) => lab.findExperiment(spec, o)]],
    runExperiment: [
      ["data_dir", "dataDirectory", (o) => lab.runExperiment(spec, o)],
      ["sede", "seed", (o) => lab.runExperiment({ ...spec, ...o as object }), "spec"],
      [
        "lr",
        "learningRate",
        (o) => lab.runExperiment({ ...spec, train: { ...spec.train, ...o as object } }),
        "spec.train",
      ],
    ],
    runAll: [["on_result", "onResult", (o) => lab.runAll([], o)]],
    parseRunSpec: [
      ["sede", "seed", (o) => lab.parseRunSpec({ ...spec, ...o as object }), "spec"],
      [
        "bn",
        "batchNorm",
        (o) => lab.parseRunSpec({ ...spec, model: { ...spec.model, ...o as object } }),
        "spec.model",
      ],
      [
        "n_bins",
        "bins",
        (o) => lab.parseRunSpec({ ...spec, evaluation: { ...spec.evaluation, ...o as object } }),
        "spec.evaluation",
      ],
      [
        "keep_head",
        "keepHead",
        (o) => lab.parseRunSpec({ ...spec, pretrained: { from: "run", id: "a", ...o as object } }),
        "spec.pretrained",
      ],
      [
        "m",
        "margin",
        (o) =>
          lab.parseRunSpec({
            ...spec,
            train: { ...spec.train, circle: { weight: 1, ...o as object } },
          }),
        "spec.train.circle",
      ],
    ],
    withSeed: [["sede", "seed", (o) => lab.withSeed({ ...spec, ...o as object }, 1), "spec"]],
    openLab: [
      ["seed", "seeds", (o) => lab.openLab(o)],
      [
        "epoch",
        "epochs",
        (train) => lab.openLab().variant("svhn-baseline", { id: "mine", train }),
        "variant.train",
      ],
    ],
    objectiveTable: [["domaingap", "domainGap", (o) => lab.objectiveTable([run], o)]],
    compareAccuracy: [["nam", "name", (o) => lab.compareAccuracy(run, run, o)]],
    compareRobustness: [["eps", "epsilon", (o) => lab.compareRobustness(run, run, o)]],
    conformalTable: [["alhpa", "alpha", (o) => lab.conformalTable([run], o)]],
    compareSides: [
      ["atack", "attack", (o) => lab.compareSides({ runs: run, ...o as object }, { runs: run })],
      ["adapt", "adapted", (o) => lab.compareSides({ runs: run }, { runs: run, ...o as object })],
    ],
    compareMetric: [["names", "name", (o) => lab.compareMetric(run, run, "ece", o)]],
    robustnessChart: [["method", "attack", (o) => lab.robustnessChart(run, o)]],
    reliabilityChart: [["scale", "scaled", (o) => lab.reliabilityChart(run, o)]],
  };
  return Object.fromEntries(
    Object.entries(rows).map(([name, calls]) => [
      name,
      calls.map(([wrong, right, call, place]): Misspelt => ({
        wrong,
        right,
        call: call as Misspelt["call"],
        ...(place === undefined ? {} : { place }),
      })),
    ]),
  );
}

/** Settings of an evaluation that would run. */
function evaluation(spec: lab.RunSpec): lab.EvaluateModelOptions {
  const provenance = {} as lab.EvaluateModelOptions["provenance"];
  return { run: "a", seed: 0, options: spec.evaluation, attacked: false, provenance };
}
