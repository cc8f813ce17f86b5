import { join } from "node:path";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { withFolder } from "../experiments/synthetic_run.ts";

const program = new URL("../../lib/cli/train.ts", import.meta.url).pathname;

function trainCommand(directory: string, ...flags: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      program,
      "--dataset",
      "mnist",
      "--limit",
      "160",
      "--batch-size",
      "32",
      "--epochs",
      "40",
      "--out",
      directory,
      ...flags,
    ],
    env: { NO_COLOR: "1", LAB_DATA: join(directory, "no-data") },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
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
    while (await epochsOf(directory) < 2) await new Promise((resolve) => setTimeout(resolve, 50));
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
    while (await epochsOf(directory) <= kept) await new Promise((go) => setTimeout(go, 50));
    again.kill("SIGINT");
    assertEquals((await again.output()).code, 130);
  }));
