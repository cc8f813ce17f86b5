/** The flags of `deno task matrix`. */
import { InvalidArgumentError, Option } from "commander";
import { wholeNumber } from "../flag_values.ts";
import { runCommand, type RunFlags, runFlags } from "../run_flags.ts";

/** Flags as parsed. */
export interface MatrixFlags extends RunFlags {
  readonly list?: boolean;
  readonly publish?: boolean;
  readonly root?: string;
  readonly scheduler?: string;
  readonly localWorkers?: number;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly threads?: number;
  readonly python?: string;
  readonly workerLab?: string;
}

function toSchedulerAddress(text: string): string {
  if (/^(tcp|tls|ucx|ws|wss):\/\/[^\s/]+$/.test(text)) return text;
  throw new InvalidArgumentError("Expected a Dask scheduler's address like tls://host:8786.");
}

/** Whether both ends of a connection show each other certificates. */
function isEncrypted(scheduler: string | undefined): boolean {
  return scheduler !== undefined && /^(tls|wss):/.test(scheduler);
}

/** Flags that only matter where the scheduler asks for certificates. */
const TLS_FLAGS = [
  ["tlsCa", "--tls-ca"],
  ["tlsCert", "--tls-cert"],
  ["tlsKey", "--tls-key"],
] as const;

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
      "Ctrl-C stops it; called again, an interrupted run continues after its last epoch.",
  )
    .option("--list", "print the runs and stop")
    .option("--publish", "write each finished run to data/results, and the figures")
    .option(
      "--root <dir>",
      "the folder whose data/runs keeps the runs, e.g. on a shared disk (default: this one)",
    )
    .addOption(
      new Option(
        "--scheduler <address>",
        "make the runs on the workers of this Dask scheduler, e.g. tls://host:8786; at tcp:// " +
          "whoever reaches the port runs code as you",
      )
        .argParser(toSchedulerAddress).conflicts("localWorkers"),
    )
    .option(
      "--tls-ca <file>",
      "PEM certificate of the cluster's authority (default: that of Dask's configuration)",
    )
    .option(
      "--tls-cert <file>",
      "PEM certificate to show a scheduler at tls:// (default: likewise)",
    )
    .option(
      "--tls-key <file>",
      "PEM key of that certificate, readable by you alone (default: likewise)",
    )
    .option(
      "--local-workers <n>",
      "make n runs at once on this machine, each in a worker of its own that obeys nobody else",
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
  const flags = runFlags<MatrixFlags>(command);
  if (flags.scheduler === undefined && flags.localWorkers === undefined) {
    for (const [key, flag] of CLUSTER_FLAGS) {
      if (flags[key] !== undefined) {
        command.error(`error: ${flag} has no effect without --scheduler or --local-workers`);
      }
    }
  }
  for (const [key, flag] of TLS_FLAGS) {
    if (flags[key] !== undefined && !isEncrypted(flags.scheduler)) {
      command.error(`error: ${flag} has no effect without --scheduler tls://host:port`);
    }
  }
  return flags;
}
