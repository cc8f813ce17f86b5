/** `deno task matrix`: makes every run of a profile that has not been made yet. */
import { publishRuns } from "../experiments/publish.ts";
import { runAll } from "../experiments/run_all.ts";
import { chooseRuns } from "../experiments/run_matrix.ts";
import { checkoutRoot } from "../experiments/run_paths.ts";
import { trainingTable } from "../experiments/tables/training_table.ts";
import { runCommandLine } from "./run_command_line.ts";
import { runCommand, type RunFlags } from "./run_flags.ts";

interface Flags extends RunFlags {
  readonly list?: boolean;
  readonly publish?: boolean;
}

function parseFlags(args: readonly string[]): Flags {
  return runCommand(
    "deno task matrix",
    "Makes every run of a profile that has not been made yet. Ctrl-C stops it; called again, the " +
      "interrupted run goes on after its last epoch.",
  )
    .option("--list", "print the runs and stop")
    .option("--publish", "write each finished run to data/results, and the figures")
    .parse(args, { from: "user" })
    .opts<Flags>();
}

async function main(signal: AbortSignal): Promise<number> {
  const flags = parseFlags(Deno.args);
  const { specs, matrix } = chooseRuns({
    profile: flags.profile,
    seeds: flags.seeds,
    only: flags.only,
    pretrained: flags.pretrained,
    source: flags.data === undefined ? undefined : "real",
  });
  if (flags.list) {
    for (const { id, seed, dataset, train } of specs) {
      console.log(`${id}  seed ${seed}  ${dataset}  ${train.epochs} epochs`);
    }
    return 0;
  }
  const root = checkoutRoot();
  let failures = 0;
  const results = await runAll(specs, {
    root,
    matrix,
    signal,
    ...(flags.data === undefined ? {} : { dataDirectory: flags.data }),
    onFailure: ({ id, seed }, error) => {
      // Missing data or a full disk would stop every other run too.
      if (!error.message.includes("diverged")) throw error;
      failures++;
      console.error(`\n${id} seed ${seed} failed: ${error.message}`);
    },
    // Published run by run: what is finished is kept, whatever comes next.
    onResult: async ({ record }) => {
      if (flags.publish) await publishRuns([record], root);
    },
  });
  if (results.length > 0) {
    console.log(trainingTable(results.map(({ record }) => record)).toMarkdown());
  }
  if (failures > 0) console.error(`${failures} of ${specs.length} runs failed.`);
  return failures > 0 ? 1 : 0;
}

if (import.meta.main) {
  await runCommandLine(main, "Stopped; the same command goes on after the last finished epoch.");
}
