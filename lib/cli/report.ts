/** `deno task report`: trains, evaluates and writes summaries, figures and an index page. */
import { Option } from "commander";
import { join } from "node:path";
import { type DatasetName, datasetNames } from "../data/dataset.ts";
import { publishRuns, redrawPublished } from "../experiments/report/publish.ts";
import { writeFigures } from "../experiments/report/gallery.ts";
import { writeIndexPage } from "../experiments/report/index_page.ts";
import { writeDocuments } from "./readme/documents.ts";
import { runAll } from "../experiments/run_experiment.ts";
import { chooseRuns, type EvaluationChange } from "../experiments/specs/choose_runs.ts";
import {
  checkoutRoot,
  reportDirectory,
  reportsFolder,
  runsFolder,
} from "../experiments/records/run_paths.ts";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import type { Profile } from "../experiments/specs/run_spec.ts";
import { profileBudget } from "../experiments/specs/profile_budget.ts";
import { writeSummaries } from "../experiments/report/summaries.ts";
import { parseEpsilons, wholeNumber, wholeNumbers } from "./flag_values.ts";
import { runCommandLine } from "./_run_command_line.ts";
import { runLine } from "./_run_line.ts";
import { commandOutput } from "./output.ts";
import { runCommand, type RunFlags, runFlags, variantSpecs } from "./run_flags.ts";

interface Flags extends RunFlags {
  readonly fullRun?: boolean;
  readonly epochs?: number;
  readonly dataset?: DatasetName;
  readonly sweepEpsilons?: number[];
  readonly sweepIters?: number;
  readonly sweepMaxBatches?: number;
  readonly pgdItersList?: number[];
  readonly iterSweepMaxBatches?: number;
  readonly publish?: boolean;
  readonly redraw?: boolean;
}

function parseFlags(args: readonly string[]): Flags {
  const command = runCommand(
    "deno task report",
    "Trains and evaluates the runs of a profile and writes summaries, figures and an index page " +
      "to data/reports; only --publish writes data/results and figures.",
  )
    .option("--full-run", "the long run: as --profile full")
    .option("--epochs <n>", "epochs of every run (default: each run's own)", wholeNumber(1))
    .addOption(
      new Option("--dataset <name>", "only runs trained on this dataset").choices(datasetNames),
    )
    .option("--sweep-epsilons <list>", "budgets, e.g. 0,2/255,8/255", parseEpsilons)
    .option("--sweep-iters <n>", "steps of PGD in the sweep over budgets", wholeNumber(1))
    .option("--sweep-max-batches <n>", "attacked batches in that sweep", wholeNumber(1))
    .option("--pgd-iters-list <list>", "numbers of PGD steps, e.g. 1,5,10", wholeNumbers(1))
    .option("--iter-sweep-max-batches <n>", "attacked batches in that sweep", wholeNumber(1))
    .option("--publish", "write the runs to data/results, and the figures")
    .option("--redraw", "draw figures and summaries again from data/results, and stop")
    .parse(args, { from: "user" });
  return runFlags<Flags>(command);
}

/** The evaluation settings that flags name; a batch is the evaluation's own. */
function evaluationChange(flags: Flags, profile: Profile): EvaluationChange {
  const { batchSize } = profileBudget(profile).evaluation.robustness;
  const { sweepEpsilons, sweepIters, sweepMaxBatches, pgdItersList, iterSweepMaxBatches } = flags;
  return {
    ...(sweepEpsilons === undefined ? {} : { epsilons: sweepEpsilons }),
    ...(sweepIters === undefined ? {} : { attackSteps: sweepIters }),
    ...(sweepMaxBatches === undefined ? {} : { attackImages: sweepMaxBatches * batchSize }),
    ...(pgdItersList === undefined ? {} : { iterationSteps: pgdItersList }),
    ...(iterSweepMaxBatches === undefined
      ? {}
      : { iterationImages: iterSweepMaxBatches * batchSize }),
  };
}

async function main(signal: AbortSignal): Promise<number> {
  const flags = parseFlags(Deno.args);
  const output = commandOutput(flags);
  if (flags.redraw) {
    const redrawn = await redrawPublished(checkoutRoot());
    await writeDocuments(checkoutRoot());
    output.result({ redrawn }, `Redrew the figures of ${redrawn} published runs.`);
    return 0;
  }
  const profile = flags.fullRun ? "full" : flags.profile;
  const { specs, matrix } = chooseRuns({
    ...flags,
    profile,
    variants: variantSpecs(flags, profile),
    evaluation: evaluationChange(flags, profile),
    source: flags.data === undefined ? undefined : "real",
  });
  const root = checkoutRoot();
  const directory = reportDirectory(root, profile);
  await requireOutputFolder(runsFolder(root));
  await requireOutputFolder(join(directory, "figures"), { within: reportsFolder(root) });
  const results = await runAll(specs, {
    root,
    matrix,
    signal,
    line: output.line(),
    onResult: (result) => {
      if (output.json) output.result(runLine(result), "");
    },
    ...(flags.data === undefined ? {} : { dataDirectory: flags.data }),
  });
  const runs = results.map(({ record }) => record);
  await writeSummaries(runs, directory);
  await writeFigures(runs, join(directory, "figures"));
  const page = await writeIndexPage(runs, { root, path: join(directory, "index.html") });
  if (flags.publish) {
    await publishRuns(runs, root);
    await writeDocuments(root);
  }
  output.result({ page, runs: runs.length }, `Report of ${runs.length} runs: ${page}`);
  if (flags.publish) output.remark("Published to data/results and figures.");
  return 0;
}

if (import.meta.main) {
  await runCommandLine(main, "Stopped; the same command continues after the last finished epoch.");
}
