/** What the runs of a session share: the checkout, the data, the other runs, who watches. */
import type { OptionNames } from "../../arguments/known_options.ts";
import { type DataProvider, dataProvider } from "./data_provider.ts";
import { experimentMatrix, withSeed } from "../specs/matrix.ts";
import type { Environment } from "./provenance.ts";
import { readEnvironment } from "./provenance.ts";
import { checkoutRoot } from "../records/run_paths.ts";
import type { ModelEvaluation } from "./evaluate_model.ts";
import type { RunSpec } from "../specs/run_spec.ts";

/** Where a run stands. */
export interface RunProgress {
  /** The id of the run in the matrix. */
  readonly id: string;
  /** The training seed. */
  readonly seed: number;
  /** Which part of the run is at work. */
  readonly stage: "training" | "evaluation";
  /** Share of the stage that is done, in [0, 1]. */
  readonly fraction: number;
  /** What is being done, in a few words. */
  readonly detail: string;
}

/** Draws what a model's evaluation shows into a run directory. */
export type DrawCharts = (directory: string, result: ModelEvaluation) => Promise<void>;

/** Options of {@linkcode runExperiment}. */
export interface RunOptions {
  /** The checkout whose data/ holds runs and records. Default: the one this module belongs to. */
  readonly root?: string;
  /** Named data directory: its real images are used, and missing files are an error. */
  readonly dataDirectory?: string;
  /** Called as training and evaluation advance. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Stops the run: its promise rejects with an AbortError. A later call resumes it. */
  readonly signal?: AbortSignal;
  /** Datasets loaded before, shared between runs. Default: a new provider. */
  readonly data?: DataProvider;
  /** `true`: a committed record is no hit, since it has no weights. Default `false`. */
  readonly weights?: boolean;
  /** The runs that encoders are taken from. Default: the matrix of the run's profile. */
  readonly matrix?: readonly RunSpec[];
}

/** The names of {@linkcode RunOptions}. */
export const runOptionNames = {
  root: true,
  dataDirectory: true,
  onProgress: true,
  signal: true,
  data: true,
  weights: true,
  matrix: true,
} as const satisfies OptionNames<RunOptions>;

/** The options with their defaults filled in. */
export interface RunContext {
  readonly root: string;
  readonly data: DataProvider;
  readonly onProgress: (progress: RunProgress) => void;
  readonly signal: AbortSignal | undefined;
  readonly weights: boolean;
  /** The spec of another run of the same matrix and seed. */
  readonly specOf: (spec: RunSpec, id: string) => RunSpec;
  readonly environment: () => Promise<Environment>;
}

/** The context of runs that are made, not only looked for. */
export interface MakeContext extends RunContext {
  readonly drawCharts: DrawCharts;
}

/** Fills in defaults; the result can be passed on to the runs that a run depends on. */
export function runContext(options: RunOptions): RunContext {
  const { root = checkoutRoot(), dataDirectory, onProgress, signal, weights = false } = options;
  let environment: Promise<Environment> | undefined;
  return {
    root,
    data: options.data ?? dataProvider(dataDirectory),
    onProgress: onProgress ?? (() => {}),
    signal,
    weights,
    specOf(spec, id) {
      const matrix = options.matrix ?? experimentMatrix(spec.profile);
      const found = matrix.find((one) => one.id === id);
      if (found === undefined) {
        throw new RangeError(
          `Expected pretrained.id of ${spec.id} to be a run of the ${spec.profile} profile ` +
            `but found ${id}`,
        );
      }
      // Encoders are trained on what the run itself may use.
      return withSeed(
        { ...found, data: { ...found.data, source: spec.data.source } },
        spec.seed,
      );
    },
    environment: () => environment ??= readEnvironment(checkoutRoot()),
  };
}
