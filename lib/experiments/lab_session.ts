/** What a notebook works with: a profile, its data, its runs. */
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireList, requireOneOf, requireText } from "../arguments/require.ts";
import type { Network } from "../nn/network_options.ts";
import { type DataProvider, dataProvider, type RunData, sourceFor } from "./runs/data_provider.ts";
import { loadRunModel } from "./runs/evaluate_run.ts";
import { JUPYTER_DISPLAY } from "../format/jupyter_display.ts";
import { experimentMatrix, specById, withSeed } from "./specs/matrix.ts";
import { loadRecords, type RunRecord } from "./records/record.ts";
import { runAll } from "./run_experiment.ts";
import { describeRuns, requireRuns } from "./records/run_groups.ts";
import { checkoutRoot, publishedPaths } from "./records/run_paths.ts";
import { type Profile, profiles, type RunSpec } from "./specs/run_spec.ts";
import { specsOf } from "./specs/own_runs.ts";
import { type VariantChanges, variantSpec } from "./specs/variant.ts";
import type { Statement } from "./views/statement.ts";

/** Options of {@linkcode openLab}. */
export interface LabOptions {
  /** Default `$LAB_PROFILE`, else "quick". */
  readonly profile?: Profile;
  /** Directory with the datasets' own layouts. Default `$LAB_DATA`, else none named. */
  readonly dataDirectory?: string;
  /** Default `$LAB_SEEDS` ("0,1,2"), else 0 alone. */
  readonly seeds?: readonly number[];
  /** The checkout whose data/ is used. Default: the one this module belongs to. */
  readonly root?: string;
}

const optionNames: OptionNames<LabOptions> = {
  profile: true,
  dataDirectory: true,
  seeds: true,
  root: true,
};

/** A notebook's session; shows itself as one line. */
export interface Lab {
  /** Profile of the matrix that the session works with. */
  readonly profile: Profile;
  /** Training seeds; each run is made once with each of them. */
  readonly seeds: readonly number[];
  /** The runs of this profile's matrix. */
  readonly ids: readonly string[];
  /** Profile, data and seeds in one line. */
  readonly description: string;
  /**
   * A run with some of its settings changed, for {@linkcode Lab.run}.
   *
   * @param id The run of this profile's matrix that it is a variant of.
   * @param changes Its own id, and what it changes; every other setting is the parent's.
   * @throws {TypeError} If a setting is unknown or its value is of the wrong kind.
   * @throws {RangeError} If there is no such run, the id is taken, or settings contradict each other.
   */
  variant(id: string, changes: VariantChanges): RunSpec;
  /**
   * Makes the runs that have not been made, each with each seed; an interrupt stops it.
   *
   * @param runs Ids of the matrix, and specs such as {@linkcode Lab.variant}'s.
   * @throws {RangeError} If an id is unknown, or a spec is of another profile or has the id of
   *   another run.
   */
  run(runs: readonly (string | RunSpec)[]): Promise<RunRecord[]>;
  /** Committed records of published runs, all or those of some ids; empty if there are none. */
  published(ids?: readonly string[]): Promise<RunRecord[]>;
  /** A run's model with its best weights; dispose it. */
  model(run: RunRecord): Promise<Network>;
  /** A run's images. */
  data(run: RunRecord): Promise<RunData>;
  /** The description by MIME type, for Jupyter. */
  [JUPYTER_DISPLAY](): Record<string, string>;
}

function profileFromEnvironment(): Profile {
  const profile = (Deno.env.get("LAB_PROFILE") || "quick") as Profile;
  requireOneOf("LAB_PROFILE", profile, profiles);
  return profile;
}

/**
 * Reads a list of seeds, e.g. "0,1,2".
 *
 * @param name Of the variable or flag, for the error.
 * @throws {RangeError} If an entry is not a whole number of at least 0.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(parseSeeds("--seeds", "0, 2"), [0, 2]);
 * ```
 */
export function parseSeeds(name: string, text: string): number[] {
  requireText(name, text);
  return text.split(",").map((part) => {
    const seed = Number(part);
    if (part.trim() === "" || !Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`Expected ${name} to be whole numbers like 0,1,2 but found "${text}"`);
    }
    return seed;
  });
}

function describeData(profile: Profile, directory: string | undefined): string {
  const source = sourceFor(
    { profile, data: { source: "auto", validationFraction: 0.1 } },
    directory,
  );
  if (source === "procedural") return "procedural stand-ins";
  // What the files hold is known only after they are read; tables and captions say it.
  return source === "real"
    ? "images of the data folder"
    : "images of data/raw where it holds them, else stand-ins";
}

async function modelOf(run: RunRecord): Promise<Network> {
  try {
    return await loadRunModel(run.directory, run.config);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `No weights of ${run.id}: a committed record holds numbers only. Make the run on this ` +
        `machine (lab.run) to get them. (${reason})`,
      { cause: error },
    );
  }
}

/**
 * Opens the lab in a notebook.
 *
 * @param options See {@linkcode LabOptions}; the runner of the notebooks sets the variables.
 * @throws {RangeError} If the profile or a seed is none.
 * @throws {Error} If a data directory was named, also by `$LAB_DATA`, but is not a folder.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const lab = openLab({ profile: "quick", seeds: [0] });
 * assertEquals(lab.ids.includes("svhn-baseline"), true);
 * ```
 */
export function openLab(options: LabOptions = {}): Lab {
  requireKnownOptions("openLab", options, optionNames);
  const {
    profile = profileFromEnvironment(),
    seeds = parseSeeds("LAB_SEEDS", Deno.env.get("LAB_SEEDS") || "0"),
    root = checkoutRoot(),
  } = options;
  requireOneOf("profile", profile, profiles);
  requireList("seeds", seeds);
  requireInteger("seeds.length", seeds.length, { min: 1 });
  seeds.forEach((seed, k) => requireInteger(`seeds[${k}]`, seed, { min: 0 }));
  const data: DataProvider = dataProvider(options.dataDirectory);
  const description = `Profile ${profile}, ${describeData(profile, data.directory)}, ` +
    `${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}`;
  return {
    profile,
    seeds,
    ids: experimentMatrix(profile).map(({ id }) => id),
    description,
    variant: (id, changes) => variantSpec(specById(profile, id), changes),
    async run(runs) {
      const chosen = specsOf(profile, runs);
      const specs = seeds.flatMap((seed) => chosen.map((spec) => withSeed(spec, seed)));
      const results = await runAll(specs, { root, data });
      return results.map(({ record }) => record);
    },
    published: (ids) => publishedRuns(ids, root),
    model: modelOf,
    data: (run) => data.load(run.config.spec),
    [JUPYTER_DISPLAY]: () => ({ "text/markdown": `**${description}**`, "text/plain": description }),
  };
}

/**
 * Loads the committed records of published runs.
 *
 * @param ids Only these, in this order. Default: all, by name.
 * @param root The checkout.
 * @returns Empty if nothing has been published.
 */
export async function publishedRuns(
  ids?: readonly string[],
  root: string = checkoutRoot(),
): Promise<RunRecord[]> {
  if (ids !== undefined) requireList("ids", ids);
  requireText("root", root);
  const records = await loadRecords(publishedPaths(root).records);
  return ids === undefined ? records : ids.flatMap((id) => records.filter((run) => run.id === id));
}

/** A labelled block of sentences; shows itself as Markdown. */
export interface Block {
  /** The block as Markdown: a bold heading and what follows it. */
  readonly text: string;
  /** The text by MIME type, for Jupyter. */
  [JUPYTER_DISPLAY](): Record<string, string>;
}

function block(heading: string, runs: readonly RunRecord[], statements: readonly Statement[]) {
  const source = runs.length === 0 ? "" : ` (${describeRuns(runs).replace(/\.$/, "")})`;
  const lines = statements.map(({ text }) => `- ${text}`);
  const text = [`**${heading}**${source}`, "", ...lines].join("\n");
  return { text, [JUPYTER_DISPLAY]: () => ({ "text/markdown": text, "text/plain": text }) };
}

/** "This run": sentences computed from what just ran, with the data and seeds behind them. */
export function thisRun(runs: readonly RunRecord[], ...statements: Statement[]): Block {
  requireRuns("runs", runs);
  return block("This run", runs, statements);
}

/** "Published run": sentences computed from the committed records. */
export function publishedRun(runs: readonly RunRecord[], ...statements: Statement[]): Block {
  requireRuns("runs", runs);
  if (runs.length > 0) return block("Published run", runs, statements);
  const text = "**Published run**\n\nNo run of this kind has been published yet.";
  return { text, [JUPYTER_DISPLAY]: () => ({ "text/markdown": text, "text/plain": text }) };
}
