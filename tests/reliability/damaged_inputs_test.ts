/** Thousands of damaged files: every one is refused by a sentence that names it. */
import { gunzipSync } from "node:zlib";
import { join } from "node:path";
import { tf } from "../../lib/backend/tf.ts";
import { extractTar } from "../../lib/data/extract_tar.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { readPredictions, writePredictions } from "../../lib/experiments/predictions_file.ts";
import { loadRecord, sealRecord } from "../../lib/experiments/record.ts";
import { loadCheckpoint, saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { assert } from "../assert.ts";
import { directoryWith, fixture, gzip } from "../data/fixtures.ts";
import { inventPredictions, inventRun, withFolder } from "../experiments/synthetic_run.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";
import {
  append,
  cut,
  type Damaged,
  flip,
  overwrite,
  requireHonest,
  scramble,
  spread,
  type Subject,
  summary,
  type Tally,
  tryAll,
} from "./_damage.ts";

const tally: Tally = new Map();
const everyBit = [1, 2, 4, 8, 16, 32, 64, 128];
const all = (bytes: Uint8Array) => [...bytes.keys()];
/** Counts and lengths that no small file can have, little and big endian. */
const hugeNumbers = [
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0x7f, 0xff, 0xff, 0xff],
  [0x00, 0x00, 0x00, 0x80],
  [0x00, 0x00, 0x00, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
];

/** Damages a file and reads every copy. */
async function attempt(
  subject: Subject,
  directory: string,
  good: Uint8Array,
  copies: readonly Damaged[],
): Promise<void> {
  await requireHonest(subject, directory, good);
  await tryAll(subject, directory, good, copies, tally);
  await Deno.writeFile(join(directory, subject.file), good);
}

/** The damage is done inside; then the file is packed again, so that its checksum is right. */
function repacked(copies: readonly Damaged[]): Damaged[] {
  return copies.map(({ damage, bytes }) => ({ damage: `${damage}, packed`, bytes: gzip(bytes) }));
}

async function datasetFolder(files: readonly string[]): Promise<string> {
  const contents = await Promise.all(files.map(async (file) => [file, await fixture(file)]));
  return await directoryWith(Object.fromEntries(contents));
}

const mnistFiles = [
  "train-images-idx3",
  "train-labels-idx1",
  "t10k-images-idx3",
  "t10k-labels-idx1",
]
  .map((name) => `MNIST/${name}-ubyte.gz`);

Deno.test("damaged MNIST files are refused", async () => {
  const directory = await datasetFolder(mnistFiles);
  const read = (directory: string) => loadDataset("mnist", "train", { directory, source: "real" });
  const [images, labels] = await Promise.all(mnistFiles.slice(0, 2).map(fixture)) as [
    Uint8Array,
    Uint8Array,
  ];
  const innerImages = new Uint8Array(gunzipSync(images));
  await attempt({ parser: "IDX images", file: mnistFiles[0]!, read }, directory, images, [
    ...cut(images, spread(0, images.length, 150)),
    ...flip(images, [...Array(10).keys()], "gzip header"),
    ...flip(images, spread(10, images.length, 150), "compressed stream and checksum"),
    ...repacked(flip(innerImages, [...Array(16).keys()], "magic, count and size")),
    ...repacked(overwrite(innerImages, [4, 8, 12], hugeNumbers, "huge count or size")),
    ...repacked(cut(innerImages, spread(0, innerImages.length, 40))),
    ...append(images),
    ...repacked(append(innerImages)),
  ]);
  const innerLabels = new Uint8Array(gunzipSync(labels));
  const noDigit = Array.from({ length: 30 }, (_, k) => [10 + 8 * k]);
  await attempt({ parser: "IDX labels", file: mnistFiles[1]!, read }, directory, labels, [
    ...cut(labels, [...Array(labels.length).keys()]),
    ...flip(labels, [...Array(10).keys()], "gzip header"),
    ...flip(labels, all(labels).slice(10), "compressed stream and checksum", everyBit),
    ...repacked(flip(innerLabels, [...Array(8).keys()], "magic and count", everyBit)),
    ...repacked(overwrite(innerLabels, [8, 9, 10, 11], noDigit, "label above 9")),
    ...append(labels),
  ]);
});

Deno.test("damaged SVHN files are refused", async () => {
  const [train, test] = ["SVHN/train_32x32.mat", "SVHN/test_32x32.mat"];
  const directory = await datasetFolder([train, test]);
  const read = (directory: string) => loadDataset("svhn", "test", { directory, source: "real" });
  const packed = await fixture(test);
  await attempt({ parser: "MAT v5, compressed", file: test, read }, directory, packed, [
    ...cut(packed, spread(0, packed.length, 150)),
    ...flip(packed, spread(0, 116, 15), "text header"),
    ...flip(packed, [124, 125, 126, 127], "version and byte order", everyBit),
    ...flip(packed, spread(128, packed.length, 250), "tags and compressed streams"),
    ...overwrite(packed, [128, 132], hugeNumbers, "huge length"),
    ...scramble(packed, 128, packed.length, 100),
    ...append(packed),
  ]);
  const plain = await fixture("SVHN/plain.mat");
  const labelsAt = 128 + 8 + 6200;
  const labelData = plain.length - 8;
  await attempt({ parser: "MAT v5, plain", file: test, read }, directory, plain, [
    ...cut(plain, spread(0, plain.length, 120)),
    ...flip(plain, spread(128, 192, 64), "tags and shape of X"),
    ...flip(plain, spread(labelsAt, labelData, 60), "tags and shape of y"),
    ...overwrite(
      plain,
      [...spread(128, 192, 16), ...spread(labelsAt, labelData, 12)],
      hugeNumbers,
      "huge length or shape",
    ),
    ...append(plain),
  ]);
});

Deno.test("damaged CIFAR-10 files are refused", async () => {
  const files = [
    "data_batch_1",
    "data_batch_2",
    "data_batch_3",
    "data_batch_4",
    "data_batch_5",
    "test_batch",
  ].map((name) => `cifar-10-batches-bin/${name}.bin`);
  const directory = await datasetFolder(files);
  const read = (directory: string) => loadDataset("cifar10", "test", { directory, source: "real" });
  const batch = await fixture(files[5]!);
  const noClass = Array.from({ length: 123 }, (_, k) => [10 + 2 * k]);
  const halves = spread(0, batch.length, 120).filter((length) => length === 0 || length % 3073 > 0);
  await attempt({ parser: "CIFAR-10", file: files[5]!, read }, directory, batch, [
    ...cut(batch, halves),
    ...overwrite(batch, [0, 3073], noClass, "label above 9"),
    ...append(batch),
  ]);
});

Deno.test("damaged archives are refused", () =>
  withFolder(async (directory) => {
    const members = { "batches/a.bin": 700, "batches/b.bin": 5 };
    const tar = tarOf(members);
    const read = async (directory: string) => {
      await extractTar(join(directory, "data.tar.gz"), join(directory, "out"), members);
      const names = Object.keys(members);
      return await Promise.all(names.map((name) => Deno.readFile(join(directory, "out", name))));
    };
    const headers = [0, 512 + 1024].flatMap((start) => spread(start, start + 400, 60));
    const archive = gzip(tar);
    await attempt({ parser: "tar.gz", file: "data.tar.gz", read }, directory, archive, [
      ...cut(archive, spread(0, archive.length, 100)),
      ...flip(archive, spread(10, archive.length, 100), "compressed stream and checksum"),
      ...repacked(flip(tar, headers, "member's header")),
      ...repacked(overwrite(tar, [124, 130], [[0x37, 0x37, 0x37, 0x37, 0x37]], "huge size")),
    ]);
  }));

/** A ustar archive of files filled with their number. */
function tarOf(members: Readonly<Record<string, number>>): Uint8Array {
  const text = new TextEncoder();
  const blocks = Object.entries(members).map(([name, size], k) => {
    const block = new Uint8Array(512 + Math.ceil(size / 512) * 512);
    block.set(text.encode(name));
    block.set(text.encode(`${size.toString(8).padStart(11, "0")}\0`), 124);
    block.set(text.encode("        0"), 148);
    block.set(text.encode("ustar\0"), 257);
    const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    block.set(text.encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
    block.fill(k + 1, 512, 512 + size);
    return [...block];
  });
  return Uint8Array.from([...blocks.flat(), ...Array<number>(1024).fill(0)]);
}

Deno.test("damaged checkpoints are refused", () =>
  withFolder(async (directory) => {
    const model = tinyClassifier(3);
    const path = join(directory, "model.safetensors");
    await saveCheckpoint(path, model, { epoch: "7" });
    model.dispose();
    const good = await Deno.readFile(path);
    const read = async () => {
      const model = tinyClassifier(0);
      try {
        const { metadata } = await loadCheckpoint(path, model);
        const weights = [...model.parameters, ...model.buffers]
          .map(([name, variable]) => [name, variable.dataSync()]);
        return [weights, metadata.epoch, metadata.format, metadata["lab.model"]];
      } finally {
        model.dispose();
      }
    };
    const begin = 8 + Number(new DataView(good.buffer).getBigUint64(0, true));
    const before = tf.memory().numTensors;
    await attempt({ parser: "checkpoint", file: "model.safetensors", read }, directory, good, [
      ...cut(good, spread(0, good.length, 100)),
      ...flip(good, [...Array(8).keys()], "length of the header", everyBit),
      ...overwrite(good, [0, 1, 2, 4], hugeNumbers, "huge header"),
      ...flip(good, spread(8, begin, 200), "header"),
      ...flip(good, spread(begin, good.length, 100), "tensors"),
      ...scramble(good, 8, good.length, 100),
      ...append(good),
    ]);
    assert(tf.memory().numTensors === before, "a refused checkpoint left tensors behind");
  }));

Deno.test("damaged predictions are refused", () =>
  withFolder(async (directory) => {
    const path = join(directory, "p.safetensors");
    const nothing = { map: undefined, attackedMap: undefined, domainMap: undefined };
    const predictions = inventPredictions(20, 15);
    await writePredictions(path, { ...nothing, predictions, attacked: predictions });
    const good = await Deno.readFile(path);
    const begin = 8 + Number(new DataView(good.buffer).getBigUint64(0, true));
    const read = async () => {
      const { predictions, attacked } = await readPredictions(path);
      return [predictions.logits, predictions.labels, attacked?.logits, attacked?.labels];
    };
    await attempt({ parser: "predictions", file: "p.safetensors", read }, directory, good, [
      ...cut(good, spread(0, good.length, 80)),
      ...flip(good, spread(0, begin, 100), "header"),
      ...flip(good, spread(begin, good.length, 60), "tensors"),
      ...scramble(good, 8, good.length, 60),
      ...append(good),
    ]);
  }));

Deno.test("damaged results are refused", () =>
  withFolder(async (folder) => {
    const directory = join(folder, "run");
    await sealRecord(await inventRun(directory));
    const read = async (directory: string) => {
      const { config, history, evaluations } = (await loadRecord(directory))!;
      return [config, history, [...evaluations]];
    };
    const files = ["config.json", "training_history.json", "svhn-test.metrics.json", "SHA256SUMS"];
    for (const file of files) {
      const good = await Deno.readFile(join(directory, file));
      await attempt({ parser: "results", file, read }, directory, good, [
        ...cut(good, spread(0, good.length, 30)),
        ...flip(good, spread(0, good.length, 40), "a changed byte"),
        ...scramble(good, 0, good.length, 20),
      ]);
    }
  }));

Deno.test("the damage that was tried, by parser", () => {
  const { text, total, least } = summary(tally);
  const megabytes = Math.round(Deno.memoryUsage().rss / 2 ** 20);
  console.log(
    `${text}\n${total} damaged inputs: 0 crashes, 0 hangs, 0 taken for something else; ` +
      `resident memory ${megabytes} MB`,
  );
  assert(total >= 2000, `only ${total} damaged inputs were tried`);
  assert(least >= 300, `only ${least} damaged inputs were tried on one parser`);
  assert(megabytes < 1500, `the tests took ${megabytes} MB`);
});
