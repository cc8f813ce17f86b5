import { defaultDataDirectory } from "../../lib/data/data_directory.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { type DatasetName, datasetNames } from "../../lib/data/dataset.ts";
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
  assertStringIncludes(said.join("\n"), "looked for SVHN/train_32x32.mat, train_32x32.mat");
});

Deno.test("stand-ins name every place in which a file was looked for", async () => {
  const said = await warningsOf(() =>
    loadDataset("mnist", "test", { directory: empty, limit: 10 })
  );
  for (const folder of ["MNIST/", "MNIST/raw/"]) {
    for (const file of ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]) {
      assert(new RegExp(`${folder}${file}[,)]`).test(said.join()), said.join());
      assertStringIncludes(said.join(), `${folder}${file}.gz,`);
    }
  }
});

Deno.test("a directory that is named but is no folder is an error, whoever named it", async () => {
  const file = await Deno.makeTempFile();
  const before = Deno.env.get("LAB_DATA");
  try {
    for (const source of ["auto", "real"] as const) {
      for (const directory of [`${empty}/none`, file, `${file}/below`]) {
        Deno.env.delete("LAB_DATA");
        const named = () => loadDataset("mnist", "test", { directory, source, limit: 1 });
        await assertRejects(named, Error, `at ${directory}`);
        Deno.env.set("LAB_DATA", directory);
        const byVariable = () => loadDataset("mnist", "test", { source, limit: 1 });
        await assertRejects(byVariable, Error, "LAB_DATA");
      }
    }
  } finally {
    if (before === undefined) Deno.env.delete("LAB_DATA");
    else Deno.env.set("LAB_DATA", before);
  }
});

Deno.test("asking for stand-ins warns of nothing", async () => {
  const said = await warningsOf(() =>
    loadDataset("svhn", "test", { directory: empty, source: "procedural", limit: 10 })
  );
  assertEquals(said, []);
});

for (const name of datasetNames) {
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
  ["cifar100", "cifar-100-binary/train.bin"],
  ["fashionmnist", "FashionMNIST/t10k-labels-idx1-ubyte.gz"],
  ["kmnist", "KMNIST/raw/t10k-images-idx3-ubyte"],
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
