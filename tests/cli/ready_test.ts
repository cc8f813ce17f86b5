import { join } from "node:path";
import { fingerprintOf, partsOf, pendingParts, SETUP_GOALS } from "../../lib/cli/setup/parts.ts";
import { type SetupPaths, setupPaths } from "../../lib/cli/setup/paths.ts";
import { runSetup } from "../../lib/cli/setup/_run_setup.ts";
import { notePlace } from "../../lib/cli/setup/_venv_place.ts";
import { writeStamp } from "../../lib/cli/setup/stamp.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";

const root = checkoutRoot();

async function deno(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const ready = (cwd: string, goal: string) =>
  deno(cwd, "run", "-q", "--no-prompt", "-P=look", join(cwd, "lib/cli/ready.ts"), "--for", goal);

/** A checkout whose stamps say that everything is installed; nothing is. */
async function completeCheckout(folder: string): Promise<SetupPaths> {
  const paths = setupPaths(await Deno.realPath(folder));
  await Deno.symlink(join(root, "lib"), join(folder, "lib"));
  await Deno.copyFile(join(root, "deno.json"), join(folder, "deno.json"));
  await notePlace(paths);
  for (const part of new Set(SETUP_GOALS.flatMap(partsOf))) {
    const file = join(paths.root, `${part}.installed.json`);
    await Deno.writeTextFile(file, part);
    await writeStamp(paths, part, await fingerprintOf(part, paths, "auto"), [file]);
  }
  return paths;
}

Deno.test("where set-up has nothing to do, it is ready, and says so by reading alone", async () => {
  assertEquals(await runSetup({ goal: "cluster" }), [], "tests run after set-up --for cluster");
  assertEquals(await ready(root, "cluster"), { code: 0, stdout: "", stderr: "" });
  assertEquals((await ready(root, "none")).code, 2);
});

Deno.test("what has changed since set-up is pending, and nothing else", () =>
  withFolder(async (folder) => {
    const paths = await completeCheckout(folder);
    for (const goal of SETUP_GOALS) {
      assertEquals(await pendingParts(goal, { paths }), []);
      assertEquals(await runSetup({ goal, paths }), []);
    }
    await Deno.remove(join(folder, "python.installed.json"));
    assertEquals(await pendingParts("binding", { paths }), ["python"]);
    await writeStamp(paths, "cluster", "of other requirements", []);
    assertEquals(await pendingParts("cluster", { paths }), ["python", "cluster"]);
    assertEquals(await pendingParts("binding", { paths, binding: "gpu" }), ["python", "binding"]);
    await Deno.writeTextFile(join(folder, "deno.json"), `{"imports":{"zod":"npm:zod@0.0.1"}}`);
    assertEquals(await pendingParts("cluster", { paths }), ["packages", "python", "cluster"]);
  }));

Deno.test("a fresh checkout is not ready, and asking leaves it as it was", () =>
  withFolder(async (folder) => {
    for (const name of ["lib", "deno.json", "deno.lock"]) {
      await Deno.symlink(join(root, name), join(folder, name));
    }
    assertEquals(await ready(folder, "binding"), { code: 1, stdout: "", stderr: "" });
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(names, ["deno.json", "deno.lock", "lib"]);
  }));

Deno.test("a task starts set-up where something is missing, and only there", () =>
  withFolder(async (folder) => {
    const paths = await completeCheckout(folder);
    const config = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
    const [guard] = /^\(.*?\)/.exec(config.tasks.train.command)!;
    const told = guard.replace(/deno run -A \S+/, "echo setup");
    assert(told !== guard, guard);
    config.tasks = { train: `${told} && echo trains` };
    config.nodeModulesDir = "none"; // `deno task` would install the packages of "auto"
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(config));
    assertEquals((await deno(folder, "task", "-q", "train")).stdout, "trains");
    await Deno.remove(join(paths.state, "binding.json"));
    assertEquals((await deno(folder, "task", "-q", "train")).stdout, "setup --for binding\ntrains");
  }));
