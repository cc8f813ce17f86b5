/** Where many runs stand that are made at once: one line. */
import type { PlannedRun } from "../../experiments/runs/plan_runs.ts";
import { estimateWork } from "../../experiments/runs/run_progress.ts";
import { duration } from "../../format/duration.ts";
import { percent } from "../../format/percent.ts";
import type { ClusterEvent } from "./_cluster_events.ts";

/** How much work a run is, in the units of {@linkcode estimateWork}. */
export function workOf({ spec }: PlannedRun): number {
  const { training, evaluation } = estimateWork(spec);
  return training + evaluation;
}

/** Follows the events of a cluster. */
export class ClusterProgress {
  readonly #runs: ReadonlyMap<string, PlannedRun>;
  readonly #running = new Map<string, { readonly worker: string; readonly done: number }>();
  readonly #total: number;
  readonly #ended = new Set<string>();
  #done = 0;
  #started: number | undefined;

  /** @param now Milliseconds of a steady clock. */
  constructor(runs: readonly PlannedRun[], readonly now: () => number = () => performance.now()) {
    this.#runs = new Map(runs.map((run) => [run.name, run]));
    this.#total = runs.reduce((sum, run) => sum + workOf(run), 0);
  }

  /** Takes an event into account. */
  take(event: ClusterEvent): void {
    // An encoder whose result was lost with its worker is fetched again from the cache.
    if ("run" in event && this.#ended.has(event.run)) return;
    if (event.event === "started") {
      this.#started ??= this.now();
      this.#running.set(event.run, { worker: event.worker, done: 0 });
    } else if (event.event === "progress") {
      const { training, evaluation } = estimateWork(this.#runs.get(event.run)!.spec);
      const done = event.stage === "training"
        ? event.fraction * training
        : training + event.fraction * evaluation;
      this.#running.set(event.run, { worker: event.worker, done });
    } else if (event.event === "finished" || event.event === "failed") {
      this.#running.delete(event.run);
      this.#done += workOf(this.#runs.get(event.run)!);
      this.#ended.add(event.run);
    } else if (event.event === "lost") {
      for (const [name, { worker }] of this.#running) {
        if (worker === event.worker) this.#running.delete(name);
      }
    }
  }

  /** Share done, runs finished and running, time left. */
  line(): string {
    const running = [...this.#running];
    const done = this.#done + running.reduce((sum, [, run]) => sum + run.done, 0);
    const seconds = (this.now() - (this.#started ?? this.now())) / 1000;
    const eta = seconds > 5 && done > 0
      ? `, about ${duration((this.#total - done) * seconds / done)} left`
      : "";
    const names = running.map(([name, run]) =>
      `${name} ${percent(run.done / workOf(this.#runs.get(name)!), 0)}`
    );
    return `${percent(done / this.#total, 0)}  ${this.#ended.size} of ${this.#runs.size} runs ` +
      `done, ${running.length} being made${names.length > 0 ? `: ${names.join(", ")}` : ""}  ` +
      `[${duration(seconds)}${eta}]`;
  }
}
