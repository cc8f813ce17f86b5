import { readIdx } from "../../lib/data/idx.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { directoryWith, fixture, gzip, idxFile } from "./fixtures.ts";

const images = "MNIST/train-images-idx3-ubyte.gz";
const labels = "MNIST/train-labels-idx1-ubyte.gz";
const testFiles = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];

/** MNIST with one training file replaced. */
async function mnistWith(path: string, bytes: Uint8Array): Promise<string> {
  const good: Record<string, Uint8Array> = {};
  for (const file of [images, labels, ...testFiles.map((name) => `MNIST/${name}`)]) {
    good[file] = await fixture(file);
  }
  return await directoryWith({ ...good, [path]: bytes });
}

function flipped(bytes: Uint8Array, position: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  copy[position < 0 ? copy.length + position : position]! ^= 0xff;
  return copy;
}

const goodImages = await fixture(images);
const fourImages = new Uint8Array(4 * 784);

const damagedMnist: readonly [what: string, path: string, bytes: Uint8Array, says: string][] = [
  ["truncated", images, goodImages.slice(0, -20), "broken"],
  ["cut in its checksum", images, goodImages.slice(0, -3), "broken"],
  ["empty", images, new Uint8Array(), "broken"],
  ["no gzip file", images, idxFile([4, 28, 28], fourImages), "gzip"],
  ["corrupt inside", images, flipped(goodImages, 60), "gzip"],
  ["of another checksum", images, flipped(goodImages, -7), "gzip"],
  ["followed by garbage", images, Uint8Array.of(...goodImages, 1, 2, 3), "gzip"],
  ["of another magic number", images, gzip(idxFile([4, 28, 28], fourImages, 0x0900)), "magic"],
  ["of another rank", images, gzip(idxFile([4, 784], fourImages)), "magic"],
  ["of another size", images, gzip(idxFile([4, 29, 28], new Uint8Array(4 * 29 * 28))), "29 x 28"],
  ["shorter than its header says", images, gzip(idxFile([5, 28, 28], fourImages)), "ends after"],
  ["longer than its header says", images, gzip(idxFile([3, 28, 28], fourImages)), "follow"],
  ["of too few images", images, gzip(idxFile([3, 28, 28], new Uint8Array(3 * 784))), "4 labels"],
  ["with bytes left over", images, gzip(idxFile([4, 28, 28], new Uint8Array(3137))), "follow"],
  ["a bomb by its header", images, gzip(idxFile([2 ** 32 - 1, 28, 28], fourImages)), "4294967295"],
  ["with no items", images, gzip(idxFile([0, 28, 28], new Uint8Array())), "claims 0 items"],
  ["of labels above 9", labels, gzip(idxFile([4], Uint8Array.of(1, 2, 10, 3))), "label 2 is 10"],
  ["of too few labels", labels, gzip(idxFile([3], new Uint8Array(3))), "3 labels"],
];

for (const source of ["auto", "real"] as const) {
  for (const [what, path, bytes, says] of damagedMnist) {
    Deno.test(`source ${source}: a file ${what} is an error that names it`, async () => {
      const directory = await mnistWith(path, bytes);
      const error = await assertRejects(() => loadDataset("mnist", "train", { directory, source }));
      assertStringIncludes((error as Error).message, `${directory}/MNIST/train-`);
      assertStringIncludes((error as Error).message, says);
    });
  }
}

Deno.test("a gzip bomb behind a good header is not unpacked", async () => {
  const bomb = gzip(idxFile([4], new Uint8Array(300_000_000)));
  const directory = await mnistWith(labels, bomb);
  await assertRejects(() => loadDataset("mnist", "train", { directory }), Error, "follow");
});

const goodMat = await fixture("SVHN/test_32x32.mat");
const plainMat = await fixture("SVHN/plain.mat");
const damagedMat: readonly [what: string, bytes: Uint8Array, says: string][] = [
  ["truncated", goodMat.slice(0, -30), "ends after"],
  ["cut in its header", goodMat.slice(0, 100), "header"],
  ["empty", new Uint8Array(), "header"],
  ["of another format", new Uint8Array(500), "byte-order"],
  ["of MATLAB version 7.3", Uint8Array.from(goodMat).fill(2, 125, 126), "version"],
  ["corrupt inside", flipped(goodMat, 200), "zlib"],
  ["followed by garbage", Uint8Array.of(...goodMat, 1, 0, 0, 0, 8, 0, 0, 0, 9), "no array"],
  ["followed by less than a tag", Uint8Array.of(...goodMat, 1, 2, 3), "tag"],
  ["without y", plainMat.slice(0, 128 + 8 + 6200), "no array y"],
  ["with an array twice", Uint8Array.of(...goodMat, ...goodMat.slice(128)), "more than once"],
];

for (const [what, bytes, says] of damagedMat) {
  Deno.test(`a MAT-file ${what} is an error that names it, also under auto`, async () => {
    const directory = await directoryWith({
      "SVHN/train_32x32.mat": goodMat,
      "SVHN/test_32x32.mat": bytes,
    });
    const error = await assertRejects(() => loadDataset("svhn", "test", { directory }));
    assertStringIncludes((error as Error).message, `${directory}/SVHN/test_32x32.mat`);
    assertStringIncludes((error as Error).message, says);
  });
}

Deno.test("CIFAR-10 files of a broken size or label are errors that name them", async () => {
  const batch = await fixture("cifar-10-batches-bin/test_batch.bin");
  const wrong: readonly [Uint8Array, string][] = [
    [batch.slice(0, -1), "6145 bytes"],
    [new Uint8Array(), "0 bytes"],
    [Uint8Array.from(batch).fill(10, 3073, 3074), "record 1 has label 10"],
  ];
  for (const [bytes, says] of wrong) {
    const directory = await directoryWith({
      "cifar-10-batches-bin/data_batch_1.bin": batch,
      "cifar-10-batches-bin/test_batch.bin": bytes,
    });
    const error = await assertRejects(() => loadDataset("cifar10", "test", { directory }));
    assertStringIncludes((error as Error).message, "test_batch.bin");
    assertStringIncludes((error as Error).message, says);
  }
});

Deno.test("CIFAR-100 files of a broken size or label are errors that name them", async () => {
  const good = await fixture("cifar-100-binary/test.bin");
  const wrong: readonly [Uint8Array, string][] = [
    [good.slice(0, -1), "6147 bytes"],
    [Uint8Array.from(good).fill(100, 3075, 3076), "record 1 has label 100"],
  ];
  for (const [bytes, says] of wrong) {
    const directory = await directoryWith({
      "cifar-100-binary/train.bin": good,
      "cifar-100-binary/test.bin": bytes,
    });
    const error = await assertRejects(() => loadDataset("cifar100", "test", { directory }));
    assertStringIncludes((error as Error).message, "test.bin");
    assertStringIncludes((error as Error).message, says);
  }
});

Deno.test("a folder in a file's place is an error", async () => {
  const directory = await directoryWith({ "SVHN/test_32x32.mat/inner": new Uint8Array(1) });
  await assertRejects(() => loadDataset("svhn", "test", { directory }), Error, "to be a file");
});

Deno.test("an IDX file of another rank than expected is refused", async () => {
  const directory = await directoryWith({ "a.idx": idxFile([2], Uint8Array.of(1, 2)) });
  await assertRejects(
    () => readIdx(`${directory}/a.idx`, { itemShape: [28, 28], maxItems: 5 }),
    Error,
    "a.idx",
  );
});
