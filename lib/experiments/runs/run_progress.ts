/** Overall progress over many runs: one line, rewritten where it is watched. */
import { datasetDefinition } from "../../data/dataset.ts";
import type { RunProgress } from "./run_context.ts";
import type { RunSpec } from "../specs/run_spec.ts";

/** Shows lines of progress. */
export interface ProgressLine {
  /** Rewrites the line; calls that come too fast are left out. */
  show(text: string): void;
  /** Ends the line with a last text. */
  finish(text: string): void;
}

/** The part of `Deno.jupyter` that is used here; the namespace exists in the kernel alone. */
interface Jupyter {
  /** Some versions of the kernel give no promise. */
  broadcast(type: string, content: Record<string, unknown>): Promise<void> | undefined;
}

const patience = 500; // ms between two rewrites

function notebookLine(jupyter: Jupyter): ProgressLine {
  const transient = { display_id: crypto.randomUUID() };
  let sent = false;
  let last = -Infinity;
  const send = (text: string) => {
    const type = sent ? "update_display_data" : "display_data";
    sent = true;
    last = performance.now();
    const content = { data: { "text/plain": text }, metadata: {}, transient };
    // A display that cannot be drawn must not stop the run it shows.
    Promise.resolve(jupyter.broadcast(type, content)).catch((error) => console.warn(error));
  };
  return {
    show: (text) => {
      if (performance.now() - last > patience) send(text);
    },
    finish: send,
  };
}

function terminalLine(): ProgressLine {
  const encoder = new TextEncoder();
  const write = (text: string) => Deno.stderr.writeSync(encoder.encode(text));
  let last = -Infinity;
  const rewrite = (text: string, end: string) => {
    const { columns } = Deno.consoleSize();
    write(`\r\x1b[2K${text.slice(0, columns - 1)}${end}`);
  };
  return {
    show(text) {
      if (performance.now() - last <= patience) return;
      last = performance.now();
      rewrite(text, "");
    },
    finish: (text) => rewrite(text, "\n"),
  };
}

/** Into a log file: a line a minute, not a line a batch. */
function logLine(): ProgressLine {
  let last = -Infinity;
  return {
    show(text) {
      if (performance.now() - last < 60_000) return;
      last = performance.now();
      console.error(text);
    },
    finish: (text) => console.error(text),
  };
}

/** The kernel's namespace; outside a kernel even looking at it throws. */
function jupyterKernel(): Jupyter | undefined {
  try {
    return (Deno as unknown as { jupyter?: Jupyter }).jupyter;
  } catch {
    return undefined;
  }
}

/** The line that fits the place: a notebook's output, a terminal, or a log. */
export function progressLine(): ProgressLine {
  const jupyter = jupyterKernel();
  if (jupyter !== undefined) return notebookLine(jupyter);
  return Deno.stderr.isTerminal() ? terminalLine() : logLine();
}

/** Seconds as "45 s", "3 min 20 s" or "2 h 05 min". */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h} h ${two(m)} min` : `${m} min ${two(s)} s`;
}

/** How a run's time is made up, in arbitrary units; only ratios matter. */
export function estimateWork({ dataset, data, train, evaluation }: RunSpec) {
  const whole = data.trainLimit ?? datasetDefinition(dataset).counts.train;
  const images = Math.min(data.trainSubset ?? Infinity, whole * (1 - data.validationFraction));
  const { adversarial } = train;
  // One gradient step of an attack costs about two thirds of a training step.
  const attackSteps = adversarial === undefined
    ? 0
    : 0.66 * (adversarial.probability ?? 0.5) * (adversarial.steps ?? 1);
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

  /** Counts a run as done; a cached one took no time and is no measure of speed. */
  finish(spec: RunSpec, cached: boolean): void {
    const work = OverallProgress.#workOf(spec);
    this.#finished++;
    this.#done += work;
    if (!cached) this.#measured += work;
  }

  /** One line about the whole: run k of n, what is being done, share done, time left. */
  line(spec: RunSpec, { id, seed, stage, fraction, detail }: RunProgress): string {
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
    const eta = speed > 0 && seconds > 5 ? `, about ${formatSeconds(left / speed)} left` : "";
    const share = (100 * (this.#done + current) / this.#total).toFixed(0);
    const name = `run ${this.#finished + 1}/${this.specs.length} ${id} seed ${seed}`;
    return `${share} %  ${name}  ${stage}: ${detail}  [${formatSeconds(seconds)}${eta}]`;
  }
}
