/** The options of a training run, and the settings that they come to. */
import type { OptionNames } from "../arguments/known_options.ts";
import { requireNumber, requireText } from "../arguments/require.ts";
import type { Dataset } from "../data/dataset.ts";
import { knobNames, type OptionsOf, resolveKnobs, type SettingsOf } from "./knob_definition.ts";
import type { History } from "./history.ts";
import { requireNesterovMomentum } from "./_nesterov.ts";
import { type adversarialKnobs, type circleKnobs, trainKnobs } from "./knobs.ts";

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
  /** What chooses the best epoch, where it is not the usual validation accuracy. */
  readonly selectBy?: "robustAccuracy";
}

/** Training on perturbed batches. */
export type AdversarialOptions = OptionsOf<typeof adversarialKnobs>;
/** Weight and shape of the Circle Loss term on the features. */
export type CircleOptions = OptionsOf<typeof circleKnobs>;

/** Options of {@linkcode train}. */
export interface TrainOptions extends Omit<OptionsOf<typeof trainKnobs>, "freeze"> {
  /** The images that the model learns from. */
  readonly train: Dataset;
  /** Chooses the best epoch, see `selectBy`. Hold it out of the training data: the test split chooses nothing. */
  readonly validation?: Dataset | undefined;
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
  /**
   * Asked after every epoch's files are on disk, and first of all with the history of a resumed run:
   * `true` ends training, and the history so far is returned. Without it, or with one that says
   * `false`, `resume` continues the run. Default: train all epochs.
   */
  readonly stop?: ((history: History) => boolean) | undefined;
}

/** The names of {@linkcode TrainOptions}. */
export const trainOptionNames: OptionNames<TrainOptions> = {
  ...knobNames(trainKnobs),
  train: true,
  validation: true,
  directory: true,
  resume: true,
  onProgress: true,
  onEpoch: true,
  onWarning: true,
  signal: true,
  stop: true,
};

/** Everything that decides the result of a run besides data and initial weights: plain JSON. */
export interface TrainSettings
  extends Omit<SettingsOf<typeof trainKnobs>, "freeze" | "gradientClip"> {
  /** `null`: gradients of any norm. */
  readonly gradientClip: number | null;
  /** The pattern as `/source/flags`. */
  readonly freeze: string | null;
}

/** Fails unless an option that has no meaning beside another one is left out. */
function requireLeftOut(name: string, value: unknown, beside: string): void {
  if (value === undefined || value === null) return;
  throw new RangeError(
    `Expected ${name} to be left out with ${beside}, which has no use for it, but found ` +
      JSON.stringify(value),
  );
}

/** Refuses what a schedule cannot be made of. */
function requireSchedule(settings: TrainSettings, given: Partial<TrainOptions>): void {
  const { schedule, warmupEpochs, epochs } = settings;
  if (warmupEpochs >= epochs) {
    throw new RangeError(
      `Expected warmupEpochs to be below epochs = ${epochs} but found ${warmupEpochs}`,
    );
  }
  if (schedule === "multistep") return;
  requireLeftOut("milestones", given.milestones, `schedule "${schedule}"`);
  requireLeftOut("decay", given.decay, `schedule "${schedule}"`);
}

function requireBatches({ batchSize, classBalanced, dropLast }: TrainSettings): void {
  if (!classBalanced) return;
  const balanced = classBalanced.classes * classBalanced.images;
  if (batchSize !== balanced) {
    throw new RangeError(
      `Expected batchSize to be left out or classBalanced.classes * classBalanced.images = ` +
        `${balanced} but found ${batchSize}`,
    );
  }
  requireLeftOut("dropLast", dropLast || undefined, "classBalanced (its batches are all whole)");
}

/** Refuses what an attack does not have. */
function requireAdversarial(settings: TrainSettings, given: Partial<TrainOptions>): void {
  const { adversarial, labelSmoothing, noiseSigma, selectBy } = settings;
  if (!adversarial) {
    if (selectBy === "accuracy") return;
    throw new TypeError(
      `Expected selectBy "${selectBy}" to come with adversarial, whose budget and norm it uses, ` +
        `but found training without adversarial; use selectBy "accuracy"`,
    );
  }
  const { attack, epsilon, steps, stepSize, norm, restarts } = adversarial;
  const beside = `adversarial.attack "${attack}"`;
  if (norm === "linf") requireNumber("adversarial.epsilon", epsilon, { min: 0, max: 1 });
  if (noiseSigma > 0) {
    throw new RangeError(
      `Expected noiseSigma to be 0 with adversarial, whose attacks need pixels in [0, 1], but ` +
        `found ${noiseSigma}`,
    );
  }
  if (attack !== "trades") requireLeftOut("adversarial.beta", given.adversarial?.beta, beside);
  if (attack !== "pgd" && restarts > 1) requireLeftOut("adversarial.restarts", restarts, beside);
  if (attack === "trades" && labelSmoothing > 0) {
    throw new RangeError(
      `Expected labelSmoothing to be 0 with attack "trades" but found ${labelSmoothing}`,
    );
  }
  if (attack !== "fgsm") return;
  if (norm !== "linf") {
    throw new RangeError(
      `Expected adversarial.norm to be "linf" for "fgsm" but found "${norm}"; use attack "pgd" ` +
        `with steps 1`,
    );
  }
  if (steps !== 1) {
    throw new RangeError(
      `Expected adversarial.steps to be 1 for "fgsm" but found ${steps}; use attack "pgd" for more`,
    );
  }
  if (stepSize !== epsilon) {
    throw new RangeError(
      `Expected adversarial.stepSize to equal epsilon for "fgsm" but found ${stepSize}`,
    );
  }
}

/** Refuses knobs that contradict each other. */
function requireConsistent(settings: TrainSettings, given: Partial<TrainOptions>): void {
  requireSchedule(settings, given);
  requireBatches(settings);
  requireAdversarial(settings, given);
  const { nesterov, optimizer, momentum, weightDecay, decayBiasAndNorm } = settings;
  if (!decayBiasAndNorm && weightDecay === 0) {
    throw new RangeError(
      `Expected weightDecay to be above 0 with decayBiasAndNorm false but found 0` +
        (optimizer === "adam" ? ", the default of adam" : ""),
    );
  }
  if (nesterov) requireNesterovMomentum(optimizer, momentum);
  // Run specs state sgd's default for adam too.
  if (optimizer === "adam" && momentum !== trainKnobs.momentum.default) {
    requireLeftOut("momentum", momentum, 'optimizer "adam"');
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
  const freeze = options.freeze === undefined ? undefined : String(freezePattern(options.freeze));
  const settings: TrainSettings = resolveKnobs(trainKnobs, { ...options, freeze });
  requireConsistent(settings, options);
  return settings;
}
