/**
 * The knobs of a training, each declared once: from this table come the options of `train`, the
 * training part of a run spec, the flags of `deno task train` and the settings in config.json.
 */
import { augmentNames } from "../data/augment.ts";
import { datasetDefinition, datasetNames } from "../data/dataset.ts";
import { defaultStepSize } from "../attacks/default_step_size.ts";
import {
  group,
  integer,
  knob,
  number,
  numbers,
  oneOf,
  pattern,
  yesOrNo,
} from "./knob_definition.ts";

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
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length >= 0 for l2. */
  epsilon: knob(number(notNegative, "budget"), {
    ...required,
    flag: {
      name: "--epsilon <e>",
      help: "its budget in pixel units, a number or a fraction; with norm l2 a length",
      default: [8 / 255, "8/255"],
    },
  }),
  /** Iterations of pgd (default 7) or trades (default 10). */
  steps: knob(integer({ min: 1 }), {
    ...optional,
    defaultFor: ({ attack }: { attack?: keyof typeof attackSteps }) => attackSteps[attack!],
    flag: { name: "--iters <n>", help: "its steps (default: 1 fgsm, 7 pgd, 10 trades)" },
  }),
  /**
   * Default 2.5 * epsilon / steps; 1.25 * epsilon for pgd of one step (Wong, Rice and Kolter 2020).
   * "fgsm" takes one step of epsilon.
   */
  stepSize: knob(number(notNegative, "budget"), {
    ...optional,
    defaultFor: ({ attack, epsilon = 0, steps = 1 }: Partial<Record<string, unknown>>) => {
      const plan = { epsilon: Number(epsilon), steps: Number(steps) };
      return attack === "fgsm"
        ? plan.epsilon
        : defaultStepSize({ ...plan, randomStart: attack === "pgd" });
    },
    flag: {
      name: "--step-size <s>",
      help: "length of one of its steps " +
        "(default: 2.5 epsilon / steps; for pgd of one step 1.25 epsilon; for fgsm epsilon)",
    },
  }),
  /**
   * Chance that a batch is trained adversarially, drawn per batch. The training of Madry et al. 2018
   * and of TRADES attacks every batch (1). Default 0.5.
   */
  probability: knob(number(fraction), {
    ...optional,
    default: 0.5,
    flag: {
      name: "--prob <p>",
      help: "chance that a batch is made adversarial; Madry's and TRADES' training attack every " +
        "batch (p = 1)",
    },
  }),
  /** Weight of TRADES' robust term (1 / lambda in the paper). Default 6. */
  beta: knob(number(notNegative), {
    ...optional,
    default: 6,
    flag: {
      name: "--beta <b>",
      help: "weight of the robust term of trades (default: 6)",
      default: [undefined],
    },
  }),
  /** Distance that bounds a perturbation by pgd or trades. Default "linf". */
  norm: knob(oneOf(["linf", "l2"]), {
    default: "linf",
    flag: { name: "--norm <name>", help: "distance that bounds a perturbation by pgd or trades" },
  }),
  /** Random starts of pgd, of which each image keeps the worst. Default 1. */
  restarts: knob(integer({ min: 1 }), {
    default: 1,
    flag: { name: "--restarts <n>", help: "random starts of pgd; each image keeps the worst" },
  }),
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
  /** Images a step. Default 128. */
  batchSize: knob(integer({ min: 1 }), {
    ...stated,
    defaultFor: ({ classBalanced }: { classBalanced?: { classes: number; images: number } }) =>
      classBalanced ? classBalanced.classes * classBalanced.images : 128,
    flag: { name: "--batch-size <n>", help: "images a step (default: 128)" },
  }),
  /** Leave out a partial last batch. Default false: it is trained on. */
  dropLast: knob(yesOrNo, {
    default: false,
    flag: { name: "--drop-last", help: "leave out a partial last batch" },
  }),
  /** Default "sgd". */
  optimizer: knob(oneOf(["sgd", "adam"]), {
    ...stated,
    default: "sgd",
    flag: { name: "--optimizer <name>", help: "update rule" },
  }),
  /** Greatest rate, that of the first epoch after warm-up, > 0. Default 0.01 for sgd, 0.001 for adam. */
  learningRate: knob(number(positive), {
    ...stated,
    defaultFor: ({ optimizer }) => optimizer === "adam" ? 0.001 : 0.01,
    flag: {
      name: "--lr <rate>",
      help: "greatest learning rate (default: 0.01 sgd, 0.001 adam)",
    },
  }),
  /**
   * How the rate changes from epoch to epoch: "multistep" multiplies it by `decay` at each of
   * `milestones`, "cosine" lowers it along half a cosine (Loshchilov and Hutter 2017) without
   * restarts, "constant" leaves it. Default "multistep".
   */
  schedule: knob(oneOf(["multistep", "cosine", "constant"]), {
    default: "multistep",
    flag: { name: "--schedule <name>", help: "how the rate changes from epoch to epoch" },
  }),
  /** Epochs at the start in which the rate rises linearly, in [0, epochs - 1]. Default 0. */
  warmupEpochs: knob(integer({ min: 0 }), {
    default: 0,
    flag: { name: "--warmup-epochs <n>", help: "epochs at the start in which the rate rises" },
  }),
  /** Momentum of sgd, in [0, 1). Default 0.9, which is all that adam takes: it has no use for it. */
  momentum: knob(number(belowOne), {
    ...stated,
    default: 0.9,
    flag: { name: "--momentum <m>", help: "momentum of sgd" },
  }),
  /** Nesterov's form of sgd's momentum, as PyTorch's. Default false. */
  nesterov: knob(yesOrNo, {
    default: false,
    flag: { name: "--nesterov", help: "Nesterov's form of sgd's momentum" },
  }),
  /** Coupled decay, >= 0. Default 5e-4 for sgd, 0 for adam. */
  weightDecay: knob(number(notNegative), {
    ...stated,
    defaultFor: ({ optimizer }) => optimizer === "adam" ? 0 : 5e-4,
    flag: {
      name: "--weight-decay <wd>",
      help: "coupled weight decay (default: 0.0005 sgd, 0 adam)",
    },
  }),
  /** false: biases and the vectors of batch norm get no weight decay. Default true. */
  decayBiasAndNorm: knob(yesOrNo, {
    default: true,
    flag: {
      name: "--no-decay-bias-and-norm",
      help: "no weight decay of biases and of batch norm's vectors (default: decay all)",
    },
  }),
  /** Greatest L2 norm of all gradients together, > 0; longer ones are scaled to it. Default: any. */
  gradientClip: knob(number(positive), {
    flag: {
      name: "--gradient-clip <norm>",
      help: "greatest L2 norm of all gradients together (default: any)",
    },
  }),
  /**
   * Fractions of the run, counted from epoch 1 with warm-up, at which schedule "multistep" lowers the
   * rate: before each epoch with `epoch - 1 >= milestone * epochs`. Default [0.5, 0.75].
   */
  milestones: knob(numbers(fraction), {
    ...stated,
    default: [0.5, 0.75],
    flag: {
      name: "--milestones <list>",
      help: "fractions of the run at which schedule multistep divides the rate by 10 " +
        "(default: 0.5,0.75)",
      default: [undefined],
    },
  }),
  /** Factor of each drop at a milestone, > 0. Default 0.1. */
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
  /**
   * Standard deviation of Gaussian noise on training images, in pixel units, >= 0; not clipped to
   * [0, 1], as in Cohen, Rosenfeld and Kolter 2019. Default 0.
   */
  noiseSigma: knob(number(notNegative, "budget"), {
    default: 0,
    flag: {
      name: "--noise-sigma <s>",
      help: "deviation of Gaussian noise on training images, in pixel units",
    },
  }),
  /** Seed of order, augmentation, noise, dropout and attacks. Default 0. */
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
  /**
   * What chooses the best epoch: "accuracy" on the validation data, or "robustAccuracy", that under
   * PGD-10 at the training's budget and norm on the first 1,000 of them (ties: accuracy). Default
   * "accuracy".
   */
  selectBy: knob(oneOf(["accuracy", "robustAccuracy"]), {
    default: "accuracy",
    flag: {
      name: "--select-by <what>",
      help: "what chooses the best epoch: accuracy on validation images, or that under PGD-10 on " +
        "the first 1,000 of them",
    },
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
