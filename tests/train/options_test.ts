import { tf } from "../../lib/backend/tf.ts";
import { batches } from "../../lib/data/batches.ts";
import { classBalancedBatches } from "../../lib/data/class_balanced_batches.ts";
import { prefetchBatches } from "../../lib/data/prefetch_batches.ts";
import { loadCheckpoint, readExtraTensors, writeCheckpoint } from "../../lib/nn/checkpoint.ts";
import type { History } from "../../lib/train/history.ts";
import { resolveSettings, type TrainOptions } from "../../lib/train/options.ts";
import { train } from "../../lib/train/train.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { scalingGradients } from "./_broken_models.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { tileDataset, tinyClassifier, weightsOf } from "./tiny_classifier.ts";

const data = tileDataset(100);
const validation = tileDataset(60, 5);
const base: TrainOptions = { train: data, epochs: 4, batchSize: 32, learningRate: 0.1 };
const pgd = { attack: "pgd", epsilon: 0.05, steps: 2 } as const;

const newDirectory = async () => `${await temporaryFolder()}/run`;

async function weightsAfter(options: Partial<TrainOptions>): Promise<Record<string, number[]>> {
  const model = tinyClassifier(1);
  await train(model, { ...base, ...options });
  const weights = weightsOf(model);
  model.dispose();
  return weights;
}

Deno.test("options that contradict each other are refused by name", () => {
  const refused: [Partial<TrainOptions>, ...string[]][] = [
    [{ schedule: "cosine", milestones: [0.5, 0.75] }, "milestones", "cosine"],
    [{ schedule: "constant", milestones: [] }, "milestones", "constant"],
    [{ schedule: "cosine", decay: 0.1 }, "decay", "cosine"],
    [{ warmupEpochs: 4 }, "warmupEpochs", "epochs = 4"],
    [{ nesterov: true, optimizer: "adam" }, "nesterov", "adam"],
    [{ momentum: 0.5, optimizer: "adam" }, "momentum", "adam"],
    [{ nesterov: true, momentum: 0 }, "nesterov", "momentum 0"],
    [{ decayBiasAndNorm: false, optimizer: "adam" }, "decayBiasAndNorm", "weightDecay", "adam"],
    [{ decayBiasAndNorm: false, weightDecay: 0 }, "decayBiasAndNorm", "weightDecay"],
    [{ dropLast: true, classBalanced: { classes: 2, images: 4 }, batchSize: 8 }, "dropLast"],
    [{ noiseSigma: 0.1, adversarial: pgd }, "noiseSigma", "adversarial"],
    [{ adversarial: { ...pgd, epsilon: 1.5 } }, "adversarial.epsilon", "1.5"],
    [{ adversarial: { ...pgd, beta: 6 } }, "adversarial.beta", "pgd"],
    [{ adversarial: { attack: "fgsm", epsilon: 0.1, beta: 1 } }, "adversarial.beta", "fgsm"],
    [{ adversarial: { attack: "fgsm", epsilon: 0.1, restarts: 2 } }, "adversarial.restarts"],
    [{ adversarial: { attack: "trades", epsilon: 0.1, restarts: 2 } }, "adversarial.restarts"],
    [{ adversarial: { attack: "fgsm", epsilon: 0.1, norm: "l2" } }, "adversarial.norm", "fgsm"],
  ];
  for (const [options, ...parts] of refused) {
    const resolve = () => resolveSettings({ ...base, ...options });
    for (const part of parts) assertThrows(resolve, RangeError, part);
  }
});

Deno.test("selection by robust accuracy needs adversarial training and validation images", async () => {
  const attempt = (options: Partial<TrainOptions>) =>
    assertRejects(
      () => train(tinyClassifier(1), { ...base, selectBy: "robustAccuracy", ...options }),
      TypeError,
      "selectBy",
    );
  assertStringIncludes((await attempt({ validation })).message, "adversarial");
  assertStringIncludes((await attempt({ adversarial: pgd })).message, "validation");
});

Deno.test("a budget of l2 may exceed 1", () => {
  const { adversarial } = resolveSettings({
    ...base,
    adversarial: { attack: "pgd", norm: "l2", epsilon: 2 },
  });
  assertEquals([adversarial!.epsilon, adversarial!.steps], [2, 7]);
});

Deno.test("the step's default length is 2.5 epsilon over the steps, 1.25 epsilon for one from a random start", () => {
  const stepSize = (attack: "fgsm" | "pgd" | "trades", steps?: number) =>
    resolveSettings({ ...base, adversarial: { attack, epsilon: 0.1, steps } }).adversarial!
      .stepSize;
  assertAlmostEquals(stepSize("pgd", 1), 0.125, 1e-12);
  assertAlmostEquals(stepSize("pgd", 2), 0.125, 1e-12);
  assertAlmostEquals(stepSize("pgd", 5), 0.05, 1e-12);
  assertAlmostEquals(stepSize("trades", 1), 0.25, 1e-12);
  assertEquals(stepSize("fgsm"), 0.1);
});

Deno.test("options at their defaults train as before, and each of the others trains other weights", async () => {
  const usual = await weightsAfter({});
  assertEquals(
    await weightsAfter({
      schedule: "multistep",
      warmupEpochs: 0,
      nesterov: false,
      decayBiasAndNorm: true,
      dropLast: false,
      noiseSigma: 0,
    }),
    usual,
  );
  assertEquals(await weightsAfter({ gradientClip: 1e6 }), usual);
  const others: Partial<TrainOptions>[] = [
    { schedule: "constant" },
    { schedule: "cosine" },
    { warmupEpochs: 2 },
    { nesterov: true },
    { decayBiasAndNorm: false },
    { gradientClip: 0.01 },
    { dropLast: true },
    { noiseSigma: 0.1 },
  ];
  const seen = [usual];
  for (const options of others) {
    const weights = await weightsAfter(options);
    for (const one of seen) assertNotEquals(weights, one, JSON.stringify(options));
    seen.push(weights);
  }
});

Deno.test("without decay of biases only matrices shrink", async () => {
  // No gradient reaches a class that no image has, and none the weights of a hidden layer before zeros.
  const decayed = async (decayBiasAndNorm: boolean) => {
    const model = tinyClassifier(1);
    for (const [name, variable] of model.parameters) {
      if (name === "hidden.bias") variable.assign(variable.add(-100)); // every unit is silent
    }
    const before = weightsOf(model);
    await train(model, { ...base, epochs: 1, weightDecay: 0.01, decayBiasAndNorm });
    const after = weightsOf(model);
    return (name: string) => after[name]![0]! / before[name]![0]!;
  };
  const [all, matrices] = [await decayed(true), await decayed(false)];
  assert(all("hidden.bias") < 1 && all("hidden.weight") < 1);
  assertEquals(matrices("hidden.bias"), 1);
  assertEquals(matrices("hidden.weight"), all("hidden.weight"));
});

Deno.test("a clipped gradient moves all weights together by its bound, also one that would overflow", async () => {
  const moved = async (factor: number) => {
    const model = scalingGradients(factor, "training");
    const before = Object.values(weightsOf(model)).flat();
    await train(model, {
      ...base,
      ...{ epochs: 1, batchSize: 100, momentum: 0, weightDecay: 0, gradientClip: 2 },
    });
    const trained = [...model.parameters.keys()];
    const after = weightsOf(model);
    return Math.hypot(
      ...Object.entries(after).flatMap(([name, values], k) => {
        const start = Object.values(after).slice(0, k).flat().length;
        return trained.includes(name) ? values.map((value, p) => value - before[start + p]!) : [];
      }),
    );
  };
  for (const factor of [1e3, 1e25]) assertAlmostEquals(await moved(factor), 0.1 * 2, 1e-5);
});

Deno.test("no option leaves tensors behind", async () => {
  const options = { nesterov: true, gradientClip: 0.1, noiseSigma: 0.1, dropLast: true } as const;
  const model = tinyClassifier(1);
  const run = () => train(model, { ...base, ...options, epochs: 1 });
  await run();
  const before = tf.memory().numTensors;
  await run();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("dropLast trains on whole batches alone and counts their images", async () => {
  const model = tinyClassifier(1);
  const seen: number[] = [];
  const watched = {
    ...model,
    forward: (x: Parameters<typeof model.forward>[0], options?: { training?: boolean }) => {
      if (options?.training) seen.push(x.shape[0]);
      return model.forward(x, options);
    },
  };
  const places: number[] = [];
  await train(watched, {
    ...base,
    epochs: 1,
    dropLast: true,
    onProgress: ({ batch, batches }) => batch === batches && places.push(batch),
  });
  assertEquals([seen, places], [[32, 32, 32], [3]]);
  const few = () => train(tinyClassifier(1), { ...base, batchSize: 101, dropLast: true });
  await assertRejects(few, RangeError, "dropLast");
});

Deno.test("the records hold the rates of the schedule", async () => {
  const rates = async (options: Partial<TrainOptions>) => {
    const { epochs } = await train(tinyClassifier(1), { ...base, epochs: 5, ...options });
    return epochs.map(({ learningRate }) => learningRate);
  };
  const expected: [Partial<TrainOptions>, number[]][] = [
    [{ schedule: "constant", warmupEpochs: 2 }, [0.05, 0.1, 0.1, 0.1, 0.1]],
    [{ milestones: [0.2], decay: 0.5, warmupEpochs: 1 }, [0.1, 0.05, 0.05, 0.05, 0.05]],
    [
      { schedule: "cosine", warmupEpochs: 1 }, // (1 + cos(k pi / 4)) / 2 for k = 0 to 3
      [0.1, 0.1, 0.1 * (2 + Math.SQRT2) / 4, 0.05, 0.1 * (2 - Math.SQRT2) / 4],
    ],
  ];
  for (const [options, values] of expected) {
    const found = await rates(options);
    values.forEach((value, k) => assertAlmostEquals(found[k]!, value, 1e-9));
  }
});

Deno.test("noise has its deviation in pixel units, is not clipped and is a matter of seed and image", () => {
  const small = { ...tileDataset(6, 3) };
  const noise = (options: Parameters<typeof batches>[1]) => {
    const all = [...batches(small, options)];
    const quiet = [...batches(small, { ...options, noiseSigma: 0 })];
    const values = all.flatMap(({ x }, k) => {
      const plain = quiet[k]!.x.dataSync();
      return [...x.dataSync()].map((value, p) => value - plain[p]!);
    });
    for (const { x, y } of [...all, ...quiet]) [x, y].forEach((tensor) => tensor.dispose());
    return values;
  };
  const sigma = 0.5;
  const values = noise({ noiseSigma: sigma, seed: 4 });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  // 18,432 draws: the mean's standard error is 0.0037, the deviation's 0.0026.
  assert(Math.abs(mean) < 0.015 && Math.abs(deviation - sigma) < 0.011, `${mean} ${deviation}`);
  const pixels = [...batches(small, { noiseSigma: sigma })].flatMap(({ x }) => [...x.dataSync()]);
  assert(pixels.some((value) => value < 0) && pixels.some((value) => value > 1));
  assertEquals(noise({ noiseSigma: sigma, seed: 4, batchSize: 4 }), values);
  assertNotEquals(noise({ noiseSigma: sigma, seed: 5 }), values);
  const twice = noise({ noiseSigma: 2 * sigma, seed: 4 });
  values.slice(0, 100).forEach((value, k) => assertAlmostEquals(twice[k]!, 2 * value, 1e-6));
});

Deno.test("a worker, balanced batches and another order add the same noise to an image", async () => {
  const few = { ...tileDataset(20, 3) };
  const sorted = (list: Float32Array[]) => list.map((one) => one.slice(0, 30).join()).sort();
  const rows = (all: Iterable<{ x: { dataSync(): ArrayLike<number>; shape: number[] } }>) =>
    [...all].flatMap(({ x }) => {
      const values = x.dataSync();
      return Array.from(
        { length: x.shape[0]! },
        (_, row) => Float32Array.from({ length: 3072 }, (_, p) => values[row * 3072 + p]!),
      );
    });
  const options = { noiseSigma: 0.1, seed: 9 };
  const plain = sorted(rows(batches(few, options)));
  assertEquals(sorted(rows(batches(few, { ...options, shuffle: true, batchSize: 7 }))), plain);
  const worked = [];
  for await (const batch of prefetchBatches(few, { ...options, batchSize: 8 })) worked.push(batch);
  assertEquals(sorted(rows(worked)), plain);
  const classes = new Set(few.labels).size;
  for (const row of sorted(rows(classBalancedBatches(few, { classes, images: 2, ...options })))) {
    assert(plain.includes(row));
  }
});

Deno.test("stop ends training and returns the history so far; resume asks it again", async () => {
  const directory = await newDirectory();
  const asked: number[] = [];
  const stopAt = (epoch: number) => ({ epochs, bestEpoch }: History) => {
    asked.push(epochs.length);
    assert(bestEpoch >= 1);
    return epochs.length >= epoch;
  };
  const options = { ...base, validation, directory };
  const first = await train(tinyClassifier(1), { ...options, stop: stopAt(2) });
  assertEquals([first.epochs.length, asked], [2, [1, 2]]);
  const files = () =>
    [...Deno.readDirSync(directory)].map(({ name }) =>
      `${name} ${Deno.statSync(`${directory}/${name}`).size}`
    ).sort();
  const before = files();

  const resumed = tinyClassifier(9);
  const same = await train(resumed, { ...options, resume: true, stop: stopAt(2) });
  assertEquals([same, asked], [first, [1, 2, 2]]);
  assertEquals(files(), before);

  const whole = await train(resumed, { ...options, resume: true });
  assertEquals(whole.epochs.length, 4);
  const straight = tinyClassifier(1);
  await train(straight, { ...base, validation });
  assertEquals(weightsOf(resumed), weightsOf(straight));
});

Deno.test("stop that answers with a promise or nothing is refused", async () => {
  for (const answer of [Promise.resolve(false), undefined, 1]) {
    const stop = (() => answer) as unknown as () => boolean;
    await assertRejects(() => train(tinyClassifier(1), { ...base, stop }), TypeError, "stop");
  }
});

Deno.test("a constant rate can be resumed with more epochs, bit for bit as if asked for at once", async () => {
  const constant = { ...base, validation, schedule: "constant", warmupEpochs: 3 } as const;
  const straight = tinyClassifier(1);
  const history = await train(straight, { ...constant, epochs: 6 });

  const directory = await newDirectory();
  await train(tinyClassifier(1), { ...constant, directory });
  const resumed = tinyClassifier(9);
  const more = await train(resumed, { ...constant, epochs: 6, directory, resume: true });
  assertEquals(weightsOf(resumed), weightsOf(straight));
  const rates = ({ epochs }: History) => epochs.map(({ learningRate }) => learningRate);
  assertEquals([rates(more), more.bestEpoch], [rates(history), history.bestEpoch]);
  const config = JSON.parse(await Deno.readTextFile(`${directory}/config.json`));
  assertEquals(config.settings.epochs, 6);
  const fresh = await newDirectory();
  await train(tinyClassifier(1), { ...constant, epochs: 6, directory: fresh });
  assertEquals(JSON.parse(await Deno.readTextFile(`${fresh}/config.json`)).hash, config.hash);

  const fewer = () => train(resumed, { ...constant, epochs: 5, directory, resume: true });
  assertStringIncludes((await assertRejects(fewer, Error)).message, "not with fewer");
});

Deno.test("a rate that depends on the number of epochs is not resumed with more, and the error says why", async () => {
  for (const change of [{}, { schedule: "cosine" }] as const) {
    const directory = await newDirectory();
    await train(tinyClassifier(1), { ...base, ...change, directory });
    const more = () =>
      train(tinyClassifier(1), { ...base, ...change, epochs: 6, directory, resume: true });
    const { message } = await assertRejects(more, Error);
    assertStringIncludes(message, "epochs (was 4, now 6)");
    assertStringIncludes(message, 'only a run with schedule "constant" can be resumed');
  }
});

/** Rewrites what last.safetensors says of its settings, as a release without them wrote it. */
async function forgetSettings(path: string, names: readonly string[]): Promise<void> {
  const model = tinyClassifier(9);
  const { metadata } = await loadCheckpoint(path, model);
  const state = JSON.parse(metadata.training!);
  for (const name of names) {
    const [outer, inner] = name.split(".") as [string, string | undefined];
    const table = inner === undefined ? state.identity.settings : state.identity.settings[outer];
    assert((inner ?? outer) in table, name);
    delete table[inner ?? outer];
  }
  await writeCheckpoint(path, model, {
    metadata: { epoch: metadata.epoch!, training: JSON.stringify(state) },
    extraTensors: await readExtraTensors(path, "optimizer."),
  });
}

Deno.test("a run that was begun before an option existed resumes as with its default", async () => {
  const later = [
    ...["schedule", "warmupEpochs", "nesterov", "decayBiasAndNorm", "gradientClip", "dropLast"],
    ...["noiseSigma", "selectBy", "adversarial.norm", "adversarial.restarts"],
  ];
  const options = { ...base, validation, adversarial: pgd };
  const straight = tinyClassifier(1);
  await train(straight, options);
  const directory = await newDirectory();
  await train(tinyClassifier(1), {
    ...options,
    directory,
    stop: ({ epochs }) => epochs.length === 2,
  });
  await forgetSettings(`${directory}/last.safetensors`, later);
  const resumed = tinyClassifier(9);
  await train(resumed, { ...options, directory, resume: true });
  assertEquals(weightsOf(resumed), weightsOf(straight));
  const other = () => train(resumed, { ...options, nesterov: true, directory, resume: true });
  await assertRejects(other, Error, "nesterov");
});

Deno.test("best.safetensors holds the epoch of the best robust accuracy, and history says so", async () => {
  const directory = await newDirectory();
  const options = {
    ...base,
    learningRate: 1,
    schedule: "constant",
    epochs: 8,
    validation,
    // The last epoch has the best accuracy, the one before withstands the attack better.
    adversarial: { attack: "fgsm", epsilon: 0.05 },
    onWarning: () => {},
  } as const;
  const model = tinyClassifier(1);
  const seen: Record<string, number[]>[] = [];
  const robust = await train(model, {
    ...options,
    selectBy: "robustAccuracy",
    directory,
    onEpoch: () => void seen.push(weightsOf(model)),
  });
  const usual = await train(tinyClassifier(1), options);
  assertEquals([robust.selectBy, usual.selectBy], ["robustAccuracy", undefined]);
  const values = ({ epochs }: History) => epochs.map(({ robustAccuracy }) => robustAccuracy!);
  assertEquals(values(robust), values(usual)); // 60 images: both samples are all of them
  const best = robust.epochs[robust.bestEpoch - 1]!;
  for (const { robustAccuracy, validationAccuracy } of robust.epochs) {
    assert(robustAccuracy! <= best.robustAccuracy!);
    if (robustAccuracy === best.robustAccuracy) {
      assert(validationAccuracy! <= best.validationAccuracy!);
    }
  }
  assertNotEquals(robust.bestEpoch, usual.bestEpoch);
  const loaded = tinyClassifier(9);
  const { metadata } = await loadCheckpoint(`${directory}/best.safetensors`, loaded);
  assertEquals([metadata.epoch, metadata.selectBy], [String(robust.bestEpoch), "robustAccuracy"]);
  assertEquals(weightsOf(loaded), seen[robust.bestEpoch - 1]);
  const file = JSON.parse(await Deno.readTextFile(`${directory}/training_history.json`));
  assertEquals(file.selectBy, "robustAccuracy");
});
