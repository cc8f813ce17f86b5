/** What Auto-PGD's search remembers of the images that it still searches. */
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { type ApgdLoss, apgdObjective } from "./_apgd_loss.ts";
import { StepControl } from "./_apgd_schedule.ts";
import { evaluate, evaluateOverPasses, type Objective } from "./_input_gradient.ts";
import { requireFinitePixels } from "./_requirements.ts";
import { selectImages } from "./_worst_case.ts";

/**
 * Sees every point the search evaluates: x itself, the start and each iterate.
 *
 * @returns The rows to continue with; undefined for all. The tensors stay the search's.
 */
export type Observer = (
  points: tf.Tensor4D,
  logits: tf.Tensor2D,
  losses: tf.Tensor1D,
) => readonly number[] | undefined;

/** Tensors of equal shape, a row an image: x itself, where the search stands and was best. */
export type ApgdTensors = Record<
  "origin" | "point" | "previous" | "gradient" | "bestPoint" | "bestGradient",
  tf.Tensor4D
>;

/** The images still searched. Use it inside `tf.tidy`. */
export class ApgdState {
  #tensors: ApgdTensors;
  #labels: Int32Array;
  #targets: Int32Array | undefined;
  #controls: StepControl[];
  #objective: Objective;

  constructor(
    readonly model: Classifier,
    labels: Int32Array,
    readonly goal: {
      readonly loss: ApgdLoss;
      /** One class an image, for "dlr-targeted". */
      readonly targets?: Int32Array | undefined;
      /** Passes that a gradient is the mean of; more than one for models that answer at random. */
      readonly passes?: number | undefined;
    },
    { origin, point, stepSize }: Record<"origin" | "point", tf.Tensor4D> & { stepSize: number },
  ) {
    const blank = () => tf.zerosLike(point);
    const past = { previous: point.clone(), gradient: blank() };
    const best = { bestPoint: blank(), bestGradient: blank() };
    this.#tensors = { origin, point, ...past, ...best };
    this.#labels = labels;
    this.#targets = goal.targets;
    this.#controls = Array.from(labels, () => new StepControl(stepSize));
    this.#objective = this.#objectiveOfRows();
  }

  #objectiveOfRows(): Objective {
    return apgdObjective(this.goal.loss, this.model.classes, this.#labels, this.#targets);
  }

  /** Each image's step size, [n, 1, 1, 1]. */
  stepSizes(): tf.Tensor4D {
    const sizes = this.#controls.map(({ stepSize }) => stepSize);
    return tf.tensor4d(sizes, [sizes.length, 1, 1, 1]);
  }

  /** Replaces tensors; frees the old ones and what the change made besides. */
  change(update: (now: ApgdTensors) => Partial<ApgdTensors>): void {
    const old = this.#tensors;
    this.#tensors = tf.tidy(() => {
      const next = Object.entries({ ...old, ...update(old) });
      return Object.fromEntries(next.map(([name, value]) => [name, value.clone()]));
    }) as ApgdTensors;
    tf.dispose(old);
  }

  /** Leaves only the rows that an observer keeps; `false` if none is left. */
  #keep(rows: readonly number[] | undefined): boolean {
    if (rows === undefined) return true;
    if (rows.length === 0) return false;
    this.change((now) => {
      const indices = tf.tensor1d([...rows], "int32");
      const kept = Object.entries(now).map(([name, value]) => [name, tf.gather(value, indices)]);
      return Object.fromEntries(kept);
    });
    const [labels, targets] = [this.#labels, this.#targets];
    this.#labels = Int32Array.from(rows, (row) => labels[row]!);
    this.#targets = targets && Int32Array.from(rows, (row) => targets[row]!);
    this.#controls = rows.map((row) => this.#controls[row]!);
    this.#objective = this.#objectiveOfRows();
    return true;
  }

  /** Shows x to the observer; `false` if no image is left to search. */
  showClean(x: tf.Tensor4D, observer: Observer): boolean {
    const { logits, losses } = evaluate(this.model, x, this.#objective);
    return this.#keep(observer(x, logits, losses));
  }

  /**
   * Evaluates the point, remembers it where it is the best one, and shows it to the observer.
   *
   * @returns `false` if no image is left to search.
   */
  look(observer: Observer): boolean {
    const { point } = this.#tensors;
    const { passes = 1 } = this.goal;
    const evaluation = evaluateOverPasses(this.model, point, this.#objective, passes);
    const { logits, losses, gradient } = evaluation;
    requireFinitePixels(gradient);
    const values = losses.dataSync();
    const improved = this.#controls.map((control, image) => control.record(values[image]!));
    this.change(({ bestPoint, bestGradient }) => ({
      gradient,
      bestPoint: selectImages(improved, point, bestPoint),
      bestGradient: selectImages(improved, gradient, bestGradient),
    }));
    const rows = observer(this.#tensors.point, logits, losses);
    tf.dispose([logits, losses, gradient]);
    return this.#keep(rows);
  }

  /** Halves steps where a period was fruitless and moves those images to their best point. */
  review(period: number): void {
    const halved = this.#controls.map((control) => control.review(period));
    this.change(({ point, gradient, bestPoint, bestGradient }) => ({
      point: selectImages(halved, bestPoint, point),
      gradient: selectImages(halved, bestGradient, gradient),
    }));
  }
}
