import { join } from "node:path";
import { runOnCluster } from "../../lib/cli/matrix/run_on_cluster.ts";
import { numericsVersion } from "../../lib/experiments/runs/numerics_version.ts";
import { specById } from "../../lib/experiments/specs/matrix.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { assert, assertEquals, assertRejects } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { tiny } from "../experiments/tiny_spec.ts";

const root = checkoutRoot();
const { tasks } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));

/** Runs a task's program with the task's own permissions, set-up left out. */
async function runTask(task: string, ...args: string[]) {
  const [, set, script] = /-P=(\w+) (lib\S+)$/.exec(tasks[task].command)!;
  return await run(["-q", "--no-prompt", `-P=${set}`], join(root, script!), args);
}

async function run(permissions: string[], script: string, args: string[], cwd = root) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", ...permissions, script, ...args],
    env: { LAB_DATA: "", NO_COLOR: "1" },
    cwd,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

async function checkpointIn(folder: string): Promise<string> {
  const path = join(folder, "best.safetensors");
  const model = resnet18({ mean: [0.4, 0.4, 0.4], std: [0.2, 0.2, 0.2] });
  await saveCheckpoint(path, model);
  model.dispose();
  return path;
}

const isThere = (path: string) => Deno.lstat(path).then(() => true, () => false);

/** Every way in which a command is told where to write. */
function commands(out: string, checkpoint: string): [task: string, ...args: string[]][] {
  const spec = JSON.stringify(specById("quick", "mnist-train", 0));
  return [
    ["train", "--demo", "--out", out],
    ["train", "--spec", spec, "--root", out],
    ["eval", "--checkpoint", checkpoint, "--dataset", "mnist", "--out", out],
    ["matrix", "--only", "mnist-train", "--root", out],
    ["notebooks", "--only", "1", "--out", out],
    ["bench", "--quick", "--out", join(out, "bench.json")],
    ["download", "--dataset", "mnist", "--data", out],
    ["download", "--dataset", "svhn", "--subset", out],
  ];
}

Deno.test("no command writes through a link into the lab's code, nor to where tasks may not", () =>
  withFolder(async (folder) => {
    const checkpoint = await checkpointIn(folder);
    const denied = await Deno.makeTempDir({ dir: "/var/tmp" });
    const name = `out-${crypto.randomUUID()}`;
    try {
      await Deno.symlink(join(root, "lib"), join(folder, "code"));
      await Deno.symlink(denied, join(folder, "denied"));
      for (const [link, target] of [["code", join(root, "lib")], ["denied", denied]] as const) {
        const out = join(folder, link, name);
        for (const [task, ...args] of commands(out, checkpoint)) {
          const { code, stdout, stderr } = await runTask(task, ...args);
          const line = `deno task ${task} ${args.join(" ")}: ${stdout}\n${stderr}`;
          assert(code !== 0, line);
          assert(stderr.includes(`leads to ${join(target, name)}`), line);
          assertEquals(stderr.split("\n").filter((part) => part.startsWith("    at")), [], line);
          assert(!await isThere(join(target, name)), line);
        }
      }
    } finally {
      await Deno.remove(denied, { recursive: true });
    }
  }));

Deno.test("train writes through a link that leads to an ordinary folder", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "real"));
    await Deno.symlink("real", join(folder, "link"));
    const flags = ["--demo", "--dataset", "mnist", "--limit", "80", "--epochs", "1"];
    const out = join(folder, "link", "run");
    const { code, stderr } = await runTask("train", ...flags, "--out", out);
    assertEquals(code, 0, stderr);
    assert(await isThere(join(folder, "real", "run", "last.safetensors")));
  }));

Deno.test("a received run whose eval is a link elsewhere is not evaluated into it", () =>
  withFolder(async (folder) => {
    const [received, elsewhere] = [join(folder, "run"), join(folder, "elsewhere")];
    await Deno.mkdir(received);
    await Deno.mkdir(elsewhere);
    const checkpoint = await checkpointIn(received);
    const spec = specById("quick", "mnist-train", 0);
    const said = { profile: "quick", source: "procedural", description: "MNIST train", data: {} };
    const hashes = { hash: "0".repeat(64), trainingHash: "0".repeat(64), numericsVersion };
    const normalisation = { mean: [0, 0, 0], std: [1, 1, 1] };
    const images = { trainImages: 90, validationImages: 10, normalisation, encoder: null };
    const config = { schema: 1, id: spec.id, seed: spec.seed, ...hashes, ...said, ...images, spec };
    await Deno.writeTextFile(join(received, "config.json"), JSON.stringify(config));
    await Deno.symlink(elsewhere, join(received, "eval"));
    const { code, stderr } = await runTask("eval", "--checkpoint", checkpoint);
    assertEquals(code, 1);
    assert(stderr.includes(`${join(received, "eval")} is a symbolic link to`), stderr);
    assert(stderr.includes(await Deno.realPath(elsewhere)), stderr);
    assertEquals([...Deno.readDirSync(elsewhere)], []);
  }));

Deno.test("a received root whose run is a link elsewhere is not trained into it", () =>
  withFolder(async (folder) => {
    const elsewhere = join(folder, "elsewhere");
    await Deno.mkdir(elsewhere);
    await Deno.mkdir(join(folder, "data", "runs"), { recursive: true });
    await Deno.symlink(elsewhere, join(folder, "data", "runs", "quick"));
    const spec = specById("quick", "mnist-train", 0);
    const { code, stderr } = await runTask(
      "train",
      "--spec",
      JSON.stringify(spec),
      "--root",
      folder,
    );
    assertEquals(code, 1);
    assert(stderr.includes("quick is a symbolic link to"), stderr);
    assertEquals([...Deno.readDirSync(elsewhere)], []);
  }));

Deno.test("a received root whose logs are a link elsewhere is refused before a cluster is asked", () =>
  withFolder(async (folder) => {
    const elsewhere = join(folder, "elsewhere");
    await Deno.mkdir(elsewhere);
    await Deno.mkdir(join(folder, "data", "runs", "quick"), { recursive: true });
    await Deno.symlink(elsewhere, join(folder, "data", "runs", "quick", "logs"));
    const cluster = { place: { localWorkers: 1 }, workerLab: root, python: "/nowhere/python" };
    const specs = [tiny(specById("quick", "mnist-train", 0))];
    const made = () => runOnCluster(specs, { root: folder, cluster });
    await assertRejects(made, Error, "logs is a symbolic link to");
    assertEquals([...Deno.readDirSync(elsewhere)], []);
  }));

Deno.test("a received checkout whose output folders are links elsewhere is not written into them", () =>
  withFolder(async (folder) => {
    const [lab, elsewhere] = [join(folder, "lab"), join(folder, "elsewhere")];
    await Deno.mkdir(elsewhere);
    for (const name of ["data/reports", "data/runs", "data/results/runs", "notebooks", "figures"]) {
      await Deno.mkdir(join(lab, name), { recursive: true });
    }
    for (const name of ["lib", "node_modules", "deno.json", "deno.lock"]) {
      await Deno.symlink(join(root, name), join(lab, name));
    }
    const name = "1_generalization.ipynb";
    await Deno.copyFile(join(root, "notebooks", name), join(lab, "notebooks", name));
    const cases: [link: string, task: string, ...args: string[]][] = [
      ["data/runs/mnist-s0", "train", "--demo", "--dataset", "mnist"],
      ["data/reports/quick", "report", "--only", "mnist-train"],
      ["data/results/runs", "report", "--redraw"],
      ["figures", "report", "--redraw"],
      ["notebooks/html", "notebooks"],
      [".cache/notebooks", "notebooks"],
      ["notebooks", "notebooks_publish"],
    ];
    for (const [link, task, ...args] of cases) {
      const place = join(lab, link);
      if (await isThere(place)) await Deno.rename(place, `${place}.kept`);
      await Deno.mkdir(join(place, ".."), { recursive: true });
      await Deno.symlink(elsewhere, place);
      const { code, stderr } = await run(["-A"], join(lab, "lib", "cli", `${task}.ts`), args, lab);
      assert(code !== 0, `${task} ${link}`);
      assert(stderr.includes(`${link} is a symbolic link to`), `${task} ${link}: ${stderr}`);
      assertEquals([...Deno.readDirSync(elsewhere)], [], `${task} ${link}`);
      await Deno.remove(place);
      if (await isThere(`${place}.kept`)) await Deno.rename(`${place}.kept`, place);
    }
  }));
