/** `deno task bench`: how fast the lab is, beside PyTorch where a Python with it is named. */
import { dirname } from "node:path";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import { PlaceRefused } from "../files/require_permitted.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { parseBenchOptions } from "./bench/flags.ts";
import { printedResult, profileText, rowTable } from "./bench/print.ts";
import { benchSchema } from "./bench/result.ts";
import { commandOutput } from "./output.ts";
import { runBench, runComparisons } from "./bench/run_bench.ts";
import { SideFailure } from "./bench/side.ts";

/** With more busy threads than this beside it, a bench says so. */
const BUSY = 0.5;

async function main(): Promise<void> {
  const { only, json = false, quiet = false, ...options } = parseBenchOptions(Deno.args);
  const output = commandOutput({ json, quiet });
  const files = [only === undefined ? options.out : undefined, options.trace];
  for (const file of files) if (file !== undefined) await requireOutputFolder(dirname(file));
  const writeTrace = async (trace: string | undefined) => {
    if (trace !== undefined) await writeAtomically(options.trace!, trace);
  };
  const [load] = Deno.loadavg();
  if (load! > BUSY) {
    console.error(
      `The machine is busy (load ${
        load!.toFixed(1)
      }): the numbers, PyTorch's most of all, will be ` +
        `far below what they are on a quiet one.`,
    );
  }
  const report = (what: string) => output.note(`measuring: ${what}`);
  if (only !== undefined) {
    const { rows, profiles, trace } = await runComparisons({ ...options, only }, report);
    for (const row of json ? rows : []) output.result(row, "");
    if (!json) console.log(rowTable(rows));
    for (const [task, profile] of Object.entries(profiles)) {
      output.result({ task, profile }, `\n${profileText(task, profile)}`);
    }
    await writeTrace(trace);
    return;
  }
  const { result: measured, trace } = await runBench(options, report);
  const result = benchSchema.parse(measured);
  for (const row of json ? result.rows : []) output.result(row, "");
  if (!json) console.log(printedResult(result));
  await writeAtomically(options.out, JSON.stringify(result, null, 2) + "\n");
  await writeTrace(trace);
  output.result({ path: options.out }, `\n${options.out}`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    const expected = [SideFailure, RangeError, PlaceRefused].some((kind) => error instanceof kind);
    if (!(error instanceof Error) || !expected) throw error;
    console.error(`bench: ${error.message}`);
    Deno.exit(1);
  }
}
