import { permissionsBlock } from "../../lib/cli/readme/permissions.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { assert, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

interface Config {
  tasks: Record<string, { command: string }>;
  permissions: Record<string, { net?: unknown; write?: unknown; run?: unknown; ffi?: unknown }>;
}

const config: Config = JSON.parse(await Deno.readTextFile(`${checkoutRoot()}/deno.json`));

function permissionsOf(task: string): Config["permissions"][string] {
  const set = /-P=(\w+)/.exec(config.tasks[task]!.command)?.[1];
  assert(set !== undefined, `${task} runs with every permission`);
  return config.permissions[set]!;
}

Deno.test("only set-up runs with every permission", () => {
  const open = Object.entries(config.tasks).flatMap(([task, { command }]) =>
    command.split("&&").filter((part) => /deno (run|test).* -A /.test(` ${part} `))
      .map((part) => [task, part.trim().replace(/ --for \w+$/, "")])
  );
  assert(open.every(([, part]) => part === "deno run -A lib/cli/setup.ts"), String(open));
});

Deno.test("tasks that compute have no network and cannot write code", () => {
  for (const task of ["train", "eval", "report", "matrix", "bench", "notebooks"]) {
    const { net, write } = permissionsOf(task);
    assertEquals(net, undefined, task);
    assertEquals((write as { deny: string[] }).deny.includes("lib"), true, task);
  }
  assertEquals(permissionsOf("eval").run, undefined);
  for (const task of ["train", "report"]) assertEquals(permissionsOf(task).run, ["git"]);
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
  const path = await Deno.makeTempFile({ suffix: ".ts" });
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
