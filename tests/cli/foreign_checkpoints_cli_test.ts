/** `eval` and --pretrained on files that do not say how their pixels are normalised. */
import { join } from "node:path";
import { channelValues, imageSize } from "../../lib/cli/checkpoint_flags.ts";
import { loadCheckpoint, saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { decodeSafetensors, encodeSafetensors } from "../../lib/nn/safetensors.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { accuracy } from "../../lib/metrics/accuracy.ts";
import { collectPredictions } from "../../lib/train/collect_predictions.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { fillWithFormula } from "../golden/formula_weights.ts";

async function run(command: "eval" | "train" | "matrix", ...args: string[]) {
  const program = new URL(`../../lib/cli/${command}.ts`, import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", "--no-check", program, ...args],
    env: { LAB_DATA: await temporaryFolder(), NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const mean = [0.4377, 0.4438, 0.4728];
const std = [0.198, 0.201, 0.197];

/** A ResNet-18 with a cifar stem whose file has kuangliu's names and no word on its normalisation. */
async function foreignFile(folder: string): Promise<string> {
  const path = join(folder, "ckpt.safetensors");
  const model = resnet18({ stem: "cifar", mean, std });
  fillWithFormula(model);
  await saveCheckpoint(path, model);
  model.dispose();
  const { tensors } = decodeSafetensors(await Deno.readFile(path));
  const theirs = [...tensors].map(([name, tensor]) =>
    [`module.${name.replace("downsample", "shortcut").replace(/^fc/, "linear")}`, tensor] as const
  );
  await Deno.writeFile(path, encodeSafetensors(new Map(theirs), () => ({})));
  return path;
}

const quick = ["--limit", "40", "--confusion", "--sweep-max-batches", "0", "--umap-max", "0"];

Deno.test("eval takes the normalisation from flags, says it and writes it into metrics.json", () =>
  withFolder(async (folder) => {
    const path = await foreignFile(folder);
    const args = ["--checkpoint", path, "--dataset", "svhn", ...quick];
    const told = await run("eval", ...args, "--mean", "svhn", "--std", "svhn");
    assertEquals(told.code, 0, told.stderr);
    assertStringIncludes(
      told.stdout,
      "normalised with mean 0.4377, 0.4438, 0.4728 and std 0.198, 0.201, 0.197 (as given)",
    );
    assertStringIncludes(told.stderr, 'without the prefix "module."');
    assertStringIncludes(told.stderr, "read as a ResNet-18 with stem cifar and 10 classes");
    const metrics = join(folder, "svhn-test.metrics.json");
    const ours = JSON.parse(await Deno.readTextFile(metrics));
    assertEquals(ours.normalisation, { mean, std, from: "caller" });
    // The same weights in the library: with the right normalisation, and with ImageNet's.
    const test = await loadDataset("svhn", "test", { source: "procedural", limit: 40 });
    const expected = async (normalisation: { mean: number[]; std: number[] }) => {
      const model = resnet18({ stem: "cifar", ...normalisation });
      await loadCheckpoint(path, model);
      const predictions = await collectPredictions(model, test);
      model.dispose();
      return [accuracy(predictions), predictions.logits[0]];
    };
    const right = await expected({ mean, std });
    assertEquals(ours.accuracy, right[0]);
    const guessed = await run("eval", ...args);
    assertEquals(guessed.code, 0, guessed.stderr);
    for (const text of [guessed.stdout, guessed.stderr]) {
      assertStringIncludes(text, "std 0.229, 0.224, 0.225 (assumed: ImageNet's, since neither");
    }
    const theirs = JSON.parse(await Deno.readTextFile(metrics));
    assertEquals(theirs.normalisation.from, "assumed");
    assert(ours.nll !== theirs.nll, "the normalisation makes no difference");
    const wrong = await expected({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
    assertEquals(theirs.accuracy, wrong[0]);
  }));

Deno.test("eval refuses flags that the file contradicts, in one sentence", () =>
  withFolder(async (folder) => {
    const path = await foreignFile(folder);
    const wrong: [string[], string][] = [
      [["--stem", "imagenet"], 'stem is "cifar" by its tensors'],
      [["--mean", "svhn"], "both"],
      [["--mean", "116", "--std", "1"], "Expected one number of pixels in [0, 1]"],
    ];
    await Promise.all(wrong.map(async ([flags, part]) => {
      const { code, stdout, stderr } = await run(
        "eval",
        "--checkpoint",
        path,
        "--dataset",
        "svhn",
        ...flags,
      );
      assertEquals([code, stdout], [1, ""], flags.join(" "));
      assertStringIncludes(stderr, part);
      assertEquals(stderr.split("\n").length, 1, stderr);
    }));
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  }));

Deno.test("--pretrained takes the stem from the file and the normalisation from flags", () =>
  withFolder(async (folder) => {
    const path = await foreignFile(folder);
    const out = join(folder, "run");
    const short = ["--demo", "--limit", "40", "--epochs", "1", "--freeze", "^(?!fc)"];
    const flags = ["--pretrained", path, "--mean", "0.5", "--std", "0.25", "--out", out];
    const { code, stderr } = await run("train", ...short, ...flags);
    assertEquals(code, 0, stderr);
    assertMatch(
      stderr,
      /normalised with mean 0\.5, 0\.5, 0\.5 and std 0\.25, 0\.25, 0\.25 \(as given\)/,
    );
    const { tensors, metadata } = decodeSafetensors(
      await Deno.readFile(join(out, "best.safetensors")),
    );
    assertEquals(tensors.get("conv1.weight")!.shape, [64, 3, 3, 3]);
    const model = JSON.parse(metadata["lab.model"]!);
    assertEquals([model.stem, model.mean, model.std], [
      "cifar",
      [0.5, 0.5, 0.5],
      [0.25, 0.25, 0.25],
    ]);
    const cases: [string[], string][] = [
      [["--pretrained", path, "--no-bn"], "--no-bn contradicts"],
      [["--mean", "0.5"], "--mean has no effect without --pretrained"],
    ];
    await Promise.all(cases.map(async ([flags, part], k) => {
      const wrong = await run("train", ...short, ...flags, "--out", join(folder, `${k}`));
      assertEquals(wrong.code, 1, flags.join(" "));
      assertStringIncludes(wrong.stderr, part);
    }));
    const matrix = await run("matrix", "--list", "--std", "0.5");
    assertStringIncludes(matrix.stderr, "--std has no effect without --pretrained");
  }));

Deno.test("channel values are numbers or a data set's, image sizes one number or two", () => {
  assertEquals(channelValues("mean")("mnist"), [0.1307, 0.1307, 0.1307]);
  assertEquals(channelValues("std")("CIFAR10"), [0.247, 0.2435, 0.2616]);
  assertEquals(channelValues("std")("0.5, 0.4,0.3"), [0.5, 0.4, 0.3]);
  for (const text of ["", "a", "1,,2", "0", "NaN", "cifar"]) {
    assertThrows(() => channelValues("std")(text), Error, "Expected one number");
  }
  assertEquals([imageSize("64"), imageSize("48x32"), imageSize("32x32")], [64, [48, 32], 32]);
  for (const text of ["", "4.5", "4x", "x4", "-4"]) {
    assertThrows(() => imageSize(text), Error, "48x32");
  }
});
