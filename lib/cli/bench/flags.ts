import { Command, InvalidArgumentError } from "commander";
import { addOutputFlags, type OutputFlags } from "../output.ts";

/** What the command line asks for. */
export interface BenchOptions extends OutputFlags {
  /** A Python with PyTorch and the libraries of docs/speed.md; without it our side alone. */
  readonly pytorch?: string;
  /** Rounds of each comparison. */
  readonly rounds: number;
  /** Seconds that each side measures in a round. */
  readonly secondsPerRound: number;
  /** Threads of both sides. */
  readonly threads: number;
  /** Fewer rounds and sizes, in about two minutes: to see that all runs. */
  readonly quick: boolean;
  /** List the native kernels by time too. */
  readonly profile: boolean;
  /** Where to write the native calls of a training step and a PGD step, for a trace viewer. */
  readonly trace?: string;
  /** Only rows whose name holds this; no growth, memory and layers then. */
  readonly only?: string;
  /** The JSON file. */
  readonly out: string;
}

interface Flags extends OutputFlags {
  readonly pytorch?: string;
  readonly rounds?: number;
  readonly threads: number;
  readonly quick?: true;
  readonly profile?: true;
  readonly trace?: string;
  readonly only?: string;
  readonly out: string;
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a positive integer.");
  return Number(text);
}

/**
 * Reads the command line of `deno task bench`.
 *
 * @param args Without the program's name.
 * @param exit Called instead of ending the process, in tests.
 * @returns The options; `--quick` alone means 2 rounds of 0.2 s, else 7 of 1 s.
 * @throws {Error} With `exit`: what is wrong with the arguments.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(parseBenchOptions(["--quick", "--rounds", "3"]).rounds, 3);
 * ```
 */
export function parseBenchOptions(
  args: readonly string[],
  exit?: (error: Error) => never,
): BenchOptions {
  const command = addOutputFlags(new Command("deno task bench"))
    .description("Measures images per second, beside PyTorch where a Python with it is named.")
    .option("--pytorch <python>", "a Python with torch, torchvision, torchattacks and umap-learn")
    .option("--rounds <n>", "rounds of each comparison (default: 7, quick 2)", positiveInteger)
    .option(
      "--threads <n>",
      "threads of both sides",
      positiveInteger,
      navigator.hardwareConcurrency,
    )
    .option("--quick", "fewer rounds and sizes, to see that all runs")
    .option("--profile", "list the native kernels by time too")
    .option(
      "--trace <file>",
      "the native calls of a training step and a PGD step, as JSON for chrome://tracing or Perfetto",
    )
    .option("--only <text>", "only the comparisons whose name holds this text")
    .option("--out <file>", "the result as JSON", "data/reports/bench.json");
  if (exit) {
    command.exitOverride(exit).configureOutput({ writeErr: () => {}, writeOut: () => {} });
  }
  const { pytorch, rounds, trace, only, threads, out, ...flags } = command
    .parse([...args], { from: "user" }).opts<Flags>();
  const quick = flags.quick ?? false;
  return {
    ...(pytorch === undefined ? {} : { pytorch }),
    ...(trace === undefined ? {} : { trace }),
    ...(only === undefined ? {} : { only }),
    ...(flags.json ? { json: true } : {}),
    ...(flags.quiet ? { quiet: true } : {}),
    rounds: rounds ?? (quick ? 2 : 7),
    secondsPerRound: quick ? 0.2 : 1,
    profile: flags.profile ?? false,
    threads,
    quick,
    out,
  };
}
