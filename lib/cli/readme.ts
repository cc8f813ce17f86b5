/** `deno task readme`: writes the generated parts of README.md and docs/*.md. */
import { Command } from "commander";
import { checkoutRoot } from "../experiments/records/run_paths.ts";
import { addOutputFlags, commandOutput, type OutputFlags } from "./output.ts";
import { writeDocuments } from "./readme/documents.ts";

if (import.meta.main) {
  const flags = addOutputFlags(
    new Command("deno task readme")
      .description("Re-writes the generated parts of README.md and docs.")
      .allowExcessArguments(false),
  ).parse(Deno.args, { from: "user" }).opts<OutputFlags>();
  const output = commandOutput(flags);
  const changed = await writeDocuments(checkoutRoot());
  if (changed.length === 0) output.remark("Nothing to change.");
  else output.result({ changed }, `Wrote ${changed.join(", ")}.`);
}
