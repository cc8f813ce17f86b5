/** Damaged files of the datasets, and damaged archives. */
import { join } from "node:path";
import { deflateSync, gunzipSync } from "node:zlib";
import { miCOMPRESSED } from "../../lib/data/_mat5_element.ts";
import { extractTar } from "../../lib/data/_extract_tar.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { directoryWith, fixture, gzip } from "../data/fixtures.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { attempt, type Tally } from "./_attempts.ts";
import {
  append,
  BOMB_BYTES,
  cut,
  type Damaged,
  everyBit,
  flip,
  hugeNumbers,
  overwrite,
  repacked,
  scramble,
  spread,
} from "./_damage.ts";

/** Where the array X of plain.mat ends and y begins. */
const X_END = 128 + 8 + 6200;

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

/** A packed file that goes on with a hundred megabytes of zeros. */
function bomb(content: Uint8Array): Damaged {
  const bytes = new Uint8Array(content.length + BOMB_BYTES);
  bytes.set(content);
  return { damage: "decompression bomb", bytes: gzip(bytes) };
}

/** A MAT-file whose first packed array goes on with a hundred megabytes of zeros. */
function matBomb(plain: Uint8Array): Damaged {
  const content = new Uint8Array(BOMB_BYTES);
  content.set(plain.subarray(128, X_END));
  const stream = deflateSync(content);
  const bytes = new Uint8Array(128 + 8 + stream.length + plain.length - X_END);
  bytes.set(plain.subarray(0, 128));
  new DataView(bytes.buffer).setUint32(128, miCOMPRESSED, true);
  new DataView(bytes.buffer).setUint32(132, stream.length, true);
  bytes.set(stream, 136);
  bytes.set(plain.subarray(X_END), 136 + stream.length);
  return { damage: "decompression bomb", bytes };
}

/** MNIST: IDX files packed with gzip. */
export async function mnist(tally: Tally): Promise<void> {
  const directory = await datasetFolder(mnistFiles);
  const read = (directory: string) => loadDataset("mnist", "train", { directory, source: "real" });
  const [images, labels] = await Promise.all(mnistFiles.slice(0, 2).map(fixture)) as [
    Uint8Array,
    Uint8Array,
  ];
  // Time, system and flags of the gzip header; zeros may follow a gzip stream.
  const harmless = { "gzip header": 0.7, "something behind the end": 0.5 };
  const innerImages = new Uint8Array(gunzipSync(images));
  await attempt(
    tally,
    { parser: "IDX images", file: mnistFiles[0]!, harmless, read },
    directory,
    images,
    [
      ...cut(images, spread(0, images.length, 150)),
      ...flip(images, [...Array(10).keys()], "gzip header"),
      ...flip(images, spread(10, images.length, 150), "compressed stream and checksum"),
      ...repacked(flip(innerImages, [...Array(16).keys()], "magic, count and size")),
      ...repacked(overwrite(innerImages, [4, 8, 12], hugeNumbers, "huge count or size")),
      ...repacked(cut(innerImages, spread(0, innerImages.length, 40))),
      ...append(images),
      ...repacked(append(innerImages)),
      bomb(innerImages),
    ],
  );
  const innerLabels = new Uint8Array(gunzipSync(labels));
  const noDigit = Array.from({ length: 30 }, (_, k) => [10 + 8 * k]);
  await attempt(
    tally,
    {
      parser: "IDX labels",
      file: mnistFiles[1]!,
      harmless: { ...harmless, "compressed stream and checksum": 0.05 },
      read,
    },
    directory,
    labels,
    [
      ...cut(labels, [...labels.keys()]),
      ...flip(labels, [...Array(10).keys()], "gzip header"),
      ...flip(labels, [...labels.keys()].slice(10), "compressed stream and checksum", everyBit),
      ...repacked(flip(innerLabels, [...Array(8).keys()], "magic and count", everyBit)),
      ...repacked(overwrite(innerLabels, [8, 9, 10, 11], noDigit, "label above 9")),
      ...append(labels),
      bomb(innerLabels),
    ],
  );
}

/** SVHN: MAT-files of version 5. */
export async function svhn(tally: Tally): Promise<void> {
  const [train, test] = ["SVHN/train_32x32.mat", "SVHN/test_32x32.mat"];
  const directory = await datasetFolder([train, test]);
  const read = (directory: string) => loadDataset("svhn", "test", { directory, source: "real" });
  const [packed, plain] = [await fixture(test), await fixture("SVHN/plain.mat")];
  await attempt(
    tally,
    { parser: "MAT v5, compressed", file: test, harmless: { "text header": 1 }, read },
    directory,
    packed,
    [
      ...cut(packed, spread(0, packed.length, 150)),
      ...flip(packed, spread(0, 116, 15), "text header"),
      ...flip(packed, [124, 125, 126, 127], "version and byte order", everyBit),
      ...flip(packed, spread(128, packed.length, 250), "tags and compressed streams"),
      ...overwrite(packed, [128, 132], hugeNumbers, "huge length"),
      ...scramble(packed, 128, packed.length, 100),
      ...append(packed),
      matBomb(plain),
    ],
  );
  const labelsAt = X_END;
  const labelData = plain.length - 8;
  await attempt(
    tally,
    {
      parser: "MAT v5, plain",
      file: test,
      // Padding, and flags other than the array's class.
      harmless: {
        "tags and shape of X": 0.2,
        "tags and shape of y": 0.25,
        "huge length or shape": 0.1,
      },
      read,
    },
    directory,
    plain,
    [
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
    ],
  );
}

/** CIFAR-10: records of bytes; damage of pixels cannot be seen and is not tried. */
export async function cifar10(tally: Tally): Promise<void> {
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
  await attempt(tally, { parser: "CIFAR-10", file: files[5]!, read }, directory, batch, [
    ...cut(batch, halves),
    ...overwrite(batch, [0, 3073], noClass, "label above 9"),
    ...append(batch),
  ]);
}

/** The archive that CIFAR-10 comes in. */
export async function archives(tally: Tally): Promise<void> {
  await withFolder(async (directory) => {
    const members = { "batches/a.bin": 700, "batches/b.bin": 5 };
    const tar = tarOf(members);
    const read = async (directory: string) => {
      await extractTar(join(directory, "data.tar.gz"), join(directory, "out"), members);
      const names = Object.keys(members);
      return await Promise.all(names.map((name) => Deno.readFile(join(directory, "out", name))));
    };
    const headers = [0, 512 + 1024].flatMap((start) => spread(start, start + 400, 60));
    const archive = gzip(tar);
    await attempt(
      tally,
      {
        parser: "tar.gz",
        file: "data.tar.gz",
        harmless: { "compressed stream and checksum": 0.05 },
        read,
      },
      directory,
      archive,
      [
        ...cut(archive, spread(0, archive.length, 100)),
        ...flip(archive, spread(10, archive.length, 100), "compressed stream and checksum"),
        ...repacked(flip(tar, headers, "member's header")),
        ...repacked(overwrite(tar, [124, 130], [[0x37, 0x37, 0x37, 0x37, 0x37]], "huge size")),
        bomb(tar),
        bomb(tarOf({ "unknown.bin": 0 }, BOMB_BYTES)),
      ],
    );
  });
}

/**
 * A ustar archive of files filled with their number.
 *
 * @param claimed Size in the headers. Default the true one.
 */
function tarOf(members: Readonly<Record<string, number>>, claimed?: number): Uint8Array {
  const text = new TextEncoder();
  const blocks = Object.entries(members).map(([name, size], k) => {
    const block = new Uint8Array(512 + Math.ceil(size / 512) * 512);
    block.set(text.encode(name));
    block.set(text.encode(`${(claimed ?? size).toString(8).padStart(11, "0")}\0`), 124);
    block.set(text.encode("        0"), 148);
    block.set(text.encode("ustar\0"), 257);
    const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    block.set(text.encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
    block.fill(k + 1, 512, 512 + size);
    return [...block];
  });
  return Uint8Array.from([...blocks.flat(), ...Array<number>(1024).fill(0)]);
}
