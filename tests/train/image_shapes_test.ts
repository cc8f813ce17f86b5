/**
 * One shape of images from data to chart: a model that is right by construction is right wherever it
 * is asked, and a ResNet-18 learns images of any shape.
 */
import * as lab from "../../lib/mod.ts";
import { Buffer } from "node:buffer";
import { exampleImages } from "../../lib/experiments/runs/measure/examples.ts";
import { normalisationOf } from "../../lib/experiments/runs/measure/normalisation.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { generator } from "../../lib/random/generator.ts";
import { decodePng } from "../plots/_pixels.ts";

const SHAPES: readonly lab.ImageShape[] = [[64, 64, 3], [28, 28, 1], [48, 32, 3]];

/** Noise with a bright upper (class 0) or lower (class 1) half. */
function halves(imageShape: lab.ImageShape, n: number, seed = 0): lab.Dataset {
  const [height, width, channels] = imageShape;
  const draw = generator(seed);
  const labels = Array.from({ length: n }, () => draw.integer(2));
  const row = width * channels;
  const images = Uint8Array.from({ length: n * height * row }, (_, k) => {
    const lower = Math.floor(k / row) % height >= height / 2;
    const isBright = Number(lower) === labels[Math.floor(k / (height * row))];
    return (isBright ? 150 : 40) + draw.integer(100);
  });
  const classNames = ["upper", "lower"];
  return lab.createDataset({ name: "halves", images, labels, classNames, imageShape });
}

/** Compares the halves: right by construction, in the right shape alone. */
function halvesModel(imageShape: lab.ImageShape): lab.Classifier {
  const size = imageShape.reduce((product, side) => product * side);
  const sign = (k: number) => k < size / 2 ? 10 / size : -10 / size;
  const upper = Array.from({ length: size }, (_, k) => sign(k));
  return lab.linearClassifier([upper, upper.map((weight) => -weight)], { inputShape: imageShape });
}

for (const shape of SHAPES) {
  const text = shape.join(" x ");
  const data = halves(shape, 40);

  Deno.test(`on ${text} images a model that is right by construction is right everywhere`, async () => {
    const model = halvesModel(shape);
    const [training, validation] = lab.splitDataset(data, 0.25, 0);
    const found: Record<string, number> = {
      collectPredictions: lab.accuracy(await lab.collectPredictions(model, data, { limit: 30 })),
      "collectPredictions of chosen images": lab.accuracy(
        await lab.collectPredictions(model, lab.selectImages(data, [39, 3, 20])),
      ),
    };
    const sweep = { attacks: ["clean", "noise", "fgsm", "pgd", "square"], epsilons: [0.001] };
    const strength = { steps: 2, queries: 3, batchSize: 16 };
    for (const one of await lab.attackSweep(model, data, { ...sweep, ...strength } as never)) {
      found[`attackSweep ${one.attack}`] = one.accuracy;
    }
    const iterations = await lab.iterationSweep(model, data, { epsilon: 0.001, steps: [0, 2] });
    for (const { steps, accuracy } of iterations) found[`iterationSweep ${steps}`] = accuracy;
    for (
      const [name, change] of [
        ["train", {}],
        ["train with flips", { augment: "flips" }],
        ["train with PGD", { adversarial: { attack: "pgd", epsilon: 0.001, steps: 1 } }],
        ["train with balanced classes", { classBalanced: { classes: 2, images: 4 } }],
      ] as const
    ) {
      // A rate at which no weight moves: what is measured is the model as it was built.
      const options = { train: training, validation, epochs: 1, learningRate: 1e-12, ...change };
      const { epochs: [epoch] } = await lab.train(model, options);
      if (name !== "train with flips") found[`${name}: training`] = epoch!.trainAccuracy;
      found[`${name}: validation`] = epoch!.validationAccuracy!;
    }
    assertEquals(new Set(Object.values(found)), new Set([1]), JSON.stringify(found));
    assert(Object.keys(found).length >= 15);
    model.dispose();
  });

  Deno.test(`the example grid of ${text} images holds the images themselves`, () => {
    const model = halvesModel(shape);
    const { evaluation } = lab.specById("quick", "svhn-baseline");
    const options = { ...evaluation, gridImages: 3, epsilon: 0.001, attackSteps: 2 };
    const { rows, labels, imageShape } = exampleImages(model, data, { options, seed: 0 });
    assertEquals(imageShape, shape);
    const { svg, summary } = lab.exampleGrid(
      { rows: rows.map(({ pixels, ...row }) => ({ ...row, images: pixels })), labels },
      { imageShape, classNames: data.classNames },
    );
    assertStringIncludes(summary, "clean 3 of 3 right, PGD-2 3 of 3 right, noise 3 of 3 right");
    const [, drawnWidth, drawnHeight] = /<image [^>]*width="(\d+)" height="(\d+)"/.exec(svg)!;
    const ratio = Number(drawnHeight) / Number(drawnWidth);
    assert(Math.abs(ratio - shape[0] / shape[1]) < 0.02, "the picture is not distorted");
    const [, encoded] = /href="data:image\/png;base64,([^"]+)"/.exec(svg)!;
    const drawn = decodePng(new Uint8Array(Buffer.from(encoded!, "base64")));
    const [height, width, channels] = shape;
    assertEquals([drawn.height, drawn.width], [height, width]);
    for (let pixel = 0; pixel < height * width; pixel++) {
      for (const c of [0, 1, 2]) {
        const expected = data.images[channels * pixel + Math.min(c, channels - 1)];
        assertEquals(drawn.pixels[4 * pixel + c], expected);
      }
    }
    model.dispose();
  });

  Deno.test(`the normalisation of ${text} images has one mean and deviation a channel`, () => {
    const { mean, std } = normalisationOf(data);
    const [, , channels] = shape;
    for (let c = 0; c < channels; c++) {
      const values = [...data.images].filter((_, k) => k % channels === c).map((v) => v / 255);
      const average = values.reduce((sum, v) => sum + v, 0) / values.length;
      const variance = values.reduce((sum, v) => sum + (v - average) ** 2, 0) / values.length;
      assert(Math.abs(mean[c]! - average) < 1e-6 && Math.abs(std[c]! - Math.sqrt(variance)) < 1e-6);
    }
    assertEquals([mean.length, std.length], [channels, channels]);
  });

  Deno.test(`a ResNet-18 of ${text} learns two classes to 100 %`, async () => {
    const [height, width, channels] = shape;
    const { mean, std } = normalisationOf(data);
    const imageSize = [height, width] as const;
    const model = lab.resnet18({ classes: 2, channels, imageSize, mean, std, seed: 1 });
    // 40 updates: the running statistics of batch norm keep 0.9 ** 40 = 1.5 % of where they began.
    await lab.train(model, { train: data, epochs: 10, batchSize: 10, learningRate: 0.01 });
    const test = halves(shape, 30, 7);
    assertEquals(lab.accuracy(await lab.collectPredictions(model, data)), 1);
    assertEquals(lab.accuracy(await lab.collectPredictions(model, test)), 1);
    const [clean] = await lab.attackSweep(model, test, { attacks: ["clean"], epsilons: [0] });
    assertEquals(clean!.accuracy, 1);
    const path = `${await Deno.makeTempDir()}/model.safetensors`;
    await lab.saveCheckpoint(path, model);
    const again = lab.resnet18({ classes: 2, channels, imageSize, mean, std });
    const { metadata } = await lab.loadCheckpoint(path, again);
    const stored = JSON.parse(metadata["lab.model"]!);
    assertEquals(stored.channels, channels);
    assertEquals(stored.imageSize, height === width ? height : [height, width]);
    assertEquals(lab.accuracy(await lab.collectPredictions(again, test)), 1);
    model.dispose();
    again.dispose();
  });

  Deno.test(`a model of another shape than ${text} is refused in one sentence everywhere`, async () => {
    const model = lab.resnet18({ classes: 2, imageSize: 32, channels: shape[2] === 1 ? 3 : 1 });
    const found = model.inputShape.join(" x ");
    const says = `to be the model's inputShape, ${found}, but found ${text}`;
    for (
      const use of [
        () => lab.train(model, { train: data, epochs: 1 }),
        () => lab.collectPredictions(model, data),
        () => lab.attackSweep(model, data, { attacks: ["fgsm"], epsilons: [0.1] }),
        () => lab.iterationSweep(model, data, { epsilon: 0.1, steps: [1] }),
        () => lab.gradientMaskingChecks(model, data),
      ]
    ) {
      assertStringIncludes((await assertRejects(use, RangeError)).message, says);
    }
    const { x, y } = [...lab.batches(data, { batchSize: 40 })][0]!;
    for (
      const attack of [
        () => lab.fgsm(model, x, y, { epsilon: 0.1 }),
        () => lab.pgd(model, x, y, { epsilon: 0.1 }),
        () => lab.apgd(model, x, y, { epsilon: 0.1 }),
        () => lab.square(model, x, y, { epsilon: 0.1 }),
        () => lab.fgsm(model, x, y, { epsilon: 0 }),
      ]
    ) {
      assertStringIncludes(assertThrows(attack, RangeError).message, `inputShape, ${found}`);
    }
    x.dispose();
    y.dispose();
    model.dispose();
  });
}

Deno.test("training refuses standard augmentation of own images before it writes anything", async () => {
  const model = halvesModel([28, 28, 1]);
  const directory = `${await Deno.makeTempDir()}/run`;
  const options = { train: halves([28, 28, 1], 20), epochs: 1, directory } as const;
  await assertRejects(
    () => lab.train(model, { ...options, augment: "standard" }),
    RangeError,
    'for the data set "halves"',
  );
  await assertRejects(() => Deno.stat(directory), Deno.errors.NotFound);
  model.dispose();
});

Deno.test("a run's config names the own data and their shape; a resumed run finds them unchanged", async () => {
  const model = halvesModel([28, 28, 1]);
  const directory = `${await Deno.makeTempDir()}/run`;
  const data = halves([28, 28, 1], 20);
  await lab.train(model, { train: data, epochs: 1, directory });
  const { train, source } = JSON.parse(await Deno.readTextFile(`${directory}/config.json`));
  assertEquals([train.name, train.imageShape, source], ["halves", [28, 28, 1], "custom"]);
  await lab.train(model, { train: data, epochs: 1, directory, resume: true });
  const flat = { ...data, imageShape: [784, 1, 1] } as const;
  const other = { ...halvesModel([784, 1, 1]) };
  await assertRejects(
    () => lab.train(other, { train: flat, epochs: 1, directory, resume: true }),
    Error,
    "train.imageShape (was [28,28,1], now [784,1,1])",
  );
  model.dispose();
  other.dispose();
});

Deno.test("a run from before models had channels resumes; one of other channels does not", async () => {
  const data = halves([32, 32, 3], 20);
  const withOptions = (options: object) => ({ ...halvesModel([32, 32, 3]), options });
  const directory = `${await Deno.makeTempDir()}/run`;
  const older = withOptions({ stem: "imagenet" });
  const options = { train: data, epochs: 1, directory, resume: true };
  await lab.train(older, options);
  const now = withOptions({ stem: "imagenet", channels: 3 });
  assertEquals((await lab.train(now, options)).epochs.length, 1);
  const grey = withOptions({ stem: "imagenet", channels: 1 });
  await assertRejects(() => lab.train(grey, options), Error, "model.channels");
  for (const model of [older, now, grey]) model.dispose();
});

Deno.test("an example grid of images of another shape, or of two channels, is refused by name", () => {
  const images = new Uint8Array(2 * 28 * 28);
  const input = { rows: [{ name: "clean", images, predicted: [0, 1] }], labels: [0, 1] };
  assertThrows(() => lab.exampleGrid(input), RangeError, "imageShape: [height, width, channels]");
  assertThrows(
    () => lab.exampleGrid(input, { imageShape: [28, 14, 2] }),
    RangeError,
    "imageShape[2], the channels, to be one of 1, 3 but found 2",
  );
  assertThrows(
    () => lab.exampleGrid(input, { imageShape: [28, 0, 1] }),
    RangeError,
    "imageShape[1]",
  );
});
