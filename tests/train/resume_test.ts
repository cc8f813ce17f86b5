import { loadCheckpoint } from "../../lib/nn/checkpoint.ts";
import type { TrainOptions } from "../../lib/train/options.ts";
import { train } from "../../lib/train/train.ts";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "../../lib/assert/mod.ts";
import { tileDataset, tinyClassifier, weightsOf } from "./tiny_classifier.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const data = tileDataset(100);
const validation = tileDataset(60, 5);
const base: TrainOptions = { train: data, validation, epochs: 4, batchSize: 32, learningRate: 0.1 };

const newDirectory = async () => `${await temporaryFolder()}/run`;

/** What must not depend on interruptions: everything but the clock. */
function figures(history: Awaited<ReturnType<typeof train>>) {
  return {
    bestEpoch: history.bestEpoch,
    epochs: history.epochs.map(({ seconds: _s, imagesPerSecond: _i, ...record }) => record),
  };
}

/** Runs until `epoch` has ended, then stops the run by its signal. */
async function runUntil(epoch: number, options: TrainOptions): Promise<void> {
  const controller = new AbortController();
  const onProgress: TrainOptions["onProgress"] = (progress) => {
    if (progress.epoch === epoch && progress.batch === progress.batches) controller.abort();
  };
  const model = tinyClassifier(1, { dropout: 0.3 });
  const stopped = train(model, { ...options, onProgress, signal: controller.signal });
  const error = await assertRejects(() => stopped, DOMException);
  assertEquals(error.name, "AbortError");
  model.dispose();
}

const KINDS: Record<string, Partial<TrainOptions>> = {
  sgd: {},
  adam: { optimizer: "adam", learningRate: 0.01 },
  "pgd training": { adversarial: { attack: "pgd", epsilon: 0.02, steps: 2 } },
  "circle with frozen layers": { circle: { weight: 0.1 }, freeze: /hidden/ },
};

for (const [kind, change] of Object.entries(KINDS)) {
  Deno.test(`a stopped run resumes bit for bit: ${kind}`, async () => {
    const options = { ...base, ...change };
    const straight = tinyClassifier(1, { dropout: 0.3 });
    const history = await train(straight, { ...options, directory: await newDirectory() });

    const directory = await newDirectory();
    await runUntil(2, { ...options, directory });
    const resumed = tinyClassifier(77, { dropout: 0.3 }); // other initial weights: all come from disk
    const second = await train(resumed, { ...options, directory, resume: true });
    assertEquals(figures(second), figures(history));
    assertEquals(weightsOf(resumed), weightsOf(straight));
    straight.dispose();
    resumed.dispose();
  });
}

Deno.test("a killed process leaves a run that resumes bit for bit", async () => {
  const directory = await newDirectory();
  const worker = new URL("./killed_run.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", worker, directory],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // The child says when its second epoch is done and goes on; the kill hits it anywhere after.
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (text.includes("epoch 2")) break;
  }
  child.kill("SIGKILL");
  await child.status;

  const { killedRun } = await import("./killed_run.ts");
  const resumed = tinyClassifier(9);
  const history = await train(resumed, { ...killedRun(), directory, resume: true });
  const straight = tinyClassifier(1);
  assertEquals(figures(history), figures(await train(straight, killedRun())));
  assertEquals(weightsOf(resumed), weightsOf(straight));
  assertEquals([...Deno.readDirSync(directory)].filter(({ name }) => name.endsWith(".tmp")), []);
});

Deno.test("a run stopped in its first epoch starts again from its initial weights", async () => {
  const directory = await newDirectory();
  const controller = new AbortController();
  const stopped = train(tinyClassifier(1), {
    ...base,
    // Stopped from the event loop, between two batches of the first epoch.
    train: tileDataset(3000),
    batchSize: 4,
    directory,
    signal: controller.signal,
    onProgress: () => controller.abort("a reason of its own"),
  });
  assertEquals((await assertRejects(() => stopped, DOMException)).name, "AbortError");
  const loaded = tinyClassifier(9);
  await loadCheckpoint(`${directory}/last.safetensors`, loaded);
  assertEquals(weightsOf(loaded), weightsOf(tinyClassifier(1)));
});

Deno.test("an aborted signal stops a run before it writes anything", async () => {
  const directory = await newDirectory();
  const stopped = train(tinyClassifier(1), { ...base, directory, signal: AbortSignal.abort() });
  assertEquals((await assertRejects(() => stopped, DOMException)).name, "AbortError");
  await assertRejects(() => Deno.stat(directory), Deno.errors.NotFound);
});

Deno.test("a directory in use is refused without resume", async () => {
  const directory = await newDirectory();
  await train(tinyClassifier(1), { ...base, epochs: 1, directory });
  const error = await assertRejects(() => train(tinyClassifier(1), { ...base, directory }), Error);
  assertStringIncludes(error.message, directory);
  assertStringIncludes(error.message, "resume");
});

Deno.test("resume in an empty directory starts a run; without a directory it is an error", async () => {
  const history = await train(tinyClassifier(1), {
    ...base,
    epochs: 1,
    directory: await newDirectory(),
    resume: true,
  });
  assertEquals(history.epochs.length, 1);
  await assertRejects(
    () => train(tinyClassifier(1), { ...base, resume: true }),
    TypeError,
    "directory",
  );
});

Deno.test("a finished run returns its history unchanged and gives the model the last weights", async () => {
  const directory = await newDirectory();
  const first = tinyClassifier(1);
  const history = await train(first, { ...base, directory });
  const files = () =>
    Object.fromEntries(["last.safetensors", "training_history.json", "training_history.csv"]
      .map((name) => [name, Deno.readTextFileSync(`${directory}/${name}`)]));
  const before = files();
  const again = tinyClassifier(9);
  assertEquals(await train(again, { ...base, directory, resume: true }), history);
  assertEquals(weightsOf(again), weightsOf(first));
  assertEquals(files(), before);
});

Deno.test("resume refuses other settings, data and model options, and names each", async () => {
  const directory = await newDirectory();
  await runUntil(1, { ...base, directory });
  const model = tinyClassifier(9, { dropout: 0.3 });
  const before = weightsOf(model);
  const attempt = (change: Partial<TrainOptions>, other = model) =>
    assertRejects(() => train(other, { ...base, ...change, directory, resume: true }), Error);
  const { message } = await attempt({ learningRate: 0.2, augment: "standard", epochs: 9 });
  for (const part of ["learningRate (was 0.1, now 0.2)", "augment", "epochs"]) {
    assertStringIncludes(message, part);
  }
  assert(!message.includes("batchSize"));
  assertStringIncludes((await attempt({ train: tileDataset(100, 8) })).message, "train.sha256");
  assertStringIncludes((await attempt({ validation: undefined })).message, "validation");
  const adversarial = { attack: "pgd", epsilon: 0.1 } as const;
  assertStringIncludes((await attempt({ adversarial })).message, "adversarial");
  assertStringIncludes((await attempt({}, tinyClassifier(1))).message, "model.dropout");
  assertEquals(weightsOf(model), before);
});

Deno.test("a damaged checkpoint is named and changes nothing", async () => {
  const directory = await newDirectory();
  await runUntil(1, { ...base, directory });
  const path = `${directory}/last.safetensors`;
  const bytes = await Deno.readFile(path);
  const model = tinyClassifier(9, { dropout: 0.3 });
  const before = weightsOf(model);
  const flipped = bytes.slice();
  flipped[flipped.length - 100]! ^= 0xff;
  for (
    const damaged of [
      flipped,
      bytes.slice(0, bytes.length - 50),
      bytes.slice(0, 5),
      bytes.slice(0, 200),
    ]
  ) {
    await Deno.writeFile(path, damaged);
    const error = await assertRejects(
      () => train(model, { ...base, directory, resume: true }),
      Error,
    );
    assertStringIncludes(error.message, "last.safetensors");
    assertEquals(weightsOf(model), before);
  }
});

Deno.test("best.safetensors holds the best epoch's weights, last.safetensors the last's", async () => {
  const directory = await newDirectory();
  const byEpoch = new Map<number, Record<string, number[]>>();
  const model = tinyClassifier(1);
  const history = await train(model, {
    ...base,
    directory,
    learningRate: 3, // restless, so that the last epoch need not be the best
    milestones: [],
    epochs: 6,
    onProgress({ epoch, batch, batches }) {
      if (batch === batches) byEpoch.set(epoch, weightsOf(model));
    },
  });
  assert(history.bestEpoch < 6, "choose a rate at which the last epoch is not the best");
  const loaded = tinyClassifier(9);
  const { metadata } = await loadCheckpoint(`${directory}/best.safetensors`, loaded);
  assertEquals(metadata.epoch, String(history.bestEpoch));
  assertEquals(weightsOf(loaded), byEpoch.get(history.bestEpoch));
  await loadCheckpoint(`${directory}/last.safetensors`, loaded);
  assertEquals(weightsOf(loaded), byEpoch.get(6));
  assertNotEquals(byEpoch.get(6), byEpoch.get(history.bestEpoch));
});

Deno.test("a run directory has every file that training writes", async () => {
  const directory = await newDirectory();
  await train(tinyClassifier(1), { ...base, epochs: 1, seed: 5, directory });
  const names = [...Deno.readDirSync(directory)].map(({ name }) =>
    name.replace(/^events.*$/, "events")
  );
  assertEquals(names.sort(), [
    "best.safetensors",
    "config.json",
    "events",
    "last.safetensors",
    "training_history.csv",
    "training_history.json",
  ]);
  const config = JSON.parse(await Deno.readTextFile(`${directory}/config.json`));
  assertEquals([config.schema, config.seed, config.source], [1, 5, "procedural"]);
  assert(/^[0-9a-f]{64}$/.test(config.hash));
  const history = JSON.parse(await Deno.readTextFile(`${directory}/training_history.json`));
  assertEquals(Object.keys(history), ["schema", "epochs", "bestEpoch"]);
});

Deno.test("a config.json that is already there is left alone", async () => {
  const directory = await newDirectory();
  await Deno.mkdir(directory);
  await Deno.writeTextFile(`${directory}/config.json`, "{}");
  await train(tinyClassifier(1), { ...base, epochs: 1, directory });
  assertEquals(await Deno.readTextFile(`${directory}/config.json`), "{}");
});

Deno.test("a directory that cannot be written is named", async () => {
  const file = `${await temporaryFolder()}/file`;
  await Deno.writeTextFile(file, "");
  const attempt = () => train(tinyClassifier(1), { ...base, directory: `${file}/run` });
  assertStringIncludes((await assertRejects(attempt, Error)).message, file);
});
