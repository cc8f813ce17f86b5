/** `deno task tune`: measures which kernels are fastest here and writes data/tuning.json. */
import { Command } from "commander";
import { writeAtomically } from "../files/write_atomically.ts";
import { tunedTable, tuningPath } from "../backend/tuning_file.ts";
import { shippedTable } from "../backend/kernel_table.ts";
import { usesGpu } from "../backend/device.ts";
import { wholeNumber } from "./flag_values.ts";
import { addOutputFlags, type CommandOutput, commandOutput, type OutputFlags } from "./output.ts";
import { runCommandLine } from "./_run_command_line.ts";
import { tune, type TunedChoice } from "./tune/tune.ts";

/** One line for a choice: its candidates, the fastest first. */
function line({ what, times, chosen }: TunedChoice): string {
  const sorted = [...times].sort(([, a], [, b]) => a - b);
  const texts = sorted.map(([name, time]) => `${name} ${time.toFixed(2)} ms`);
  return `${what.padEnd(34)}${chosen.padEnd(10)}${texts.join(", ")}`;
}

/** Tells a choice when it is made. */
function tell(output: CommandOutput, choice: TunedChoice): void {
  const { what, times, chosen } = choice;
  output.result({ what, chosen, milliseconds: Object.fromEntries(times) }, line(choice));
}

async function main(): Promise<number> {
  const { rounds, ...flags } = addOutputFlags(new Command("deno task tune"))
    .description(
      "Times every kernel that the lab may use and writes the fastest into data/tuning.json, which " +
        "all later runs read. Results of another table have other last digits; their provenance " +
        "names it. To return to the shipped table, delete the file.",
    )
    .option("--rounds <n>", "calls of each kernel", wholeNumber(1), 15)
    .parse(["deno", "tune", ...Deno.args])
    .opts<{ rounds: number } & OutputFlags>();
  const output = commandOutput(flags);
  if (usesGpu()) throw new Error("On a GPU there is nothing to tune: its own kernels are used");
  const path = tuningPath();
  if (path === undefined) {
    throw new Error("Tuning needs a checkout of the lab: its result is a file");
  }
  const shipped = shippedTable();
  const { name: _, ...before } = shipped;
  const { choices } = tune(before, { rounds, onChoice: (choice) => tell(output, choice) });
  const same = tunedTable(choices).name === tunedTable(before).name;
  await writeAtomically(path, JSON.stringify(choices, null, 2) + "\n");
  const table = same ? shipped.name : tunedTable(choices).name;
  output.result({ path, table }, `\n${path}: ${same ? `the shipped table ${table}` : table}`);
  return 0;
}

await runCommandLine(main);
