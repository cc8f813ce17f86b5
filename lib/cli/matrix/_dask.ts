/** Speaks to a Dask scheduler through a Python program, which is what its protocol needs. */
import { fileURLToPath } from "node:url";
import type { PlannedRun } from "../../experiments/runs/plan_runs.ts";
import { TextLineStream } from "../text_lines.ts";
import { type ClusterEvent, parseClusterEvent } from "./_cluster_events.ts";

/** PEM files for a scheduler at tls://; what is not named comes from Dask's own configuration. */
export interface TlsFiles {
  /** The certificate that signed those of the scheduler and its workers. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Where runs are made: on a scheduler that is there, or on workers started for this. */
export type ClusterPlace =
  | { readonly scheduler: string; readonly tls?: TlsFiles }
  | { readonly localWorkers: number };

/** How a cluster makes runs. */
export interface ClusterSettings {
  readonly place: ClusterPlace;
  /** The lab's folder on the workers. */
  readonly workerLab: string;
  /** Threads of a run's kernels. Default: a worker's cores over the runs it may make at once. */
  readonly threads?: number;
  /** A Python with the cluster's version of `distributed`. */
  readonly python: string;
  /** How long a scheduler may be silent. Default 10 s. */
  readonly connectSeconds?: number;
}

/** What is to be made, and where its files go. */
export interface ClusterWork {
  readonly runs: readonly (PlannedRun & { readonly work: number })[];
  /** This process's checkout. */
  readonly lab: string;
  /** The folder whose data/runs holds the runs here. */
  readonly root: string;
  /** Directory with the datasets, the same on the workers; null for none. */
  readonly data: string | null;
  /**
   * The folder whose data/runs holds the runs on the workers. Default: `root`, or the workers' own
   * checkout where runs are kept in this one.
   */
  readonly workerRoot?: string;
}

/** What a user can mend; shown without a stack. */
export class ClusterRefusal extends Error {
  override readonly name = "ClusterRefusal";
}

function planOf(work: ClusterWork, settings: ClusterSettings): Record<string, unknown> {
  const { place, workerLab, threads, connectSeconds = 10 } = settings;
  return {
    ...work,
    scheduler: "scheduler" in place ? place.scheduler : null,
    tls: "scheduler" in place ? { ca: null, cert: null, key: null, ...place.tls } : null,
    localWorkers: "localWorkers" in place ? place.localWorkers : null,
    workerLab,
    workerRoot: work.workerRoot ?? (work.root === work.lab ? workerLab : work.root),
    threads: threads ?? null,
    connectSeconds,
    deno: Deno.execPath(),
    version: Deno.version.deno,
  };
}

function start(python: string): Deno.ChildProcess {
  const script = fileURLToPath(new URL("./dask_client.py", import.meta.url));
  try {
    return new Deno.Command(python, {
      args: [script],
      env: { PYTHONDONTWRITEBYTECODE: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new ClusterRefusal(`Cannot start ${python}: ${error}. Name another with --python.`, {
      cause: error,
    });
  }
}

/**
 * Makes runs on a cluster and tells what happens, until all have ended.
 *
 * @param signal Stops the runs that are being made, each after its last whole epoch.
 * @throws {ClusterRefusal} If there is no such scheduler, its certificates cannot be used, or a worker
 *   cannot make runs.
 * @throws {Error} If the program ends unexpectedly, with the last lines it said.
 */
export async function* runOnDask(
  work: ClusterWork,
  settings: ClusterSettings,
  signal?: AbortSignal,
): AsyncGenerator<ClusterEvent> {
  const child = start(settings.python);
  const input = child.stdin.getWriter();
  const send = (line: string) => input.write(new TextEncoder().encode(line + "\n"));
  const stop = () => void send("stop").catch(() => {}); // it may have ended by itself
  const errors = new Response(child.stderr).text();
  try {
    await send(JSON.stringify(planOf(work, settings)));
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    const lines = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      const event = parseClusterEvent(line);
      if (event.event === "refused") {
        throw new ClusterRefusal(`Cannot use the cluster: ${event.reason}`);
      }
      yield event;
    }
    const { success, code } = await child.status;
    if (!success) {
      const said = (await errors).trim().split("\n").slice(-3).join("\n");
      throw new Error(`The program that speaks to Dask ended with ${code}: ${said}`);
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    await input.close().catch(() => {}); // the end of its input stops whatever it still does
    await child.status;
    await errors;
  }
}
