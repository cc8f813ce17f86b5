/** The programs in examples/ run as their first comment says, and say what they are meant to show. */
import { join } from "node:path";
import { checkoutRoot } from "../lib/experiments/records/run_paths.ts";
import { loadCheckpoint } from "../lib/nn/checkpoint.ts";
import { resnet18 } from "../lib/nn/resnet18.ts";
import { assert, assertEquals, assertStringIncludes } from "../lib/assert/mod.ts";
import { withFolder } from "./experiments/synthetic_run.ts";

const root = checkoutRoot();

interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an example with the permissions that its comment names. */
async function runExample(name: string, ...flags: string[]): Promise<Output> {
  const path = `examples/${name}`;
  const command = `deno run -P=compute ${path}`;
  assertStringIncludes(await Deno.readTextFile(join(root, path)), command);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "-P=compute", path, ...flags],
    cwd: root,
    env: { LAB_DATA: join(root, "examples"), NO_COLOR: "1" }, // stand-ins: it holds no data
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

function share(text: string, line: RegExp): number {
  const [, found] = line.exec(text) ?? [];
  assert(found !== undefined, `no ${line} in ${text}`);
  return Number(found);
}

const test = (name: string, use: (folder: string) => Promise<void>) =>
  Deno.test(name, () => withFolder(use));

test("attack_your_model trains a model, attacks it and saves the curve", async (folder) => {
  const { code, stdout, stderr } = await runExample("attack_your_model.ts", "--out", folder);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "MNIST test, 100 images, procedural stand-in");
  const clean = share(stdout, /pgd +0\/255 +([\d.]+) %/);
  const attacked = share(stdout, /pgd +8\/255 +([\d.]+) %/);
  assert(clean > 40 && attacked < clean, `clean ${clean} %, attacked ${attacked} %`);
  await Deno.stat(join(folder, "attacked.svg"));
});

test("a checkpoint of checkpoint_in_pytorch can be attacked and loads into the lab", async (folder) => {
  const written = await runExample("checkpoint_in_pytorch.ts", "--out", folder);
  assertEquals(written.code, 0, written.stderr);
  const example = JSON.parse(await Deno.readTextFile(join(folder, "pytorch.json")));
  assertEquals(example.shape, [2, 32, 32, 3]);
  assertEquals([example.pixels.length, example.logits.length], [2 * 32 * 32 * 3, 20]);

  const checkpoint = join(folder, "model.safetensors");
  const model = resnet18({ mean: example.mean, std: example.std });
  const { loaded, skipped } = await loadCheckpoint(checkpoint, model);
  assertEquals([loaded.length, skipped.length], [102, 0]);
  model.dispose();

  const flags = ["--checkpoint", checkpoint, "--images", "10", "--out", folder];
  const { code, stdout, stderr } = await runExample("attack_your_model.ts", ...flags);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "of 10");
});

test("calibrate_logits lowers the calibration error of over-confident logits", async (folder) => {
  const { code, stdout, stderr } = await runExample("calibrate_logits.ts", "--out", folder);
  assertEquals(code, 0, stderr);
  const [before, after] = [/ECE before ([\d.]+) %/, /ECE after ([\d.]+) %/].map((line) =>
    share(stdout, line)
  );
  assert(before! > 3 * after!, `before ${before} %, after ${after} %`);
  // The invented logits are three times as large as their evidence.
  assert(Math.abs(share(stdout, /Temperature ([\d.]+)/) - 3) < 0.5, stdout);
  await Deno.stat(join(folder, "reliability.png"));
});

test("calibrate_logits reads a file, and names a line that it cannot read", async (folder) => {
  const path = join(folder, "logits.csv");
  const flags = ["--logits", path, "--out", folder];
  await Deno.writeTextFile(path, "0,6,0\n0,6,0\n0,6,0\n0,6,0\n0,6,0\n0,6,0\n1,6,0\n1,6,0\n");
  const read = await runExample("calibrate_logits.ts", ...flags);
  assertStringIncludes(read.stdout, "Accuracy 75.00 % of 4 images");
  assertStringIncludes(read.stdout, `Temperature ${(6 / Math.log(3)).toFixed(3)}`);
  await Deno.writeTextFile(path, "0,6,0\n1,x,0\n");
  const refused = await runExample("calibrate_logits.ts", ...flags);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, `line 2 of ${path}`);
});

Deno.test("every program in examples/ is in its README", async () => {
  const readme = await Deno.readTextFile(join(root, "examples", "README.md"));
  for await (const { name } of Deno.readDir(join(root, "examples"))) {
    if (name !== "README.md") assertStringIncludes(readme, `examples/${name}`);
  }
});
