/**
 * `deno task setup`: everything that the project needs beside its source. This file imports no
 * package: set-up must also run where packages are missing or damaged, and install them.
 */
import { SetupFailure } from "./setup/failure.ts";
import { isPending } from "./setup/parts.ts";
import { setupPaths } from "./setup/paths.ts";
import { repairPackages } from "./setup/packages.ts";
import { withLease } from "../files/lease.ts";

/** Set where this process was started to try again with repaired packages. */
const AGAIN = "LAB_SETUP_AGAIN";

/** @returns Whether packages were compared with their hashes, and whether any was installed. */
async function preparePackages(): Promise<{ compared: boolean; installed: boolean }> {
  const paths = setupPaths();
  if (!await isPending("packages", paths, "auto")) return { compared: false, installed: false };
  const installed = await withLease(paths.state, () => repairPackages(paths), {
    ownFolder: true,
    onWait: () => console.error("set-up: waiting for another set-up of this project to finish"),
  });
  if (installed) console.error("set-up: npm packages are in node_modules");
  return { compared: true, installed };
}

/** Runs set-up once more in a process that has loaded none of the packages. */
async function tryAgain(): Promise<never> {
  const paths = setupPaths();
  await withLease(paths.state, () => repairPackages(paths), { ownFolder: true, onWait() {} });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL(import.meta.url).pathname, ...Deno.args],
    env: { [AGAIN]: "1" },
  }).spawn();
  Deno.exit((await child.status).code);
}

try {
  const packages = await preparePackages();
  const { runSetupCommand } = await import("./setup/command.ts").catch((error) => {
    if (Deno.env.has(AGAIN)) throw error;
    console.error("set-up: a package does not load; looking at all of them");
    return tryAgain();
  });
  await runSetupCommand(packages);
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  console.error(`set-up: ${error.message}`);
  Deno.exit(1);
}
