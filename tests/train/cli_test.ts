import { parseTrainFlags } from "../../lib/cli/train/flags.ts";
import { readConfig } from "../../lib/experiments/records/record.ts";
import { specById } from "../../lib/experiments/specs/matrix.ts";
import { planRuns } from "../../lib/experiments/runs/plan_runs.ts";
import { withLease } from "../../lib/files/lease.ts";
import { saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../lib/assert/mod.ts";
import { tiny } from "../experiments/tiny_spec.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const run = (...flags: string[]) => runProgram("train", ...flags);

async function runProgram(name: "train" | "eval", ...flags: string[]) {
  const program = new URL(`../../lib/cli/${name}.ts`, import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--no-check", program, ...flags],
    env: { LAB_DATA: await temporaryFolder(), NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const newDirectory = async () => `${await temporaryFolder()}/run`;
/** What is no error: the run's first line, and the runtime's when others share node_modules. */
const NOTICE = /^(Training on |Blocking waiting for file lock)/;
const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);

Deno.test("--help names every knob with its default", async () => {
  const { code, stdout } = await run("--help");
  assertEquals(code, 0);
  const flags =
    "dataset data images optimizer lr momentum weight-decay batch-size epochs no-bn dropout " +
    "label-smoothing augment stem seed limit demo resume out adv-train attack epsilon iters prob " +
    "step-size beta restarts norm select-by schedule milestones warmup-epochs nesterov " +
    "no-decay-bias-and-norm gradient-clip drop-last noise-sigma " +
    "circle-weight circle-margin circle-gamma class-balanced freeze pretrained mean std classes " +
    "image-size spec root expect events";
  const text = stdout.replace(/\s+/g, " ");
  for (const flag of flags.split(" ")) assertMatch(text, new RegExp(`--${flag} `), flag);
  const entries = text.split(/ (?=--)/).slice(1);
  const silent = entries.filter((entry) => !entry.includes("default:"));
  assertEquals(silent.map((entry) => entry.split(" ")[0]), ["--help"]);
});

Deno.test("a wrong flag ends in one sentence, and nothing is written", async () => {
  const cases: [string[], string][] = [
    [["--frobnicate"], "--frobnicate"],
    [["--lr", "fast"], "--lr"],
    [["--momentum", "2"], "momentum"],
    [["--epochs", "0"], "epochs"],
    [["--dataset", "imagenet"], "--dataset"],
    [["--attack", "pgd"], "--adv-train"],
    [["--adv-train", "--epsilon", "8"], "epsilon"],
    [["--adv-train", "--norm", "l1"], "--norm"],
    [["--adv-train", "--attack", "fgsm", "--norm", "l2"], "adversarial.norm"],
    [["--adv-train", "--beta", "3"], "adversarial.beta"],
    [["--adv-train", "--restarts", "0"], "adversarial.restarts"],
    [["--restarts", "2"], "--adv-train"],
    [["--select-by", "robustAccuracy"], "selectBy"],
    [["--schedule", "cosine", "--milestones", "0.5"], "milestones"],
    [["--milestones", "half"], "--milestones"],
    [["--milestones", "2"], "milestones"],
    [["--warmup-epochs", "2"], "warmupEpochs"],
    [["--nesterov", "--optimizer", "adam"], "nesterov"],
    [["--gradient-clip", "0"], "gradientClip"],
    [["--circle-gamma", "8"], "--circle-weight"],
    [["--class-balanced", "--batch-size", "64"], "--batch-size"],
    [["--expect", "0"], "--expect has no effect without --spec"],
    [["--spec", "/nowhere.json"], "/nowhere.json"],
    [["--spec", '{"id":"x"}'], "seed"],
    [["--data", "/nowhere"], "/nowhere"],
    [["--resume"], "resume"],
    [["--pretrained", "/nowhere.safetensors"], "/nowhere.safetensors"],
  ];
  await Promise.all(cases.map(async ([flags, part]) => {
    const directory = await newDirectory();
    const { code, stdout, stderr } = await run("--demo", "--out", directory, ...flags);
    const name = flags.join(" ");
    assert(code !== 0, name);
    assertEquals(stdout, "", name);
    const lines = stderr.trim().split("\n").filter((line) => !NOTICE.test(line));
    assertEquals(lines.length, 1, `${name}: ${stderr}`);
    assertStringIncludes(lines[0]!, part);
    assertEquals(await isThere(directory), false, name);
  }));
});

Deno.test("a directory that cannot be written is one sentence", async () => {
  const file = `${await temporaryFolder()}/file`;
  await Deno.writeTextFile(file, "");
  const { code, stderr } = await run("--demo", "--out", `${file}/run`);
  assertEquals(code, 1);
  assertStringIncludes(stderr, file);
  assertEquals(stderr.trim().split("\n").length, 1);
});

Deno.test("a short run writes its files, reports a test interval and is refused a second time", async () => {
  const directory = await newDirectory();
  const flags = ["--limit", "80", "--epochs", "1", "--batch-size", "32", "--out", directory];
  const knobs = [
    "--no-bn",
    "--optimizer",
    "adam",
    "--lr",
    "0.0005",
    "--dropout",
    "0.1",
    "--augment",
    "standard",
  ];
  const first = await run("--demo", ...flags, ...knobs);
  assertEquals(first.code, 0, first.stderr);
  assertMatch(
    first.stdout,
    /Test accuracy \d+\.\d\d % \(95 % interval \d+\.\d\d-\d+\.\d\d %\), SVHN test/,
  );
  assertStringIncludes(first.stdout, "procedural");
  assertStringIncludes(first.stdout, directory);
  for (
    const name of [
      "best.safetensors",
      "last.safetensors",
      "training_history.csv",
      "training_curves.svg",
      "training_curves.png",
    ]
  ) {
    assert(await isThere(`${directory}/${name}`), name);
  }
  const { spec: { train: settings, model } } = (await readConfig(directory))!;
  assertEquals([settings.optimizer, settings.learningRate, settings.augment], [
    "adam",
    0.0005,
    "standard",
  ]);
  assertEquals([model.batchNorm, model.dropout], [false, 0.1]);
  const second = await run("--demo", ...flags, ...knobs);
  assertEquals(second.code, 1);
  assertStringIncludes(second.stderr, "--resume");
  const resumed = await run("--demo", ...flags, ...knobs, "--resume");
  assertEquals([resumed.code, resumed.stdout], [0, first.stdout]);
});

Deno.test("every training flag reaches its setting, and the sentence on the result names what chose", async () => {
  const directory = await newDirectory();
  const flags = "--limit 60 --epochs 2 --batch-size 32 --schedule cosine --warmup-epochs 1 " +
    "--nesterov --no-decay-bias-and-norm --gradient-clip 2.5 --drop-last --adv-train --attack pgd " +
    "--norm l2 --epsilon 1.5 --iters 1 --step-size 3/4 --restarts 2 --prob 1 " +
    "--select-by robustAccuracy";
  const { code, stdout, stderr } = await run("--demo", ...flags.split(" "), "--out", directory);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "chosen by robust accuracy (PGD-10, first 1,000 validation images)");
  assertStringIncludes(stderr, "best by robust accuracy");
  const { train: settings } = JSON.parse(await Deno.readTextFile(`${directory}/config.json`)).spec;
  const expected = {
    schedule: "cosine",
    warmupEpochs: 1,
    nesterov: true,
    decayBiasAndNorm: false,
    gradientClip: 2.5,
    dropLast: true,
    selectBy: "robustAccuracy",
    milestones: [0.5, 0.75],
  };
  for (const [name, value] of Object.entries(expected)) assertEquals(settings[name], value, name);
  const { norm, epsilon, steps, stepSize, restarts, probability } = settings.adversarial;
  assertEquals([norm, epsilon, steps, stepSize, restarts, probability], ["l2", 1.5, 1, 0.75, 2, 1]);
  const history = JSON.parse(await Deno.readTextFile(`${directory}/training_history.json`));
  assertEquals([history.selectBy, history.epochs.length], ["robustAccuracy", 2]);
  const curves = await Deno.readTextFile(`${directory}/training_curves.svg`);
  assertStringIncludes(curves, "by accuracy under attack");

  const small = ["--limit", "20", "--confusion", "--sweep-max-batches", "0", "--umap-max", "0"];
  const evaluation = await runProgram(
    "eval",
    "--checkpoint",
    `${directory}/best.safetensors`,
    ...small,
  );
  assertEquals(evaluation.code, 0, evaluation.stderr);
  assertStringIncludes(evaluation.stdout, "epoch chosen by robust accuracy (PGD-10");
  const metrics = JSON.parse(await Deno.readTextFile(`${directory}/svhn-test.metrics.json`));
  assertEquals(metrics.provenance.selectBy, "robustAccuracy");
});

Deno.test("--resume takes more epochs of a constant rate, and config.json tells of them", async () => {
  const directory = await newDirectory();
  const flags = [
    "--limit",
    "40",
    "--batch-size",
    "32",
    "--schedule",
    "constant",
    "--out",
    directory,
  ];
  const first = await run("--demo", ...flags, "--epochs", "1");
  assertEquals(first.code, 0, first.stderr);
  const more = await run("--demo", ...flags, "--epochs", "2", "--resume");
  assertEquals(more.code, 0, more.stderr);
  const history = JSON.parse(await Deno.readTextFile(`${directory}/training_history.json`));
  const { spec } = JSON.parse(await Deno.readTextFile(`${directory}/config.json`));
  assertEquals([history.epochs.length, spec.train.epochs, spec.train.schedule], [2, 2, "constant"]);
});

Deno.test("--milestones, --beta and --noise-sigma are read as numbers", () => {
  const { knobs } = parseTrainFlags(
    ["--milestones", "0.25,0.5", "--noise-sigma", "0.25", "--adv-train", "--beta", "3"],
  );
  assertEquals([knobs.milestones, knobs.noiseSigma, knobs.adversarial?.beta], [
    [0.25, 0.5],
    0.25,
    3,
  ]);
});

Deno.test("--pretrained starts from an encoder of other images, with its normalisation", async () => {
  const weights = `${await temporaryFolder()}/encoder.safetensors`;
  const encoder = resnet18({ mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] });
  await saveCheckpoint(weights, encoder);
  encoder.dispose();
  const directory = await newDirectory();
  const short = ["--demo", "--limit", "40", "--epochs", "1", "--freeze", "^(?!fc)"];
  const { code, stderr } = await run(...short, "--pretrained", weights, "--out", directory);
  assertEquals(code, 0, stderr);
  const { normalisation, encoder: origin, spec } = (await readConfig(directory))!;
  assertEquals(spec.pretrained, { from: "file", path: weights });
  assertEquals(origin?.description, "encoder of encoder.safetensors");
  assertEquals([normalisation.mean, normalisation.std], [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]);
});

function tinySpec() {
  const spec = tiny(specById("quick", "svhn-baseline", 1));
  return { ...spec, data: { ...spec.data, source: "procedural" as const } };
}

Deno.test("--spec makes a run of the experiments from its config.json, weights included", async () => {
  const root = await temporaryFolder();
  const spec = tinySpec();
  const config = `${root}/config.json`;
  await Deno.writeTextFile(config, JSON.stringify({ schema: 1, spec }));
  const other = await run("--spec", config, "--root", root, "--expect", "0".repeat(64));
  assertEquals(other.code, 1);
  assertStringIncludes(other.stderr, "Expected run svhn-baseline seed 1 to have the hash 000");
  assertEquals([...Deno.readDirSync(root)].length, 1);

  const first = await run("--spec", config, "--root", root);
  assertEquals(first.code, 0, first.stderr);
  const directory = first.stdout.trim().split("\n").at(-1)!;
  assertMatch(directory, /data.runs.quick.svhn-baseline-s1-\w{8}$/);
  const made = JSON.parse(await Deno.readTextFile(`${directory}/config.json`));
  assertEquals(made.spec, JSON.parse(JSON.stringify(spec)));

  const again = await run("--spec", config, "--root", root, "--expect", made.hash, "--events");
  assertEquals([again.code, again.stdout], [0, ""], again.stderr);
  const mixed = await run("--spec", config, "--root", root, "--epochs", "3");
  assertStringIncludes(mixed.stderr, "--epochs has no effect with --spec");
});

Deno.test("--spec waits for nobody: a directory in use ends with a code that says try again", async () => {
  const root = await temporaryFolder();
  const spec = tinySpec();
  const [planned] = await planRuns([spec], { root });
  await withLease(`${root}/${planned!.directory}`, async () => {
    const { code, stderr } = await run("--spec", JSON.stringify(spec), "--root", root);
    assertEquals(code, 75, stderr);
    assertStringIncludes(stderr, "works there");
  });
});
