/**
 * Hostile and unlucky situations: files from others, full disks, lost output, failing models. The slow
 * ones are tried by `deno task soak`. At the end a table says which were survived.
 */
import type { Situation } from "./_situation.ts";
import { situations as attacks } from "./situations/attacks.ts";
import { situations as content } from "./situations/content.ts";
import { situations as files } from "./situations/files.ts";
import { situations as leases } from "./situations/leases.ts";
import { situations as output } from "./situations/output.ts";
import { situations as resources } from "./situations/resources.ts";

const all: readonly Situation[] = [
  ...files,
  ...content,
  ...leases,
  ...attacks,
  ...output,
  ...resources,
];

const isSoak = Deno.env.get("LAB_SOAK") === "1";
const outcomes = new Map<string, string>();

for (const { name, run, slow = false, ignore } of all) {
  const skipped = ignore ?? (slow && !isSoak ? "in deno task soak" : undefined);
  outcomes.set(name, skipped === undefined ? "no" : `not tried: ${skipped}`);
  Deno.test({
    name,
    ignore: skipped !== undefined,
    fn: async () => {
      await run();
      outcomes.set(name, "yes");
    },
  });
}

Deno.test("every situation was survived", () => {
  const width = Math.max(...all.map(({ name }) => name.length));
  const rows = [...outcomes].map(([name, outcome]) => `${name.padEnd(width)}  ${outcome}`);
  const count = (outcome: string) =>
    [...outcomes.values()].filter((one) => one.startsWith(outcome)).length;
  const sums =
    `${all.length} situations: ${count("yes")} survived, ${count("no ") + count("not")} ` +
    "not tried";
  console.log([`${"situation".padEnd(width)}  survived`, ...rows, sums].join("\n"));
  const lost = [...outcomes].filter(([, outcome]) => outcome === "no").map(([name]) => name);
  if (lost.length > 0) throw new Error(`Not survived: ${lost.join("; ")}`);
});
