import { basename, join, resolve } from "node:path";
import { findDatasetFiles } from "../../data/dataset_files.ts";
import { matrixDatasets } from "../../experiments/specs/matrix.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import type { SetupPaths } from "../setup/paths.ts";
import { executionRecord, recordExecution } from "./_execution_record.ts";
import { executeNotebook, type ExecutionEvent } from "./_execute.ts";
import { readNotebook } from "./nbformat.ts";
import { readTimings, remainingSeconds, rememberTimings, type Timings } from "./_timings.ts";
import { duration } from "../../format/duration.ts";
import type { ProgressLine } from "../../terminal/progress.ts";

/** How much the notebooks compute. */
export const PROFILES = ["quick", "standard", "full"] as const;
export type Profile = typeof PROFILES[number];

/** What the notebooks compute, and on which data. */
export interface NotebookSettings {
  readonly profile: Profile;
  /** A folder with the real datasets. Absent: what the library finds, else procedural images. */
  readonly data?: string;
  /** Seeds of repeated runs. Absent: the notebooks' own. */
  readonly seeds?: readonly number[];
}

/** A finished notebook. */
export interface NotebookOutcome {
  /** Its file's name without extension, e.g. "1_generalization". */
  readonly name: string;
  /** The notebook. */
  readonly source: string;
  /** The executed copy; there is none if the kernel did not start. */
  readonly executed: string;
  readonly seconds: number;
  /** Why it failed; absent if every cell ran. */
  readonly failure?: string;
}

/**
 * The environment variables that carry the settings into the kernel.
 *
 * @throws {Error} Naming a file of the datasets that the data folder lacks.
 */
export async function notebookEnvironment(
  settings: NotebookSettings,
): Promise<Record<string, string>> {
  const environment: Record<string, string> = { LAB_PROFILE: settings.profile };
  if (settings.seeds) environment.LAB_SEEDS = settings.seeds.join(",");
  if (settings.data === undefined) return environment;
  const data = resolve(settings.data); // a kernel works in another folder
  for (const name of matrixDatasets) {
    const { missing } = await findDatasetFiles(name, data);
    const first = [...missing.train, ...missing.test][0];
    if (first === undefined) continue;
    throw new Error(
      `--data ${settings.data} lacks ${first}: name a folder with all three datasets, or fill it ` +
        `with: deno task download --data ${settings.data}`,
    );
  }
  return { ...environment, LAB_DATA: data };
}

/**
 * The notebooks of a folder, in order.
 *
 * @param folder Where they lie.
 * @param only Numbers (the digits that start the names) or whole names; default all.
 * @returns Paths.
 * @throws {Error} If there are none, or one that is named does not exist.
 */
export async function findNotebooks(
  folder: string,
  only: readonly string[] = [],
): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(folder)).catch(() => []))
    .filter(({ name }) => name.endsWith(".ipynb") && !name.startsWith("."))
    .map(({ name }) => basename(name, ".ipynb"))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  if (names.length === 0) throw new Error(`There are no notebooks in ${folder}.`);
  for (const wanted of only) {
    if (!names.some((name) => name === wanted || name.startsWith(`${wanted}_`))) {
      throw new Error(`There is no notebook ${wanted}; there are ${names.join(", ")}.`);
    }
  }
  return names
    .filter((name) =>
      only.length === 0 || only.some((wanted) => name === wanted || name.startsWith(`${wanted}_`))
    )
    .map((name) => join(folder, `${name}.ipynb`));
}

async function codeCells(path: string): Promise<number> {
  const { cells } = await readNotebook(path);
  return cells.filter((cell) => cell.cell_type === "code" && cell.source.trim() !== "").length;
}

/** Shows how far all notebooks are, refreshed every second. */
class ProgressClock {
  readonly finished: Timings = {};
  #name = "";
  #cell = 0;
  #cellStart = 0;
  #reported: { readonly secondsLeft: number; readonly at: number } | undefined;
  readonly #start = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly cells: Readonly<Record<string, number>>,
    private readonly remembered: Timings,
    private readonly line: ProgressLine,
  ) {
    this.#timer = setInterval(() => this.#show(), 1000);
  }

  begin(name: string): void {
    this.#name = name;
    this.#cell = 0;
    this.#cellStart = performance.now();
    this.finished[name] = [];
  }

  event(event: ExecutionEvent): void {
    if (event.event === "progress") {
      this.#reported = { secondsLeft: event.secondsLeft, at: performance.now() };
    } else {
      this.#reported = undefined;
    }
    if (event.event === "start") {
      this.#cell = event.cell;
      this.#cellStart = performance.now();
    } else if (event.event === "done") {
      this.finished[this.#name]!.push(event.seconds);
      this.#cellStart = performance.now();
    }
    this.#show();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #show(): void {
    const running = (performance.now() - this.#cellStart) / 1000;
    const { secondsLeft, at } = this.#reported ?? {};
    const reported = secondsLeft === undefined
      ? undefined
      : Math.max(0, secondsLeft - (performance.now() - at!) / 1000);
    const left = remainingSeconds(this.cells, this.finished, this.remembered, running, reported);
    const cell = this.#cell === 0 ? "starting" : `cell ${this.#cell}/${this.cells[this.#name]}`;
    this.line.show(
      `${this.#name}  ${cell}  elapsed ${duration((performance.now() - this.#start) / 1000)}  ` +
        `left ${left === undefined ? "?" : `about ${duration(left)}`}`,
    );
  }
}

/** Options of {@linkcode runNotebooks}. */
export interface RunNotebooksOptions {
  /** The notebooks, in order. They are only read. */
  readonly notebooks: readonly string[];
  readonly settings: NotebookSettings;
  readonly line: ProgressLine;
  readonly signal?: AbortSignal;
  /** Who works on the notebooks; stands in the executed copies. */
  readonly author?: string;
  /** Called after each notebook that ran to its end, before the next starts. */
  readonly onExecuted?: (outcome: NotebookOutcome) => Promise<void>;
  /** Called after each notebook that failed, but for an interrupted one. */
  readonly onFailed?: (outcome: NotebookOutcome) => Promise<void>;
}

/** Runs one notebook and what follows it. */
async function runNotebook(
  paths: SetupPaths,
  source: string,
  run: { environment: Record<string, string>; folder: string; progress: ProgressClock },
  options: RunNotebooksOptions,
): Promise<NotebookOutcome> {
  const name = basename(source, ".ipynb");
  const executed = join(run.folder, `${name}.ipynb`);
  const start = performance.now();
  run.progress.begin(name);
  await Deno.remove(executed).catch(() => undefined); // what is there later is of this execution
  const record = await executionRecord(paths, options.author);
  const failure = await executeNotebook(paths, {
    source,
    output: executed,
    environment: run.environment,
    onEvent: (event) => run.progress.event(event),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const seconds = (performance.now() - start) / 1000;
  const outcome: NotebookOutcome = {
    ...{ name, source, executed, seconds },
    ...(failure === undefined ? {} : { failure }),
  };
  try {
    if (await Deno.stat(executed).catch(() => undefined)) await recordExecution(executed, record);
    if (failure === undefined) await options.onExecuted?.(outcome);
    else if (!options.signal?.aborted) await options.onFailed?.(outcome);
    return outcome;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...outcome, failure: failure === undefined ? reason : `${failure}; ${reason}` };
  }
}

function outcomeLine({ name, executed, seconds, failure }: NotebookOutcome, cells: number): string {
  if (failure === undefined) return `${name}  ${cells} cells in ${duration(seconds)}`;
  return `${name}  FAILED after ${duration(seconds)}: ${failure}\n  (what ran is in ${executed})`;
}

/**
 * Executes notebooks one after another, each in a fresh kernel; one that fails does not keep the
 * others from running. An interrupt ends the running one and leaves the rest out.
 *
 * @returns One outcome for each notebook that was started.
 */
export async function runNotebooks(
  paths: SetupPaths,
  options: RunNotebooksOptions,
): Promise<NotebookOutcome[]> {
  const { notebooks, settings, line, signal } = options;
  const environment = await notebookEnvironment(settings);
  const folder = join(paths.root, ".cache", "notebooks");
  await requireOutputFolder(folder, { within: paths.root });
  const kind = settings.data ? `${settings.profile}-data` : settings.profile;
  const timingsFile = join(folder, `timings-${kind}.json`);
  const cells: Record<string, number> = {};
  for (const path of notebooks) cells[basename(path, ".ipynb")] = await codeCells(path);
  const progress = new ProgressClock(cells, await readTimings(timingsFile), line);
  const outcomes: NotebookOutcome[] = [];
  try {
    for (const source of notebooks) {
      if (signal?.aborted) break;
      const outcome = await runNotebook(paths, source, { environment, folder, progress }, options);
      if (!outcome.failure) {
        await rememberTimings(timingsFile, { [outcome.name]: progress.finished[outcome.name]! });
      }
      line.keep(outcomeLine(outcome, cells[outcome.name]!));
      outcomes.push(outcome);
    }
  } finally {
    progress.stop();
    line.stop();
  }
  return outcomes;
}
