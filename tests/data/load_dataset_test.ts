import { defaultDataDirectory, loadDataset } from "../../lib/data/load_dataset.ts";
import type { DatasetName } from "../../lib/data/dataset.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { warningsOf } from "../warnings.ts";
import { directoryWith, fixture } from "./fixtures.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const empty = await temporaryFolder();

Deno.test("auto without any file takes stand-ins and says so", async () => {
  const said = await warningsOf(async () => {
    const data = await loadDataset("svhn", "test", { directory: empty, limit: 10 });
    assertEquals(data.source, "procedural");
    assertStringIncludes(data.describe(), "procedural");
  });
  assertStringIncludes(said.join("\n"), "procedural");
  assertStringIncludes(said.join("\n"), empty);
});

Deno.test("asking for stand-ins warns of nothing", async () => {
  const said = await warningsOf(() =>
    loadDataset("svhn", "test", { directory: empty, source: "procedural", limit: 10 })
  );
  assertEquals(said, []);
});

for (const name of ["mnist", "svhn", "cifar10"] as const) {
  Deno.test(`real ${name} without files is an error that says how to get them`, async () => {
    const error = await assertRejects(() =>
      loadDataset(name, "train", { directory: empty, source: "real" })
    );
    assertStringIncludes((error as Error).message, `deno task download --dataset ${name}`);
    assertStringIncludes((error as Error).message, empty);
  });
}

const partial: readonly [DatasetName, string][] = [
  ["mnist", "MNIST/train-images-idx3-ubyte.gz"],
  ["svhn", "SVHN/train_32x32.mat"],
  ["cifar10", "cifar-10-batches-bin/data_batch_1.bin"],
  ["cifar10", "cifar-10-batches-bin/data_batch_2.bin"],
];
for (const [name, file] of partial) {
  Deno.test(`auto with nothing but ${file} is an error for both splits`, async () => {
    const directory = await directoryWith({ [file]: await fixture(file) });
    for (const split of ["train", "test"] as const) {
      await assertRejects(() => loadDataset(name, split, { directory }), Error, "Only some");
    }
  });
}

Deno.test("arguments out of range are named", async () => {
  const load = (name: string, split: string, options = {}) =>
    loadDataset(name as "mnist", split as "train", { source: "procedural", ...options });
  await assertRejects(() => load("imagenet", "train"), RangeError, "name");
  await assertRejects(() => load("mnist", "validation"), RangeError, "split");
  await assertRejects(() => load("mnist", "train", { source: "fake" }), RangeError, "source");
  await assertRejects(() => load("mnist", "train", { limit: 0 }), RangeError, "limit");
  await assertRejects(() => load("mnist", "train", { seed: 0.5 }), RangeError, "seed");
});

Deno.test("the default directory is LAB_DATA, else the checkout's data/raw", () => {
  const before = Deno.env.get("LAB_DATA");
  try {
    Deno.env.set("LAB_DATA", "/some/where");
    assertEquals(defaultDataDirectory(), "/some/where");
    Deno.env.delete("LAB_DATA");
    const checkout = new URL("../../data/raw", import.meta.url).pathname;
    assertEquals(defaultDataDirectory(), checkout);
    assert(defaultDataDirectory().startsWith("/"));
  } finally {
    if (before !== undefined) Deno.env.set("LAB_DATA", before);
  }
});
