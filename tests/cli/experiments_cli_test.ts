import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import {
  parseEpsilon,
  parseEpsilons,
  parseNames,
  wholeNumber,
  wholeNumbers,
} from "../../lib/cli/flag_values.ts";
import { saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { runCharts } from "../../lib/experiments/views/charts.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";

/** Runs one of the commands in a process of its own. */
async function run(command: string, ...args: string[]) {
  const script = fileURLToPath(new URL(`../../lib/cli/${command}.ts`, import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-check", "-A", script, ...args],
    env: { LAB_DATA: "", NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("budgets are read as fractions of the pixel range, and others refused", () => {
  assertEquals(parseEpsilons("0, 8/255,0.5"), [0, 8 / 255, 0.5]);
  for (const text of ["8", "-1/255", "8/0", "", "eight", "1/255/2"]) {
    assertThrows(() => parseEpsilon(text), Error, "8/255");
  }
  assertEquals(wholeNumbers(1)("1,20"), [1, 20]);
  for (const text of ["0", "1.5", "", "x"]) {
    assertThrows(() => wholeNumber(1)(text), Error, "at least 1");
  }
  assertEquals(parseNames("a, b"), ["a", "b"]);
  assertThrows(() => parseNames(" , "), Error, "names");
  assert(
    new Command().option("--x <e>", "", parseEpsilon).parse(["--x", "1/255"], { from: "user" }),
  );
});

Deno.test("eval writes the eight charts and the metrics beside the checkpoint", () =>
  withFolder(async (folder) => {
    const checkpoint = join(folder, "best.safetensors");
    const model = resnet18({ mean: [0.4, 0.4, 0.4], std: [0.2, 0.2, 0.2] });
    await saveCheckpoint(checkpoint, model);
    model.dispose();
    const options = ["--limit", "16", "--batch-size", "8", "--umap-max", "12", "--grid-max", "2"];
    const sweeps = [
      "--sweep-epsilons=0,8/255",
      "--sweep-iters=2",
      "--sweep-max-batches=1",
      "--pgd-iters-list=1,2",
      "--iter-sweep-max-batches=1",
    ];
    const args = ["--checkpoint", checkpoint, "--dataset", "svhn", ...options, ...sweeps];
    const { code, stdout, stderr } = await run("eval", ...args);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^SVHN test, 16 images, procedural/);
    assertStringIncludes(stdout, "pgd at 8/255");
    const metrics = JSON.parse(await Deno.readTextFile(join(folder, "svhn-test.metrics.json")));
    assertEquals([metrics.schema, metrics.n, metrics.epsilon], [2, 16, 8 / 255]);
    for (const name of ["accuracy", "ece", "brier", "nll", "aurc", "excessAurc"]) {
      assertEquals(typeof metrics[name], "number", name);
    }
    assertEquals(metrics.robustnessSweep.length, 6);
    assertEquals(metrics.pgdIterationSweep.map(({ steps }: { steps: number }) => steps), [1, 2]);
    for (const { name: chart } of runCharts) {
      for (const extension of ["svg", "png"]) {
        assert((await Deno.stat(join(folder, `svhn-test.${chart}.${extension}`))).size > 0, chart);
      }
    }
  }));

Deno.test("eval refuses what it cannot do in one sentence, and writes nothing", () =>
  withFolder(async (folder) => {
    const nothing = join(folder, "none.safetensors");
    const damaged = join(folder, "damaged.safetensors");
    await Deno.writeTextFile(damaged, "not a checkpoint at all");
    const cases: [string[], string][] = [
      [["--checkpoint", nothing], "there is no such file"],
      [["--checkpoint", damaged, "--dataset", "svhn"], damaged],
      [["--checkpoint", nothing, "--dataset", "imagenet"], "Allowed choices are"],
      [["--checkpoint", nothing, "--sweep-epsilons", "8"], "8/255"],
      [[], "--checkpoint"],
    ];
    for (const [args, words] of cases) {
      const { code, stderr } = await run("eval", ...args);
      assertEquals(code, 1, stderr);
      assertStringIncludes(stderr, words);
      assertEquals(stderr.split("\n").length, 1, stderr);
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["damaged.safetensors"]);
  }));

Deno.test("matrix lists the runs of a profile and refuses unknown ones and missing data", () =>
  withFolder(async (folder) => {
    const list = await run("matrix", "--profile", "standard", "--list", "--seeds", "0,1");
    assertEquals(list.code, 0, list.stderr);
    assertStringIncludes(list.stdout, "cifar-pgd-at  seed 1  cifar10  15 epochs");
    const unknown = await run("matrix", "--only", "svhn");
    assertEquals(unknown.code, 1);
    assertStringIncludes(unknown.stderr, "svhn-baseline");
    const missing = await run("matrix", "--only", "svhn-baseline", "--data", folder);
    assertEquals(missing.code, 1);
    assertStringIncludes(missing.stderr, "train_32x32.mat");
  }));

Deno.test("report has the homework's flags and refuses wrong values", async () => {
  const help = await run("report", "--help");
  const flags = [
    "--epochs",
    "--full-run",
    "--dataset",
    "--sweep-epsilons",
    "--sweep-iters",
    "--sweep-max-batches",
    "--pgd-iters-list",
    "--iter-sweep-max-batches",
    "--profile",
    "--data",
    "--publish",
  ];
  for (const flag of flags) assertStringIncludes(help.stdout, flag);
  const wrong = await run("report", "--epochs", "0");
  assertEquals(wrong.code, 1);
  assertStringIncludes(wrong.stderr, "at least 1");
});

Deno.test("flags for a cluster that mean nothing, or two things, are refused", async () => {
  for (
    const [flags, part] of [
      [["--threads", "1"], "--threads has no effect without --scheduler or --local-workers"],
      [["--worker-lab", "/x"], "--worker-lab has no effect"],
      [["--scheduler", "host:8786"], "tls://host:8786"],
      [["--local-workers", "0"], "at least 1"],
      [["--scheduler", "tcp://host:1", "--local-workers", "2"], "cannot be used with"],
      [["--tls-ca", "a"], "--tls-ca has no effect without --scheduler tls://"],
      [["--tls-key", "a", "--scheduler", "tcp://host:1"], "--tls-key has no effect"],
      [["--tls-cert", "a", "--local-workers", "1"], "--tls-cert has no effect"],
    ] as const
  ) {
    const { code, stderr } = await run("matrix", ...flags);
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, part);
  }
});
