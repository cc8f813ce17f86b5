/** Wrong values for losses and attacks. */
import * as lab from "../../lib/mod.ts";
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
  wrongImages,
  wrongLabels,
  wrongLogits,
} from "./_wrong_values.ts";

/** Wrong values for losses and attacks. */
export function wrongForAttacks(): Table {
  const { model, data, x, logits, labels } = fixtures();
  const attack = (run: (options: never) => unknown, needed: object): Argument[] => [
    ["epsilon", share, (epsilon) => run({ ...needed, epsilon } as never)],
    ["seed", seed, (seed) => run({ ...needed, epsilon: 0.1, seed } as never)],
  ];
  const onBatch = (run: (m: never, x: never, y: never, options: never) => unknown): Argument[] => [
    ["x", wrongImages, (x) => run(model as never, x, labels as never, { epsilon: 0.1 } as never)],
    ["y", wrongLabels, (y) => run(model as never, x as never, y, { epsilon: 0.1 } as never)],
  ];
  return {
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
      [
        "targets",
        count,
        (targets) => lab.apgd(model, x, labels, { epsilon: 0.1, loss: "dlr-targeted", targets }),
      ],
    ],
    fab: [
      ...attack((options) => lab.fab(model, x, labels, options), {}),
      ...onBatch(lab.fab as never),
      ...(["steps", "restarts", "targets"] as const).map((name): Argument => [
        name,
        count,
        (value) => lab.fab(model, x, labels, { epsilon: 0.1, [name]: value }),
      ]),
      ["norm", choice, (norm) => lab.fab(model, x, labels, { epsilon: 0.1, norm })],
    ],
    autoAttack: [
      ...attack((options) => lab.autoAttack(model, x, labels, options), {}),
      ...onBatch(lab.autoAttack as never),
      ["version", choice, (version) => lab.autoAttack(model, x, labels, { epsilon: 0.1, version })],
    ],
    integratedGradients: [
      ["x", wrongImages, (x) => lab.integratedGradients(model, x, labels)],
      ["y", wrongLabels, (y) => lab.integratedGradients(model, x, y)],
      ["steps", count, (steps) => lab.integratedGradients(model, x, labels, { steps })],
      [
        "baseline",
        [-1, 2, NaN, "0"],
        (baseline) => lab.integratedGradients(model, x, labels, { baseline }),
      ],
    ],
    parameterRandomizationCheck: [
      ["x", wrongImages, (x) => lab.parameterRandomizationCheck(model, x, labels)],
      ["y", wrongLabels, (y) => lab.parameterRandomizationCheck(model, x, y)],
      ["steps", count, (steps) => lab.parameterRandomizationCheck(model, x, labels, { steps })],
      ["seed", seed, (seed) => lab.parameterRandomizationCheck(model, x, labels, { seed })],
    ],
    deepFool: [
      ["x", wrongImages, (x) => lab.deepFool(model, x, labels)],
      ["y", wrongLabels, (y) => lab.deepFool(model, x, y)],
      ["steps", count, (steps) => lab.deepFool(model, x, labels, { steps })],
      ["overshoot", notNegative, (overshoot) => lab.deepFool(model, x, labels, { overshoot })],
    ],
    carliniWagner: [
      ["x", wrongImages, (x) => lab.carliniWagner(model, x, labels)],
      ["y", wrongLabels, (y) => lab.carliniWagner(model, x, y)],
      ["steps", count, (steps) => lab.carliniWagner(model, x, labels, { steps })],
      ["c", notNegative, (c) => lab.carliniWagner(model, x, labels, { c })],
      ["kappa", notNegative, (kappa) => lab.carliniWagner(model, x, labels, { kappa })],
      [
        "learningRate",
        positive,
        (learningRate) => lab.carliniWagner(model, x, labels, { learningRate }),
      ],
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
    certify: [
      ["x", wrongImages, (x) => lab.certify(model, x, { sigma: 0.1 })],
      ["sigma", positive, (sigma) => lab.certify(model, x, { sigma })],
      ["n0", count, (n0) => lab.certify(model, x, { sigma: 0.1, n0 })],
      ["n", count, (n) => lab.certify(model, x, { sigma: 0.1, n })],
      ["alpha", [...positive, 0.5], (alpha) => lab.certify(model, x, { sigma: 0.1, alpha })],
      ["seed", seed, (seed) => lab.certify(model, x, { sigma: 0.1, seed })],
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
  };
}
