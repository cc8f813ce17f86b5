/** Wrong values for every number, choice and shape that a public function takes. */
import * as lab from "../../lib/mod.ts";
import { tf } from "../../lib/backend/tf.ts";
import { constantImages } from "../data/fixtures.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";

/** Numbers out of a range, and values that are no numbers. */
const notNumbers = [NaN, Infinity, "0.5", null, {}];
const share = [...notNumbers, -0.1, 1.1];
const notNegative = [...notNumbers, -0.1];
const positive = [...notNegative, 0];
const count = [...notNumbers, 0, -1, 1.5];
const seed = [...notNumbers, 0.5];
const choice = ["nonsense", 3, null];
/** Names of no evaluation. */
const evaluation = ["nonsense", 3];
/** Where null stands for "not given". */
const given = (values: readonly unknown[]) => values.filter((value) => value !== null);

/** An argument, values that it must not have, and a call with one of them. */
export type Argument = readonly [
  name: string,
  values: readonly unknown[],
  call: (value: never) => unknown,
];

/** What every call can use; nothing is computed, since every call is refused. */
function fixtures() {
  const logits = tf.zeros([2, 10]) as tf.Tensor2D;
  const labels = tf.tensor1d([0, 1], "int32");
  const p = lab.predictionsFromLogits(Float32Array.of(1, 0, 0, 1, 2, 0, 0, 3), [0, 1, 0, 1], 2);
  return {
    model: tinyClassifier(1),
    data: constantImages(20),
    x: tf.zeros([2, 32, 32, 3]) as tf.Tensor4D,
    logits,
    labels,
    p,
    features: Float32Array.from({ length: 40 }, (_, k) => Math.sin(k)),
    groups: Array.from({ length: 20 }, (_, k) => k % 2),
    spec: lab.specById("quick", "svhn-baseline"),
  };
}

/** Labels and shapes that do not fit two images of ten classes. */
const wrongLabels = [
  tf.tensor1d([0, 10], "int32"),
  tf.tensor1d([-1, 0], "int32"),
  tf.tensor1d([0], "int32"),
  [0, 1],
  null,
];
const wrongImages = [
  tf.zeros([2, 32, 32]),
  tf.zeros([2, 32, 32, 3], "int32"),
  tf.fill([2, 32, 32, 3], 2),
  tf.fill([2, 32, 32, 3], NaN),
  tf.zeros([0, 32, 32, 3]),
  [[1]],
];
const wrongLogits = [tf.zeros([2]), tf.zeros([2, 10, 1]), tf.zeros([2, 10], "int32"), [1], null];

/** The arguments of each public function, by its name. */
export function wrongArguments(run: lab.RunRecord): Readonly<Record<string, readonly Argument[]>> {
  const { model, data, x, logits, labels, p, features, groups, spec } = fixtures();
  const attack = (run: (options: never) => unknown, needed: object): Argument[] => [
    ["epsilon", share, (epsilon) => run({ ...needed, epsilon } as never)],
    ["seed", seed, (seed) => run({ ...needed, epsilon: 0.1, seed } as never)],
  ];
  const onBatch = (run: (m: never, x: never, y: never, options: never) => unknown): Argument[] => [
    ["x", wrongImages, (x) => run(model as never, x, labels as never, { epsilon: 0.1 } as never)],
    ["y", wrongLabels, (y) => run(model as never, x as never, y, { epsilon: 0.1 } as never)],
  ];
  const trained = (name: string, values: readonly unknown[]): Argument => [
    name,
    values,
    (value) => {
      const [outer, inner] = name.split(".") as [string, string | undefined];
      const needed: Record<string, object> = {
        adversarial: { attack: "pgd", epsilon: 0.1 },
        circle: { weight: 1 },
        classBalanced: { classes: 2, images: 2 },
      };
      const option = inner === undefined ? value : { ...needed[outer], [inner]: value };
      return lab.train(model, { train: data, epochs: 1, [outer]: option } as never);
    },
  ];
  return {
    // models
    resnet18: [
      ["classes", count, (classes) => lab.resnet18({ classes })],
      ["imageSize", count, (imageSize) => lab.resnet18({ imageSize })],
      ["stem", choice, (stem) => lab.resnet18({ stem })],
      ["dropout", [...share, 1], (dropout) => lab.resnet18({ dropout })],
      ["batchNorm", ["yes", 1], (batchNorm) => lab.resnet18({ batchNorm })],
      ["mean", [[1], [1, 2, NaN], 0.5, [1, 2, 3, 4]], (mean) => lab.resnet18({ mean })],
      ["std", [[1], [1, 0, 1], [1, -1, 1], 0.5, [1, NaN, 1]], (std) => lab.resnet18({ std })],
      ["seed", seed, (seed) => lab.resnet18({ seed })],
    ],
    generator: [
      ["seed", seed, (value) => lab.generator(value)],
    ],
    // losses
    crossEntropy: [
      ["logits", wrongLogits, (value) => lab.crossEntropy(value, labels)],
      ["labels", wrongLabels, (value) => lab.crossEntropy(logits, value)],
      ["reduction", choice, (reduction) => lab.crossEntropy(logits, labels, { reduction })],
    ],
    labelSmoothingCrossEntropy: [
      ["logits", wrongLogits, (value) => lab.labelSmoothingCrossEntropy(value, labels)],
      ["labels", wrongLabels, (value) => lab.labelSmoothingCrossEntropy(logits, value)],
      [
        "smoothing",
        [...share, 1],
        (smoothing) => lab.labelSmoothingCrossEntropy(logits, labels, { smoothing }),
      ],
      ["spread", choice, (spread) => lab.labelSmoothingCrossEntropy(logits, labels, { spread })],
      [
        "reduction",
        choice,
        (reduction) => lab.labelSmoothingCrossEntropy(logits, labels, { reduction }),
      ],
    ],
    circleLoss: [
      ["embeddings", wrongLogits, (value) => lab.circleLoss(value, labels)],
      ["labels", wrongLabels.slice(2), (value) => lab.circleLoss(logits, value)],
      ["margin", notNumbers, (margin) => lab.circleLoss(logits, labels, { margin })],
      ["gamma", positive, (gamma) => lab.circleLoss(logits, labels, { gamma })],
    ],
    tradesLoss: [
      ["logitsClean", wrongLogits, (value) => lab.tradesLoss(value, logits, labels)],
      ["logitsAdversarial", wrongLogits, (value) => lab.tradesLoss(logits, value, labels)],
      ["labels", wrongLabels, (value) => lab.tradesLoss(logits, logits, value)],
      ["beta", notNegative, (beta) => lab.tradesLoss(logits, logits, labels, { beta })],
    ],
    // attacks
    fgsm: [
      ...attack((options) => lab.fgsm(model, x, labels, options), {}),
      ...onBatch(lab.fgsm as never),
    ].filter(([name]) => name !== "seed"),
    pgd: [
      ...attack((options) => lab.pgd(model, x, labels, options), {}),
      ...onBatch(lab.pgd as never),
      ["steps", count, (steps) => lab.pgd(model, x, labels, { epsilon: 0.1, steps })],
      ["restarts", count, (restarts) => lab.pgd(model, x, labels, { epsilon: 0.1, restarts })],
      [
        "stepSize",
        notNegative,
        (stepSize) => lab.pgd(model, x, labels, { epsilon: 0.1, stepSize }),
      ],
      ["norm", choice, (norm) => lab.pgd(model, x, labels, { epsilon: 0.1, norm })],
      ["epsilon", notNegative, (epsilon) => lab.pgd(model, x, labels, { epsilon, norm: "l2" })],
    ],
    apgd: [
      ...attack((options) => lab.apgd(model, x, labels, options), {}),
      ...onBatch(lab.apgd as never),
      ["steps", count, (steps) => lab.apgd(model, x, labels, { epsilon: 0.1, steps })],
      ["loss", choice, (loss) => lab.apgd(model, x, labels, { epsilon: 0.1, loss })],
    ],
    square: [
      ...attack((options) => lab.square(model, x, labels, options), {}),
      ...onBatch(lab.square as never),
      ["queries", count, (queries) => lab.square(model, x, labels, { epsilon: 0.1, queries })],
    ],
    randomNoise: [
      ...attack((options) => lab.randomNoise(x, options), {}),
      ["x", wrongImages, (x) => lab.randomNoise(x, { epsilon: 0.1 })],
    ],
    tradesPerturbation: [
      ...attack((options) => lab.tradesPerturbation(model, x, options), { steps: 1 }),
      ["x", wrongImages, (x) => lab.tradesPerturbation(model, x, { epsilon: 0.1 })],
      ["steps", count, (steps) => lab.tradesPerturbation(model, x, { epsilon: 0.1, steps })],
    ],
    attackSweep: [
      [
        "attacks",
        [["nonsense"], [], "pgd", null],
        (attacks) => lab.attackSweep(model, data, { attacks, epsilons: [0.1] }),
      ],
      [
        "epsilons",
        [[2], [NaN], [], 0.1, null],
        (epsilons) => lab.attackSweep(model, data, { attacks: ["fgsm"], epsilons }),
      ],
      ...(["steps", "batchSize", "limit", "queries"] as const).map((name): Argument => [
        name,
        count,
        (value) =>
          lab.attackSweep(model, data, {
            attacks: [name === "queries" ? "square" : "pgd"],
            epsilons: [0.1],
            [name]: value,
          }),
      ]),
      [
        "seed",
        seed,
        (seed) => lab.attackSweep(model, data, { attacks: ["pgd"], epsilons: [0.1], seed }),
      ],
      [
        "apgdLoss",
        choice,
        (apgdLoss) =>
          lab.attackSweep(model, data, { attacks: ["apgd"], epsilons: [0.1], apgdLoss }),
      ],
    ],
    iterationSweep: [
      ["epsilon", share, (epsilon) => lab.iterationSweep(model, data, { epsilon, steps: [1] })],
      [
        "steps",
        [[-1], [1.5], [], 3, null],
        (steps) => lab.iterationSweep(model, data, { epsilon: 0.1, steps }),
      ],
      [
        "limit",
        count,
        (limit) => lab.iterationSweep(model, data, { epsilon: 0.1, steps: [1], limit }),
      ],
      [
        "batchSize",
        count,
        (batchSize) => lab.iterationSweep(model, data, { epsilon: 0.1, steps: [1], batchSize }),
      ],
    ],
    gradientMaskingChecks: [
      ["epsilon", share, (epsilon) => lab.gradientMaskingChecks(model, data, { epsilon })],
      ["limit", given(count), (limit) => lab.gradientMaskingChecks(model, data, { limit })],
      ["batchSize", count, (batchSize) => lab.gradientMaskingChecks(model, data, { batchSize })],
      ["seed", seed, (seed) => lab.gradientMaskingChecks(model, data, { seed })],
    ],
    // data
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
    splitDataset: [
      ["fraction", share, (fraction) => lab.splitDataset(data, fraction, 0)],
      ["seed", seed, (seed) => lab.splitDataset(data, 0.5, seed)],
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
    // metrics
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
    collectPredictions: [
      ["batchSize", count, (batchSize) => lab.collectPredictions(model, data, { batchSize })],
      ["limit", count, (limit) => lab.collectPredictions(model, data, { limit })],
    ],
    calibrationError: [
      ["bins", count, (bins) => lab.calibrationError(p, { bins })],
      ["norm", choice, (norm) => lab.calibrationError(p, { norm })],
      ["binning", choice, (binning) => lab.calibrationError(p, { binning })],
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
    // training
    createOptimizer: [
      ["kind", choice, (kind) => lab.createOptimizer(model.parameters, { kind })],
      [
        "momentum",
        [...share, 1],
        (momentum) => lab.createOptimizer(model.parameters, { kind: "sgd", momentum }),
      ],
      [
        "weightDecay",
        notNegative,
        (weightDecay) => lab.createOptimizer(model.parameters, { kind: "sgd", weightDecay }),
      ],
    ],
    train: [
      ...(["epochs", "batchSize"].map((name) => trained(name, count))),
      trained("optimizer", choice),
      trained("learningRate", positive),
      trained("momentum", [...share, 1]),
      trained("weightDecay", notNegative),
      trained("milestones", [[2], [NaN], ["x"], 0.5]),
      trained("decay", positive),
      trained("labelSmoothing", [...share, 1]),
      trained("augment", choice),
      trained("seed", seed),
      trained("freeze", [3, "(", {}]),
      trained("adversarial.attack", choice),
      trained("adversarial.epsilon", share),
      trained("adversarial.steps", count),
      trained("adversarial.stepSize", notNegative),
      trained("adversarial.probability", share),
      trained("adversarial.beta", notNegative),
      trained("circle.weight", notNegative),
      trained("circle.margin", notNumbers),
      trained("circle.gamma", positive),
      trained("classBalanced.classes", count),
      trained("classBalanced.images", count),
    ].map(([name, values, call]): Argument => [name, given(values), call]),
    // plots
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
    // experiments
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
    seedSummary: [["values", [[], [NaN], ["1"]], (values) => lab.seedSummary(values)]],
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

async function first(batches: Iterable<lab.Batch> | AsyncIterable<lab.Batch>): Promise<void> {
  for await (const { x, y } of batches) {
    tf.dispose([x, y]);
    return;
  }
}
