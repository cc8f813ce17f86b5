/** `deno task matrix`: makes every run of a profile that has not been made yet. */
import { Command, Option } from "commander";
import { publishRuns } from "../experiments/publish.ts";
import { runAll } from "../experiments/run_all.ts";
import { chooseRuns } from "../experiments/run_matrix.ts";
import { checkoutRoot } from "../experiments/run_paths.ts";
import { type Profile, profiles } from "../experiments/run_spec.ts";
import { trainingTable } from "../experiments/tables/training_table.ts";
import { parseNames, wholeNumbers } from "./flag_values.ts";
import { runCommandLine } from "./run_command_line.ts";

interface Flags {
  readonly profile: Profile;
  readonly data?: string;
  readonly seeds: number[];
  readonly only?: string[];
  readonly pretrained?: string;
  readonly list?: boolean;
  readonly publish?: boolean;
}

function parseFlags(args: readonly string[]): Flags {
  return new Command("deno task matrix")
    .description(
      "Makes every run of a profile that has not been made yet. Ctrl-C stops it; called again, the " +
        "interrupted run goes on after its last epoch.",
    )
    .addOption(
      new Option("--profile <name>", "how long the runs are").choices(profiles).default("quick"),
    )
    .option(
      "--data <dir>",
      "directory with the real images; missing files are an error (default: stand-ins in quick, " +
        "data/raw else)",
    )
    .option("--seeds <list>", "seeds of every run", wholeNumbers(0), [0])
    .option("--only <ids>", "only these runs, separated by commas", parseNames)
    .option(
      "--pretrained <file|imagenet>",
      "encoder of the *-pretrained runs (default: the profile's; a stand-in is named in the record)",
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
