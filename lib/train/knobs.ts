/**
 * The knobs of a training, each declared once: from this table come the options of `train`, the
 * training part of a run spec, the flags of `deno task train` and the settings in config.json.
 */
import { augmentNames } from "../data/augment.ts";
import { datasetDefinition, datasetNames } from "../data/dataset.ts";
import { group, integer, knob, number, numbers, oneOf, pattern } from "./knob_definition.ts";

const attackSteps = { fgsm: 1, pgd: 7, trades: 10 } as const;
const required = { presence: "required" } as const;
const stated = { presence: "stated" } as const;
const optional = { presence: "optional" } as const;
const fraction = { min: 0, max: 1 };
const belowOne = { ...fraction, exclusiveMax: true };
const positive = { min: 0, exclusiveMin: true };
const notNegative = { min: 0 };
const usualEpochs = datasetNames.map((name) => `${name} ${datasetDefinition(name).epochs}`);

/** Knobs of training on perturbed batches. */
export const adversarialKnobs = {
  attack: knob(oneOf(["fgsm", "pgd", "trades"]), {
    ...required,
    flag: { name: "--attack <name>", help: "which attack makes them", default: ["pgd"] },
  }),
  /** L-infinity budget in pixel units, [0, 1]. */
  epsilon: knob(number(fraction, "budget"), {
    ...required,
    flag: {
      name: "--epsilon <e>",
      help: "its budget in pixel units, a number or a fraction",
      default: [8 / 255, "8/255"],
    },
  }),
  /** Iterations of pgd (default 7) or trades (default 10). */
  steps: knob(integer({ min: 1 }), {
    ...optional,
    defaultFor: ({ attack }: { attack?: keyof typeof attackSteps }) => attackSteps[attack!],
    flag: { name: "--iters <n>", help: "its steps (default: 1 fgsm, 7 pgd, 10 trades)" },
  }),
  /** Default 2.5 * epsilon / steps. */
  stepSize: knob(number(notNegative), {
    ...optional,
    defaultFor: ({ attack, epsilon = 0, steps = 1 }: Partial<Record<string, unknown>>) =>
      attack === "fgsm" ? Number(epsilon) : 2.5 * Number(epsilon) / Number(steps),
  }),
  /** Chance that a batch is trained adversarially, drawn per batch. Default 0.5. */
  probability: knob(number(fraction), {
    ...optional,
    default: 0.5,
    flag: { name: "--prob <p>", help: "chance that a batch is made adversarial" },
  }),
  /** Weight of TRADES' robust term (1 / lambda in the paper). Default 6. */
  beta: knob(number(notNegative), { ...optional, default: 6 }),
};

/** Knobs of the Circle Loss on the features. */
export const circleKnobs = {
  /** Factor of the Circle Loss beside cross entropy, >= 0. */
  weight: knob(number(notNegative), {
    ...required,
    flag: {
      name: "--circle-weight <w>",
      help: "weight of the Circle Loss on the features",
      default: [0],
    },
  }),
  /** Default 0.4. */
  margin: knob(number({}), {
    ...stated,
    default: 0.4,
    flag: { name: "--circle-margin <m>", help: "its margin" },
  }),
  /** Default 80. */
  gamma: knob(number(positive), {
    ...stated,
    default: 80,
    flag: { name: "--circle-gamma <g>", help: "its scale" },
  }),
};

/** All that decides a training besides data and initial weights. */
export const trainKnobs = {
  /** Passes over the training data, >= 1. */
  epochs: knob(integer({ min: 1 }), {
    ...required,
    flag: {
      name: "--epochs <n>",
      help: `passes over the training images (default: ${usualEpochs.join(", ")}, demo 2)`,
    },
  }),
  /** Images a step; the partial last batch is kept. Default 128. */
  batchSize: knob(integer({ min: 1 }), {
    ...stated,
    defaultFor: ({ classBalanced }: { classBalanced?: { classes: number; images: number } }) =>
      classBalanced ? classBalanced.classes * classBalanced.images : 128,
    flag: { name: "--batch-size <n>", help: "images a step (default: 128)" },
  }),
  /** Default "sgd". */
  optimizer: knob(oneOf(["sgd", "adam"]), {
    ...stated,
    default: "sgd",
    flag: { name: "--optimizer <name>", help: "update rule" },
  }),
  /** Rate of the first epoch, > 0. Default 0.01 for sgd, 0.001 for adam. */
  learningRate: knob(number(positive), {
    ...stated,
    defaultFor: ({ optimizer }) => optimizer === "adam" ? 0.001 : 0.01,
    flag: {
      name: "--lr <rate>",
      help: "learning rate, divided by 10 after 1/2 and 3/4 of the epochs " +
        "(default: 0.01 sgd, 0.001 adam)",
    },
  }),
  /** Momentum of sgd, in [0, 1). Default 0.9. */
  momentum: knob(number(belowOne), {
    ...stated,
    default: 0.9,
    flag: { name: "--momentum <m>", help: "momentum of sgd" },
  }),
  /** Coupled decay of every parameter, >= 0. Default 5e-4 for sgd, 0 for adam. */
  weightDecay: knob(number(notNegative), {
    ...stated,
    defaultFor: ({ optimizer }) => optimizer === "adam" ? 0 : 5e-4,
    flag: {
      name: "--weight-decay <wd>",
      help: "coupled weight decay (default: 0.0005 sgd, 0 adam)",
    },
  }),
  /** Fractions of the run at which the rate drops. Default [0.5, 0.75]. */
  milestones: knob(numbers(fraction), { ...stated, default: [0.5, 0.75] }),
  /** Factor of each drop, > 0. Default 0.1. */
  decay: knob(number(positive), { ...stated, default: 0.1 }),
  /** Probability moved from the label to the other classes, in [0, 1). Default 0. */
  labelSmoothing: knob(number(belowOne), {
    ...stated,
    default: 0,
    flag: {
      name: "--label-smoothing <e>",
      help: "probability moved from the label to the other classes",
    },
  }),
  /** Default "none". */
  augment: knob(oneOf(augmentNames), {
    ...stated,
    default: "none",
    flag: { name: "--augment <name>", help: "changes to training images" },
  }),
  /** Seed of order, augmentation, dropout and attacks. Default 0. */
  seed: knob(integer({}), {
    ...optional,
    default: 0,
    flag: { name: "--seed <n>", help: "seed of split, weights, order and draws" },
  }),
  /** Default: plain training. */
  adversarial: group(adversarialKnobs, {
    ...optional,
    flag: { name: "--adv-train", help: "train on adversarial batches" },
  }),
  /** Default: no Circle Loss. */
  circle: group(circleKnobs, optional),
  /** Default: shuffled batches. */
  classBalanced: group({
    classes: knob(integer({ min: 1 }), required),
    images: knob(integer({ min: 1 }), required),
  }, {
    ...optional,
    flag: {
      name: "--class-balanced [PxK]",
      help: "batches of P classes with K images each; 10x12 without a value (default: off)",
    },
  }),
  /** Parameters whose name matches get no update and no decay. */
  freeze: knob(pattern, {
    ...optional,
    flag: {
      name: "--freeze <pattern>",
      help: "do not train parameters whose names match, e.g. '^(?!fc)' (default: none)",
    },
  }),
};
