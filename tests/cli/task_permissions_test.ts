import { permissionsBlock } from "../../lib/cli/readme/_permissions.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { assert, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { temporaryFolder } from "../temporary_folder.ts";

interface Config {
  tasks: Record<string, { command: string }>;
  permissions: Record<string, { net?: unknown; write?: unknown; run?: unknown; ffi?: unknown }>;
}

const config: Config = JSON.parse(await Deno.readTextFile(`${checkoutRoot()}/deno.json`));

function permissionsOf(task: string): Config["permissions"][string] {
  const set = /-P=(\w+)[^&]*$/.exec(config.tasks[task]!.command)?.[1];
  assert(set !== undefined, `${task} runs with every permission`);
  return config.permissions[set]!;
}

Deno.test("only set-up runs with every permission, and only where it is not complete", () => {
  const guard =
    /\(deno run -q --no-prompt -P=look lib\/cli\/ready\.ts --for (\w+) \|\| deno run -A lib\/cli\/setup\.ts --for \1\)/g;
  for (const [task, { command }] of Object.entries(config.tasks)) {
    if (task === "setup") continue;
    const rest = command.replaceAll(guard, "");
    assert(!/ -A | --allow-all /.test(rest), `${task}: ${rest}`);
    assert(!rest.includes("setup.ts"), `${task}: ${rest}`);
  }
  for (const task of ["train", "eval", "report", "matrix", "bench", "notebooks", "lab", "test"]) {
    assertEquals([...config.tasks[task]!.command.matchAll(guard)].length, 1, task);
  }
});

Deno.test("tasks that compute have no network and cannot write code", () => {
  for (const task of ["train", "eval", "report", "matrix", "bench", "notebooks"]) {
    const { net, write } = permissionsOf(task);
    assertEquals(net, undefined, task);
    assertEquals((write as { deny: string[] }).deny.includes("lib"), true, task);
  }
  assertEquals(permissionsOf("eval").run, undefined);
  for (const task of ["train", "report"]) assertEquals(permissionsOf(task).run, ["git"]);
  const { net, write, run } = permissionsOf("readme");
  assertEquals([net, write, run], [undefined, ["README.md", "docs"], undefined]);
  assertEquals(permissionsOf("test").net, ["127.0.0.1", "localhost"]);
});

Deno.test("a task may not reach the network, nor write outside, and says where it may", async () => {
  const program = `
    import { writeAtomically } from "${checkoutRoot()}/lib/files/write_atomically.ts";
    for (const attempt of [
      () => fetch("https://example.com"),
      () => writeAtomically("${checkoutRoot()}/lib/x", ""),
      () => writeAtomically("/x", ""),
    ]) {
      try {
        await attempt();
        console.log("it could");
      } catch (error) {
        console.log(error.message);
      }
    }`;
  const path = `${await temporaryFolder()}/attempts.ts`;
  await Deno.writeTextFile(path, program);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "--no-prompt",
      "--no-check",
      "--config",
      `${checkoutRoot()}/deno.json`,
      "-P=compute",
      path,
    ],
    stderr: "null",
  }).output();
  const [net, code, outside] = new TextDecoder().decode(stdout).split("\n");
  assert(net!.includes("net access"), net);
  assert(code!.includes("project's folder"), code);
  assert(outside!.startsWith("Cannot write /x") && outside!.includes("choose a folder"), outside);
});

Deno.test("a task of unknown permissions is refused", () => {
  const broken = { tasks: { a: { command: "deno run -P=none a.ts" } }, permissions: {} };
  assertThrows(() => permissionsBlock(broken), Error, "permissions none of the task a");
});
