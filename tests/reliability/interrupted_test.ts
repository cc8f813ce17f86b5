import { join } from "node:path";
import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { start } from "./_survive_kill.ts";

const training = ["--dataset", "mnist", "--limit", "160", "--batch-size", "32", "--epochs", "40"];

function trainCommand(directory: string, ...flags: string[]): Deno.ChildProcess {
  const env = { NO_COLOR: "1", LAB_DATA: join(directory, "no-data") };
  const args = [...training, "--out", directory, ...flags];
  return start("../../lib/cli/train.ts", args, { env, stderr: "piped" });
}

/** Waits until a condition holds; a program that has ended cannot fulfil it any more. */
async function until(child: Deno.ChildProcess, holds: () => Promise<boolean>): Promise<void> {
  const ended = child.status.then(({ code }) => code);
  while (!await holds()) {
    const pause = new Promise<undefined>((resolve) => setTimeout(resolve, 50));
    const code = await Promise.race([ended, pause]);
    assert(code === undefined, `The program ended too early, with exit code ${code}`);
  }
}

async function epochsOf(directory: string): Promise<number> {
  const path = join(directory, "training_history.json");
  const text = await Deno.readTextFile(path).catch(() => '{"epochs":[]}');
  return JSON.parse(text).epochs.length;
}

Deno.test("Ctrl-C stops training between two batches and keeps the last epoch", () =>
  withFolder(async (folder) => {
    const directory = join(folder, "run");
    await Deno.mkdir(join(directory, "no-data"), { recursive: true });
    const child = trainCommand(directory);
    await until(child, async () => await epochsOf(directory) >= 2);
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    const said = new TextDecoder().decode(stderr);
    assertEquals(code, 130, said);
    assertStringIncludes(said, "--resume");
    const kept = await epochsOf(directory);
    assert(kept >= 2 && kept < 40, `${kept} epochs`);
    const left = [...Deno.readDirSync(directory)].map(({ name }) => name);
    assertEquals(left.filter((name) => name.endsWith(".tmp") || name === "run.lock"), []);

    const again = trainCommand(directory, "--resume");
    await until(again, async () => await epochsOf(directory) > kept);
    again.kill("SIGINT");
    assertEquals((await again.output()).code, 130);
  }));

Deno.test("an interrupt of a notebook's kernel stops its run and keeps the kernel", () =>
  withFolder(async (root) => {
    const child = start("./_notebook_run.ts", [root], { env: { NO_COLOR: "1", LAB_DATA: "" } });
    const runs = join(root, "data", "runs", "quick");
    const begun = async () => {
      const run = await Array.fromAsync(Deno.readDir(runs)).then(([first]) => first, () => {});
      return run !== undefined && await Deno.stat(join(runs, run.name, "last.safetensors"))
        .then(() => true, () => false);
    };
    await until(child, begun);
    child.kill("SIGINT");
    const { code, stdout } = await child.output();
    assertEquals(code, 0);
    const [said, then] = new TextDecoder().decode(stdout).trim().split("\n").slice(-2);
    assertStringIncludes(said!, "run the cell again");
    assertEquals(then, "quick is still known");
  }));
