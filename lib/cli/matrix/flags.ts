/** The flags of `deno task matrix`. */
import { InvalidArgumentError, Option } from "commander";
import { wholeNumber } from "../flag_values.ts";
import { runCommand, type RunFlags } from "../run_flags.ts";

/** Flags as parsed. */
export interface MatrixFlags extends RunFlags {
  readonly list?: boolean;
  readonly publish?: boolean;
  readonly root?: string;
  readonly scheduler?: string;
  readonly localWorkers?: number;
  readonly threads?: number;
  readonly python?: string;
  readonly workerLab?: string;
}

function toSchedulerAddress(text: string): string {
  if (/^(tcp|tls|ucx|ws|wss):\/\/[^\s/]+$/.test(text)) return text;
  throw new InvalidArgumentError("Expected a Dask scheduler's address like tcp://host:8786.");
}

/** Flags that only matter where runs are made on a cluster. */
const CLUSTER_FLAGS = [["threads", "--threads"], ["python", "--python"], [
  "workerLab",
  "--worker-lab",
]] as const;

/**
 * Parses the command line; a wrong flag ends in one sentence on stderr and exit code 1.
 *
 * @param args Without the program's name.
 */
export function parseMatrixFlags(args: readonly string[]): MatrixFlags {
  const command = runCommand(
    "deno task matrix",
    "Makes every run of a profile that has not been made yet, one after another or on a cluster. " +
      "Ctrl-C stops it; called again, an interrupted run goes on after its last epoch.",
  )
    .option("--list", "print the runs and stop")
    .option("--publish", "write each finished run to data/results, and the figures")
    .option(
      "--root <dir>",
      "the folder whose data/runs keeps the runs, e.g. on a shared disk (default: this one)",
    )
    .addOption(
      new Option("--scheduler <address>", "make the runs on the workers of this Dask scheduler")
        .argParser(toSchedulerAddress).conflicts("localWorkers"),
    )
    .option(
      "--local-workers <n>",
      "make n runs at once on this machine, each in a worker of its own",
      wholeNumber(1),
    )
    .option(
      "--threads <n>",
      "kernel threads of a run on a cluster (default: the worker's cores, shared fairly)",
      wholeNumber(1),
    )
    .option(
      "--python <program>",
      "a Python with the cluster's version of distributed (default: the lab's own)",
    )
    .option("--worker-lab <dir>", "the lab's folder on the workers (default: this one's path)")
    .parse(args, { from: "user" });
  const flags = command.opts<MatrixFlags>();
  if (flags.scheduler === undefined && flags.localWorkers === undefined) {
    for (const [key, flag] of CLUSTER_FLAGS) {
      if (flags[key] !== undefined) {
        command.error(`error: ${flag} has no effect without --scheduler or --local-workers`);
      }
    }
  }
  return flags;
}
