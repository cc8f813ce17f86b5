/** The knobs of a training run: types, defaults, bounds. */
import { type AugmentName, augmentNames } from "../data/augment.ts";
import type { Dataset } from "../data/dataset.ts";
import {
  requireInteger,
  requireList,
  requireNumber,
  requireOneOf,
  requireText,
} from "../arguments/require.ts";
import type { History } from "./history.ts";

/** Where a run stands; `loss` and `accuracy` are the running means of the current epoch. */
export interface Progress {
  /** Counts from 1. */
  readonly epoch: number;
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Batches of this epoch that are done. */
  readonly batch: number;
  /** Batches in an epoch. */
  readonly batches: number;
  /** Mean training loss of this epoch so far. */
  readonly loss: number;
  /** A fraction. */
  readonly accuracy: number;
  /** Training speed in this epoch. */
  readonly imagesPerSecond: number;
  /** Seconds until the run's end at the present speed. */
  readonly etaSeconds: number;
}

/** Training on perturbed batches. */
export interface AdversarialOptions {
  /** What perturbs the batches; "trades" also replaces the loss by TRADES' own. */
  readonly attack: "fgsm" | "pgd" | "trades";
  /** L-infinity budget in pixel units, [0, 1]. */
  readonly epsilon: number;
  /** Iterations of pgd (default 7) or trades (default 10). */
  readonly steps?: number | undefined;
  /** Default 2.5 * epsilon / steps. */
  readonly stepSize?: number | undefined;
  /** Chance that a batch is trained adversarially, drawn per batch. Default 0.5. */
  readonly probability?: number | undefined;
  /** Weight of TRADES' robust term (1 / lambda in the paper). Default 6. */
  readonly beta?: number | undefined;
}

/** Weight and shape of the Circle Loss term on the features. */
export interface CircleOptions {
  /** Factor of the Circle Loss beside cross entropy, >= 0. */
  readonly weight: number;
  /** Default 0.4. */
  readonly margin?: number | undefined;
  /** Default 80. */
  readonly gamma?: number | undefined;
}

/** Batches of `classes` classes with `images` images each. */
export interface ClassBalancedOptions {
  /** Different classes in each batch. */
  readonly classes: number;
  /** Images of each class in each batch. */
  readonly images: number;
}

/** Options of {@linkcode train}. */
export interface TrainOptions {
  /** The images that the model learns from. */
  readonly train: Dataset;
  /** Chooses the best epoch. Hold it out of the training data: the test split chooses nothing. */
  readonly validation?: Dataset | undefined;
  /** Passes over the training data, >= 1. */
  readonly epochs: number;
  /** Images a step; the partial last batch is kept. Default 128. */
  readonly batchSize?: number | undefined;
  /** Default "sgd". */
  readonly optimizer?: "sgd" | "adam" | undefined;
  /** Rate of the first epoch, > 0. Default 0.01 for sgd, 0.001 for adam. */
  readonly learningRate?: number | undefined;
  /** Momentum of sgd, in [0, 1). Default 0.9. */
  readonly momentum?: number | undefined;
  /** Coupled decay of every parameter, >= 0. Default 5e-4 for sgd, 0 for adam. */
  readonly weightDecay?: number | undefined;
  /** Fractions of the run at which the rate drops. Default [0.5, 0.75]. */
  readonly milestones?: readonly number[] | undefined;
  /** Factor of each drop, > 0. Default 0.1. */
  readonly decay?: number | undefined;
  /** Probability moved from the label to the other classes, in [0, 1). Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** Default "none". */
  readonly augment?: AugmentName | undefined;
  /** Seed of order, augmentation, dropout and attacks. Default 0. */
  readonly seed?: number | undefined;
  /** Default: plain training. */
  readonly adversarial?: AdversarialOptions | undefined;
  /** Default: no Circle Loss. */
  readonly circle?: CircleOptions | undefined;
  /** Default: shuffled batches. */
  readonly classBalanced?: ClassBalancedOptions | undefined;
  /** Parameters whose name matches get no update and no decay. */
  readonly freeze?: RegExp | string | undefined;
  /** The run directory; without it nothing is written. */
  readonly directory?: string | undefined;
  /** Continue the run in `directory`; an empty directory starts one. */
  readonly resume?: boolean | undefined;
  /** Called now and then as an epoch advances, and at the end of every epoch. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Called after every epoch's files are on disk, before onProgress; awaited. */
  readonly onEpoch?: ((history: History) => void | Promise<void>) | undefined;
  /** Hears warnings the moment they arise. Default `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Stops training: the promise rejects with an AbortError. `resume` continues the run. */
  readonly signal?: AbortSignal | undefined;
}

/** Everything that decides the result of a run besides data and initial weights: plain JSON. */
export interface TrainSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: "sgd" | "adam";
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly milestones: readonly number[];
  readonly decay: number;
  readonly labelSmoothing: number;
  readonly augment: AugmentName;
  readonly seed: number;
  readonly adversarial:
    | Required<{ [K in keyof AdversarialOptions]: NonNullable<AdversarialOptions[K]> }>
    | null;
  readonly circle:
    | { readonly weight: number; readonly margin: number; readonly gamma: number }
    | null;
  readonly classBalanced: ClassBalancedOptions | null;
  /** The pattern as `/source/flags`. */
  readonly freeze: string | null;
}

const ATTACK_STEPS = { fgsm: 1, pgd: 7, trades: 10 } as const;

function adversarialSettings(
  options: AdversarialOptions,
): NonNullable<TrainSettings["adversarial"]> {
  const { attack, epsilon, probability = 0.5, beta = 6 } = options;
  requireOneOf("adversarial.attack", attack, ["fgsm", "pgd", "trades"]);
  requireNumber("adversarial.epsilon", epsilon, { min: 0, max: 1 });
  const steps = options.steps ?? ATTACK_STEPS[attack];
  requireInteger("adversarial.steps", steps, { min: 1 });
  if (attack === "fgsm" && steps !== 1) {
    throw new RangeError(
      `Expected adversarial.steps to be 1 for "fgsm" but found ${steps}; use attack "pgd" for more`,
    );
  }
  const stepSize = options.stepSize ?? (attack === "fgsm" ? epsilon : 2.5 * epsilon / steps);
  requireNumber("adversarial.stepSize", stepSize, { min: 0 });
  if (attack === "fgsm" && stepSize !== epsilon) {
    throw new RangeError(
      `Expected adversarial.stepSize to equal epsilon for "fgsm" but found ${stepSize}`,
    );
  }
  requireNumber("adversarial.probability", probability, { min: 0, max: 1 });
  requireNumber("adversarial.beta", beta, { min: 0 });
  return { attack, epsilon, steps, stepSize, probability, beta };
}

function circleSettings({ weight, margin = 0.4, gamma = 80 }: CircleOptions) {
  requireNumber("circle.weight", weight, { min: 0 });
  requireNumber("circle.margin", margin);
  requireNumber("circle.gamma", gamma, { min: 0, exclusiveMin: true });
  return { weight, margin, gamma };
}

function batchSizeOf({ batchSize, classBalanced }: Omit<TrainOptions, "train">): number {
  if (batchSize !== undefined) requireInteger("batchSize", batchSize, { min: 1 });
  if (classBalanced === undefined) return batchSize ?? 128;
  requireInteger("classBalanced.classes", classBalanced.classes, { min: 1 });
  requireInteger("classBalanced.images", classBalanced.images, { min: 1 });
  const balanced = classBalanced.classes * classBalanced.images;
  if (batchSize !== undefined && batchSize !== balanced) {
    throw new RangeError(
      `Expected batchSize to be left out or classBalanced.classes * classBalanced.images = ` +
        `${balanced} but found ${batchSize}`,
    );
  }
  return balanced;
}

function checkNumbers(settings: TrainSettings): void {
  requireInteger("epochs", settings.epochs, { min: 1 });
  requireOneOf("optimizer", settings.optimizer, ["sgd", "adam"]);
  requireNumber("learningRate", settings.learningRate, { min: 0, exclusiveMin: true });
  requireNumber("momentum", settings.momentum, { min: 0, max: 1, exclusiveMax: true });
  requireNumber("weightDecay", settings.weightDecay, { min: 0 });
  requireList("milestones", settings.milestones);
  for (const fraction of settings.milestones) {
    requireNumber("milestones", fraction, { min: 0, max: 1 });
  }
  requireNumber("decay", settings.decay, { min: 0, exclusiveMin: true });
  requireNumber("labelSmoothing", settings.labelSmoothing, { min: 0, max: 1, exclusiveMax: true });
  requireOneOf("augment", settings.augment, augmentNames);
  requireInteger("seed", settings.seed);
  if (settings.adversarial?.attack === "trades" && settings.labelSmoothing > 0) {
    throw new RangeError(
      `Expected labelSmoothing to be 0 with attack "trades" but found ${settings.labelSmoothing}`,
    );
  }
}

/** The pattern of frozen names, without the flags that would make `test` remember its last match. */
export function freezePattern(freeze: RegExp | string): RegExp {
  if (freeze instanceof RegExp) return new RegExp(freeze.source, freeze.flags.replace(/[gy]/g, ""));
  requireText("freeze", freeze);
  try {
    return new RegExp(freeze);
  } catch (error) {
    throw new RangeError(`Expected freeze to be a regular expression but found ${freeze}`, {
      cause: error,
    });
  }
}

/**
 * Fills in the documented defaults and checks every bound.
 *
 * @returns Settings as plain JSON; equal settings, data and initial weights give equal bits.
 * @throws {RangeError|TypeError} Naming the option, its bound and the value found.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const { learningRate, weightDecay } = resolveSettings({ epochs: 1, optimizer: "adam" });
 * assertEquals([learningRate, weightDecay], [0.001, 0]);
 * ```
 */
export function resolveSettings(options: Omit<TrainOptions, "train">): TrainSettings {
  const optimizer = options.optimizer ?? "sgd";
  const settings: TrainSettings = {
    epochs: options.epochs,
    batchSize: batchSizeOf(options),
    optimizer,
    learningRate: options.learningRate ?? (optimizer === "adam" ? 0.001 : 0.01),
    momentum: options.momentum ?? 0.9,
    weightDecay: options.weightDecay ?? (optimizer === "adam" ? 0 : 5e-4),
    milestones: options.milestones ?? [0.5, 0.75],
    decay: options.decay ?? 0.1,
    labelSmoothing: options.labelSmoothing ?? 0,
    augment: options.augment ?? "none",
    seed: options.seed ?? 0,
    adversarial: options.adversarial ? adversarialSettings(options.adversarial) : null,
    circle: options.circle ? circleSettings(options.circle) : null,
    classBalanced: options.classBalanced ?? null,
    freeze: options.freeze === undefined ? null : String(freezePattern(options.freeze)),
  };
  checkNumbers(settings);
  return settings;
}
