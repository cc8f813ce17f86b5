import {
  buildCifar10Subset,
  buildSvhnSubset,
  LAB_SUBSET_DIGESTS,
  selectSvhnSubset,
} from "../../lib/data/lab_subset.ts";
import { parseCsv } from "../../lib/format/csv.ts";
import { readSvhn } from "../../lib/data/sets/svhn.ts";
import { encodeMat5 } from "../../lib/data/_write_mat5.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../lib/assert/mod.ts";
import { directoryWith, fixtureDirectory } from "./fixtures.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("the SVHN rule takes the described crops in the described order", () => {
  const numbered = (count: number, first: number) => ({
    images: new Uint8Array(count * 3072),
    labels: Uint8Array.from({ length: count }, (_, k) => (first + k) % 251),
  });
  const official = { train: numbered(2000, 0), test: numbered(26032, 100) };
  const train = selectSvhnSubset(official, "train");
  const test = selectSvhnSubset(official, "test");
  assertEquals([train.labels.length, test.labels.length], [8583, 2000]);
  assertEquals(train.images.length, 8583 * 3072);
  assertEquals(
    [train.labels[1082], train.labels[1083], train.labels[8582]],
    [1082 % 251, 100, (100 + 7499) % 251],
  );
  assertEquals([test.labels[0], test.labels[1999]], [(100 + 8000) % 251, (100 + 9999) % 251]);
});

Deno.test("a written MAT-file is read back", async () => {
  const columnMajor = Uint8Array.from({ length: 2 * 3072 }, (_, k) => (k * 7) % 256);
  const directory = await directoryWith({
    "a.mat": encodeMat5([
      { name: "X", dimensions: [32, 32, 3, 2], values: columnMajor },
      { name: "y", dimensions: [2, 1], values: Uint8Array.of(10, 4) },
    ]),
  });
  const { images, labels } = await readSvhn(`${directory}/a.mat`, 5);
  assertEquals([...labels], [0, 4]);
  // [image 1, row 2, column 5, channel 1]
  assertEquals(images[3072 + 3 * (2 * 32 + 5) + 1], columnMajor[2 + 32 * (5 + 32 * (1 + 3))]);
});

Deno.test("MAT-file arrays whose sizes do not fit are refused", () => {
  const values = new Uint8Array(5);
  assertThrows(() => encodeMat5([{ name: "y", dimensions: [2, 2], values }]), RangeError, "y");
});

Deno.test("the list of CIFAR-10 images has 6,016 + 1,000 different ones", async () => {
  const path = new URL("../../data/manifests/cifar10_subset.csv", import.meta.url);
  const rows = parseCsv(await Deno.readTextFile(path));
  const count = (split: string) => rows.filter((row) => row["split"] === split).length;
  assertEquals([count("train"), count("test"), rows.length], [6016, 1000, 7016]);
  assertEquals(new Set(rows.map((row) => row["sha256_prefix"])).size, 7016);
  assert(rows.every((row) => /^[0-9a-f]{16}$/.test(row["sha256_prefix"]!)));
  assert(rows.every((row) => /^[0-9]$/.test(row["label"]!)));
});

Deno.test("building from anything but the official files is an error and writes nothing", async () => {
  const to = await temporaryFolder();
  await assertRejects(() => buildSvhnSubset(fixtureDirectory, to), Error, "official SVHN");
  await assertRejects(() => buildCifar10Subset(fixtureDirectory, to), Error, "6016 of 6016 train");
  assertEquals(await Array.fromAsync(Deno.readDir(to)), []);
  assertEquals(LAB_SUBSET_DIGESTS.svhn.train.length, 64);
});
