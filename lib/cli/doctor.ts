/**
 * `deno task doctor`: what is in use on this machine, and what is missing; with `--verify`, whether every
 * file is as set-up installed it. This file imports no package: a damaged one must not stop it.
 */
import { REPAIR_COMMAND, SETUP_COMMAND } from "../files/setup_commands.ts";
import { partsOf, SETUP_GOALS } from "./setup/parts.ts";
import { setupPaths } from "./setup/paths.ts";
import { verifyPart } from "./setup/verify_part.ts";

const USAGE = `Usage: deno task doctor [--verify]

Prints what is in use on this machine, and what is missing.

  --verify  compares the SHA-256 of every installed file with the one that set-up noted`;

/** @returns Whether every file of every installed part is as it was. */
async function verify(): Promise<boolean> {
  const paths = setupPaths();
  let whole = true;
  for (const part of new Set(SETUP_GOALS.flatMap(partsOf))) {
    const { text, damaged } = await verifyPart(part, paths);
    console.log(`${part.padEnd(14)}${text}`);
    whole &&= damaged.length === 0;
  }
  if (!whole) console.log(`\nTo install the damaged parts again: ${SETUP_COMMAND}`);
  return whole;
}

const unknown = Deno.args.find((arg) => arg !== "--verify");
if (unknown === "--help" || unknown === "-h") {
  console.log(USAGE);
  Deno.exit(0);
}
if (unknown !== undefined) {
  console.error(`Unknown argument ${unknown}.\n${USAGE}`);
  Deno.exit(2);
}
if (Deno.args.includes("--verify")) Deno.exit(await verify() ? 0 : 1);
try {
  await import("./doctor/report.ts");
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(
    `doctor: a file of the project or of a package does not load (${reason}); run: ` +
      REPAIR_COMMAND,
  );
  Deno.exit(1);
}
