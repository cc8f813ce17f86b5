/** Where many runs stand as a whole. */
import { datasetDefinition } from "../../data/dataset.ts";
import type { RunProgress } from "./run_context.ts";
import type { RunSpec } from "../specs/run_spec.ts";
import { duration } from "../../format/duration.ts";
import { percent } from "../../format/percent.ts";

/** How a run's time is made up, in arbitrary units; only ratios matter. */
export function estimateWork({ dataset, data, train, evaluation }: RunSpec) {
  const whole = data.trainLimit ?? datasetDefinition(dataset).counts.train;
  const images = Math.min(data.trainSubset ?? Infinity, whole * (1 - data.validationFraction));
  const { adversarial } = train;
  // One gradient step of an attack costs about two thirds of a training step.
  const attackSteps = adversarial === undefined
    ? 0
    : 0.66 * (adversarial.probability ?? 0.5) * (adversarial.steps ?? 1) *
      (adversarial.restarts ?? 1);
  const training = images * train.epochs * (1 + attackSteps);
  const budgets = evaluation.epsilons.filter((epsilon) => epsilon > 0).length;
  const swept = evaluation.attackImages * budgets * (evaluation.attackSteps + 2);
  const walked = evaluation.iterationImages *
    (Math.max(0, ...evaluation.iterationSteps) + evaluation.attackSteps);
  const strong = evaluation.strongImages *
    (2 * evaluation.apgdSteps + 0.4 * evaluation.squareQueries);
  const masking = evaluation.maskingImages * (5 * evaluation.attackSteps);
  const fixed = 1000 + 2 * evaluation.mapImages;
  // About half of the images are wrong already and are not attacked.
  return { training, evaluation: fixed + 0.66 * 0.6 * (swept + walked + strong + masking) };
}

/** Follows many runs and says where they stand as a whole. */
export class OverallProgress {
  #started = performance.now();
  #done = 0;
  #measured = 0;
  readonly #total: number;
  #finished = 0;

  constructor(readonly specs: readonly RunSpec[]) {
    this.#total = specs.reduce((sum, spec) => sum + OverallProgress.#workOf(spec), 0);
  }

  static #workOf(spec: RunSpec): number {
    const { training, evaluation } = estimateWork(spec);
    return training + evaluation;
  }

  /** Counts a run as done; a cached one took no time and says nothing about speed. */
  finish(spec: RunSpec, cached: boolean): void {
    const work = OverallProgress.#workOf(spec);
    this.#finished++;
    this.#done += work;
    if (!cached) this.#measured += work;
  }

  /** One line about the whole: run k of n, what is being done, share done, time left. */
  line(spec: RunSpec, progress: RunProgress): string {
    const { id, seed, stage, detail } = progress;
    const { share, seconds, secondsLeft } = this.reading(spec, progress);
    const eta = secondsLeft === undefined ? "" : `, about ${duration(secondsLeft)} left`;
    const name = `run ${this.#finished + 1}/${this.specs.length} ${id} seed ${seed}`;
    return `${percent(share, 0)}  ${name}  ${stage}: ${detail}  [${duration(seconds)}${eta}]`;
  }

  /** Share done, seconds since the start, and seconds left once they can be told. */
  reading(spec: RunSpec, { id, stage, fraction }: RunProgress) {
    const { training, evaluation } = estimateWork(spec);
    // The encoder of a run is made on the way and has its own id.
    const current = id !== spec.id
      ? 0
      : stage === "training"
      ? fraction * training
      : training + fraction * evaluation;
    const seconds = (performance.now() - this.#started) / 1000;
    const speed = (this.#measured + current) / seconds;
    const left = this.#total - this.#done - current;
    return {
      share: (this.#done + current) / this.#total,
      seconds,
      secondsLeft: speed > 0 && seconds > 5 ? left / speed : undefined,
    };
  }
}
