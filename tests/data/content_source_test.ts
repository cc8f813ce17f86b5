/** What data are called depends on their content, wherever they lie and whoever names them. */
import { arePublished, contentSource } from "../../lib/data/_content_source.ts";
import { createDataset, datasetNames, splits } from "../../lib/data/dataset.ts";
import { firstImages } from "../../lib/data/first_images.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { selectImages } from "../../lib/data/select_images.ts";
import { splitDataset } from "../../lib/data/split_dataset.ts";
import { sha256 } from "../../lib/format/sha256.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { warningsOf } from "../warnings.ts";
import { directoryWith, fixture, gzip, idxFile } from "./fixtures.ts";

const noise = (length: number) => Uint8Array.from({ length }, (_, k) => (k * 31 + (k >> 5)) % 256);

/** A data folder with images of MNIST's form that are none of MNIST's, sorted by class. */
function lookalike(folder: string, suffix: ".gz" | ""): Promise<string> {
  const pack = suffix === ".gz" ? gzip : (bytes: Uint8Array) => bytes;
  const images = pack(idxFile([60, 28, 28], noise(60 * 784)));
  const labels = pack(idxFile([60], Uint8Array.from({ length: 60 }, (_, k) => Math.floor(k / 6))));
  return directoryWith(Object.fromEntries(
    ["train", "t10k"].flatMap((part) => [
      [`${folder}/${part}-images-idx3-ubyte${suffix}`, images],
      [`${folder}/${part}-labels-idx1-ubyte${suffix}`, labels],
    ]),
  ));
}

Deno.test("files of the right form and names but other content are unverified, and so are their parts", async () => {
  const directory = await lookalike("MNIST", ".gz");
  const data = await loadDataset("mnist", "train", { directory });
  assertEquals(data.describe(), "MNIST train, 60 images, unverified");
  const limited = await loadDataset("mnist", "train", { directory, limit: 50 });
  assertEquals(limited.describe(), "MNIST train, 50 images, unverified");
  const parts = [...splitDataset(data, 0.5, 0), selectImages(data, [3]), firstImages(data, 5)];
  assertEquals(parts.map(({ source }) => source), Array(4).fill("unverified"));
});

Deno.test("torchvision's folders are read as the publishers' are", async () => {
  const expected = await loadDataset("mnist", "test", {
    directory: await lookalike("MNIST", ".gz"),
  });
  for (
    const [folder, suffix] of [["MNIST", ""], ["MNIST/raw", ""], ["MNIST/raw", ".gz"]] as const
  ) {
    const directory = await lookalike(folder, suffix);
    const found = await loadDataset("mnist", "test", { directory, source: "real" });
    assertEquals(found.images, expected.images);
    assertEquals(found.labels, expected.labels);
  }
  const directory = await directoryWith({
    "train_32x32.mat": await fixture("SVHN/train_32x32.mat"),
    "test_32x32.mat": await fixture("SVHN/test_32x32.mat"),
  });
  const svhn = await loadDataset("svhn", "train", { directory });
  assert(svhn.length > 0);
  assertEquals(svhn.source, "unverified");
});

for (
  const [name, pickle] of [
    ["cifar10", "cifar-10-batches-py/data_batch_1"],
    ["cifar100", "cifar-100-python/test"],
  ] as const
) {
  Deno.test(`${name}'s pickles are refused with a line that converts them, and never read`, async () => {
    const directory = await directoryWith({ [pickle]: new TextEncoder().encode("no pickle") });
    for (const source of ["auto", "real"] as const) {
      const error = await assertRejects(() => loadDataset(name, "test", { directory, source }));
      const { message } = error as Error;
      assertStringIncludes(message, `${directory}/${pickle} is a pickle`);
      assertStringIncludes(message, 'python3 -c "import os, pickle, sys;');
      assert(message.endsWith(directory), message);
    }
  });
}

Deno.test("content is known by SHA-256 of images and labels, and by nothing less", () => {
  const content = { images: noise(2 * 3072), labels: Uint8Array.of(4, 7) };
  const known = [
    { sha256: "0".repeat(64), source: "real" },
    { sha256: sha256(content.images, content.labels), source: "real-subset" },
  ] as const;
  assertEquals(contentSource(known, content), "real-subset");
  assertEquals(contentSource([], content), "unverified");
  assertEquals(contentSource(known, { ...content, labels: Uint8Array.of(7, 4) }), "unverified");
  const changed = content.images.slice();
  changed[100]! ^= 1;
  assertEquals(contentSource(known, { ...content, images: changed }), "unverified");
});

Deno.test("files are the published ones by size and MD5", async () => {
  const directory = await directoryWith({ "SVHN/a.mat": new TextEncoder().encode("abc") });
  const remote = { path: "SVHN/a.mat", urls: [], bytes: 3 };
  const md5 = "900150983cd24fb0d6963f7d28e17f72"; // RFC 1321's example
  const paths = [`${directory}/SVHN/a.mat`];
  assertEquals(await arePublished(paths, [{ ...remote, md5 }]), true);
  assertEquals(await arePublished(paths, [{ ...remote, md5: md5.replace("9", "8") }]), false);
  assertEquals(await arePublished(paths, [{ ...remote, bytes: 4, md5 }]), false);
  assertEquals(await arePublished(paths, []), false);
});

Deno.test("members of a published archive are told by their own MD5, where it is known", async () => {
  const directory = await directoryWith({ "set/a.bin": new TextEncoder().encode("abc") });
  const md5 = "900150983cd24fb0d6963f7d28e17f72"; // RFC 1321's example
  const archive = { path: "set.tar.gz", urls: [], bytes: 9, md5: "0", members: { "set/a.bin": 3 } };
  const paths = [`${directory}/set/a.bin`];
  assertEquals(await arePublished(paths, [{ ...archive, memberMd5: { "set/a.bin": md5 } }]), true);
  assertEquals(await arePublished(paths, [{ ...archive, memberMd5: { "set/a.bin": "0" } }]), false);
  assertEquals(await arePublished(paths, [archive]), false);
});

Deno.test("whoever calls other images real under a name of the lab's is not believed", () => {
  const parts = { name: "mnist", images: noise(10 * 3072), labels: new Uint8Array(10) };
  for (const source of ["real", "real-subset"] as const) {
    assertEquals(
      createDataset({ ...parts, source }).describe(),
      "MNIST test, 10 images, unverified",
    );
  }
  assertEquals(createDataset({ ...parts, source: "custom" }).source, "custom");
  assertEquals(createDataset({ ...parts, source: "unverified" }).source, "unverified");
});

Deno.test("a limit that leaves one class of several warns", async () => {
  const directory = await lookalike("MNIST/raw", "");
  const load = (limit: number) =>
    warningsOf(() => loadDataset("mnist", "test", { directory, limit }));
  assertStringIncludes((await load(6)).join(), "the first 6 images are all of class 0");
  assertEquals(await load(7), []);
  assertEquals(await load(1), []);
});

Deno.test({
  name: "the published files of a data folder call themselves real",
  ignore: !Deno.env.get("LAB_OFFICIAL_DATA"),
  fn: async () => {
    const directory = Deno.env.get("LAB_OFFICIAL_DATA")!;
    for (const name of datasetNames.filter((name) => name !== "svhn")) {
      for (const split of splits) {
        const whole = await loadDataset(name, split, { directory });
        assertEquals(whole.source, "real");
        assertEquals(firstImages(whole, 100).source, "real-subset");
      }
    }
    for (const split of splits) {
      const { source } = await loadDataset("svhn", split, { directory });
      assert(source.startsWith("real"), source);
    }
  },
});
