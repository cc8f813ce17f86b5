/** An interrupt of the kernel stops the cell and keeps its variables, whatever call is running. */
import { fileURLToPath } from "node:url";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";
import { start } from "./_survive_kill.ts";

Deno.test("Ctrl-C stops every long asynchronous call, and the program goes on", async () => {
  const { code, stdout } = await start("./_interrupted_calls.ts", [], { env: { NO_COLOR: "1" } })
    .output();
  assertEquals(code, 0);
  const lines = new TextDecoder().decode(stdout).trim().split("\n").slice(-6);
  const names = ["train", "train in short epochs", "collectPredictions", "attackSweep"];
  for (const [k, name] of [...names, "iterationSweep", "gradientMaskingChecks"].entries()) {
    assert(lines[k]!.startsWith(`${name}: AbortError Interrupted.`), lines[k]);
    assertStringIncludes(lines[k]!, "256 images are still known");
  }
});

const { python, venv } = setupPaths(checkoutRoot());
const isSetUp = await Deno.stat(`${venv}/share/jupyter/kernels/deno`).then(() => true, () => false);

const library = new URL("../../lib/mod.ts", import.meta.url).href;
const waves = (n: number) => `Float32Array.from({ length: ${n} }, (_, k) => Math.sin(k * k))`;
const forever = 1_000_000;

/** The first cell; it makes what the others use. */
const SETUP = `
import * as lab from "${library}";
const kept = 1;
const model = lab.resnet18();
const data = await lab.loadDataset("cifar10", "test", { source: "procedural", limit: 64 });
const many = await lab.loadDataset("cifar10", "train", { source: "procedural", limit: 20000 });
const [batch] = [...lab.batches(data, { batchSize: 16 })];
const p = lab.predictionsFromLogits(${waves(20_000)}, new Uint8Array(2000), 10);
const columns = ${waves(20_000 * 512)};
const wide = { ...p, features: ${waves(2000 * 2000)} };
const classes = lab.predictionsFromLogits(${waves(10_000 * 1000)}, new Uint8Array(10_000), 1000);`;

const CELLS: Readonly<Record<string, string>> = {
  train: `await lab.train(model, { train: data, epochs: ${forever} })`,
  attackSweep:
    `await lab.attackSweep(model, data, { attacks: ["pgd"], epsilons: [0.1], steps: ${forever} })`,
  gradientMaskingChecks: `await lab.gradientMaskingChecks(model, data, { steps: ${forever} })`,
  pgd: `lab.pgd(model, batch.x, batch.y, { epsilon: 0.1, steps: ${forever} })`,
  square: `lab.square(model, batch.x, batch.y, { epsilon: 0.001, queries: ${forever} })`,
  certify: `lab.certify(model, batch.x, { sigma: 0.1, n: ${forever} })`,
  corrupt: `lab.corrupt(many, { kind: "spatter", severity: 1 })`,
  bootstrapInterval: `lab.bootstrapInterval(p, lab.brierScore, { samples: ${forever} })`,
  pairedMetricDifference: `lab.pairedMetricDifference(p, p, "aurc", { samples: ${forever} })`,
  "pairedMetricDifference of ECEs":
    `lab.pairedMetricDifference(p, p, "ece", { samples: ${forever} })`,
  calibrationFloor: `lab.calibrationFloor(p, { samples: ${forever} })`,
  linearCka: `lab.linearCka(columns, columns, 20_000)`,
  mahalanobisScores: `lab.mahalanobisScores(wide, wide)`,
  conformalThreshold: `lab.conformalThreshold(classes, { alpha: 0.1, score: "raps" })`,
  loadDataset: `await lab.loadDataset("svhn", "train", { source: "procedural", limit: 200_000 })`,
  silhouette: `lab.silhouette(${
    waves(20_000 * 64)
  }, Uint8Array.from({ length: 20000 }, (_, k) => k % 3))`,
  embedFeatures: `lab.embedFeatures(${waves(3000 * 8)}, 3000, 8)`,
};

Deno.test({
  name:
    "interrupting a Deno kernel stops the call that runs, synchronous or not, and keeps variables",
  ignore: !isSetUp, // deno task setup --for notebooks
  fn: async () => {
    const script = fileURLToPath(new URL("./_interrupt_kernel.py", import.meta.url));
    const child = new Deno.Command(python, {
      args: [script, checkoutRoot()],
      env: { JUPYTER_PREFER_ENV_PATH: "1", LAB_DATA: "" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const cells = Object.entries(CELLS).map((
      [name, code],
    ) => [name, `console.log("begun"); ${code};`]);
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify([["set-up", SETUP], ...cells])));
    await writer.close();
    const { stdout } = await child.output();
    const results = new TextDecoder().decode(stdout).trim().split("\n")
      .map((line): { cell: string; error: string | null; known: string } => JSON.parse(line));
    assertEquals(results.map(({ cell }) => cell), ["set-up", ...Object.keys(CELLS)]);
    for (const { cell, error, known } of results) {
      assertEquals(known, "number known", cell);
      if (cell === "set-up") assertEquals(error, null);
      else assert(error?.startsWith("AbortError: Interrupted."), `${cell}: ${error}`);
    }
  },
});
