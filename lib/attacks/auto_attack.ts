import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireOneOf } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { type Budget, type Run, versions } from "./_auto_attack_versions.ts";
import { requireAttack } from "./_requirements.ts";
import { predict } from "./answers.ts";

/** Options of {@linkcode autoAttack}. */
export interface AutoAttackOptions {
  /** L-infinity budget in pixel units, in [0, 1]. */
  readonly epsilon: number;
  /** "standard", or "rand" for models that answer at random. Default "standard". */
  readonly version?: "standard" | "rand" | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** The images' places in their data set, which key their draws. Default 0 to n - 1. */
  readonly positions?: ArrayLike<number> | undefined;
}

/** What one attack of {@linkcode autoAttack} did. */
export interface AutoAttackPart {
  /** "apgd-ce", "apgd-t", "fab-t", "square" or "apgd-dlr". */
  readonly attack: string;
  /** Images that withstood everything before it. */
  readonly attempted: number;
  /** How many of these it fooled. */
  readonly fooled: number;
  /** Fraction of all images that still stand after it. */
  readonly accuracy: number;
}

/** Result of {@linkcode autoAttack}. */
export interface AutoAttackResult {
  /** An owned tensor of x's shape: the fooling images, x itself where nothing fooled the model. */
  readonly adversarial: tf.Tensor4D;
  /** 1 for each image that withstands all attacks; those wrong unharmed count as wrong. */
  readonly correct: Uint8Array;
  /** One row an attack, in the order in which they ran. */
  readonly byAttack: readonly AutoAttackPart[];
}

const optionNames: OptionNames<AutoAttackOptions> = {
  epsilon: true,
  version: true,
  seed: true,
  positions: true,
};

/** Attacks the images that still stand, stores those that then fool the model, and lists them. */
function attackStanding(
  model: Classifier,
  { x, labels, adversarial }: { x: tf.Tensor4D; labels: Int32Array; adversarial: Float32Array },
  standing: readonly number[],
  run: Run,
  { positions, ...budget }: Budget,
): number[] {
  const fooled: number[] = [];
  tf.tidy(() => {
    const rows = tf.gather(x, tf.tensor1d([...standing], "int32"));
    const y = tf.tensor1d(standing.map((image) => labels[image]!), "int32");
    const places = standing.map((image) => positions[image]!);
    const attacked = run(model, rows, y, { ...budget, positions: places });
    const [pixels, predicted] = [attacked.dataSync(), predict(model, attacked)];
    const size = pixels.length / standing.length;
    for (const [row, image] of standing.entries()) {
      if (predicted[row] === labels[image]) continue;
      adversarial.set(pixels.subarray(row * size, (row + 1) * size), image * size);
      fooled.push(image);
    }
  });
  return fooled;
}

/**
 * AutoAttack (Croce & Hein 2020, "Reliable evaluation of adversarial robustness"), L-infinity, without
 * parameters to tune. "standard": APGD on cross entropy (100 steps, one start), targeted APGD on the
 * difference of logits ratio and targeted FAB (9 targets of 100 steps each, or all wrong classes where
 * there are fewer), then Square (5,000 queries). "rand": APGD on cross entropy and on the ratio, each
 * gradient the mean of 20 passes, for models that answer at random. Each attack starts from the clean
 * images that withstood those before it, and a success counts once a further pass confirms it.
 *
 * @param model Any classifier, of at least 4 classes ("rand": 3); its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 labels.
 * @returns The images, an owned tensor within epsilon of x and in [0, 1], x bit for bit where nothing
 * fooled the model; which images withstand everything; and what each attack did. Results do not
 * depend on the batch in which an image is attacked.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If an option, a pixel or a label is out of range, the lengths disagree, or the
 * model has too few classes.
 * @throws {NotFiniteError} If a logit or an input gradient on the way is not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * const model = linearClassifier([[1, 0], [0, 1], [-1, 0], [0, -1]]);
 * const x = tf.tensor4d([0.9, 0.1, 0.6, 0.5], [2, 1, 1, 2]);
 * const { correct, byAttack } = autoAttack(model, x, tf.tensor1d([0, 0], "int32"), { epsilon: 0.1 });
 * assertEquals([...correct], [1, 0]);
 * assertEquals(byAttack[0], { attack: "apgd-ce", attempted: 2, fooled: 1, accuracy: 0.5 });
 * ```
 */
export function autoAttack(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: AutoAttackOptions,
): AutoAttackResult {
  requireKnownOptions("autoAttack", options, optionNames);
  const { labels, ...budget } = requireAttack(model, x, y, options);
  const { version = "standard" } = options;
  requireOneOf("version", version, Object.keys(versions));
  const { fewestClasses, parts } = versions[version];
  const what = `the classes of the model for autoAttack's version "${version}"`;
  requireInteger(what, model.classes, { min: fewestClasses });
  const adversarial = Float32Array.from(x.dataSync());
  const predicted = predict(model, x);
  const correct = Uint8Array.from(labels, (label, image) => Number(predicted[image] === label));
  const byAttack = Object.entries<Run>(parts).map(([attack, run]) => {
    const standing = [...correct.keys()].filter((image) => correct[image] === 1);
    const fooled = budget.epsilon === 0 || standing.length === 0
      ? []
      : attackStanding(model, { x, labels, adversarial }, standing, run, budget);
    for (const image of fooled) correct[image] = 0;
    const left = standing.length - fooled.length;
    return {
      attack,
      attempted: standing.length,
      fooled: fooled.length,
      accuracy: left / labels.length,
    };
  });
  return { adversarial: tf.tensor4d(adversarial, x.shape), correct, byAttack };
}
