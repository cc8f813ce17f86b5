import { readCifar10 } from "../../lib/data/sets/cifar10.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { readSvhn } from "../../lib/data/sets/svhn.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { fixtureDirectory, golden, sha256 } from "./fixtures.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const real = { directory: fixtureDirectory, source: "real" } as const;

for (const split of ["train", "test"] as const) {
  for (const name of ["mnist", "fashionmnist", "kmnist"] as const) {
    Deno.test(`${name} ${split} equals PyTorch's bilinear resize of the same files`, async () => {
      const data = await loadDataset(name, split, real);
      const { images, labels, firstRow } = golden[name][split];
      assertEquals(Array.from({ length: 32 }, (_, k) => data.images[3 * k]), firstRow);
      assertEquals(await sha256(data.images), images);
      assertEquals([...data.labels], labels);
      assertEquals(data.source, "unverified");
    });
  }

  Deno.test(`SVHN ${split} equals scipy's reading of the same file`, async () => {
    const data = await loadDataset("svhn", split, real);
    const { images, labels } = golden.svhn[`${split}_32x32.mat`]!;
    assertEquals(await sha256(data.images), images);
    assertEquals([...data.labels], labels);
  });

  for (const name of ["cifar10", "cifar100"] as const) {
    Deno.test(`${name} ${split} equals NumPy's reading of the same files`, async () => {
      const data = await loadDataset(name, split, real);
      assertEquals(await sha256(data.images), golden[name][split].images);
      assertEquals([...data.labels], golden[name][split].labels);
      assertEquals(data.source, "unverified");
    });
  }
}

for (const [name, expected] of Object.entries(golden.svhn)) {
  Deno.test(`the MAT-file variant ${name} is read as by scipy`, async () => {
    const { images, labels } = await readSvhn(`${fixtureDirectory}/SVHN/${name}`, 10);
    assertEquals(await sha256(images), expected.images);
    assertEquals([...labels], expected.labels);
  });
}

Deno.test("limit takes the first images in file order", async () => {
  const all = await loadDataset("cifar10", "train", real);
  const some = await loadDataset("cifar10", "train", { ...real, limit: 2 });
  assertEquals(some.images, all.images.slice(0, 2 * 3072));
  assertEquals(some.labels, all.labels.slice(0, 2));
  assertEquals(some.images.buffer.byteLength, 2 * 3072);
});

Deno.test("a CIFAR-10 directory with the first training batch alone is a subset", async () => {
  const directory = await temporaryFolder();
  const folder = `${directory}/cifar-10-batches-bin`;
  await Deno.mkdir(folder);
  for (const file of ["data_batch_1.bin", "test_batch.bin"]) {
    await Deno.copyFile(`${fixtureDirectory}/cifar-10-batches-bin/${file}`, `${folder}/${file}`);
  }
  const data = await loadDataset("cifar10", "train", { directory });
  assertEquals([data.source, data.length], ["unverified", 1]);
});

Deno.test("CIFAR-10 files follow one another in the given order", async () => {
  const paths = [2, 1].map((k) => `${fixtureDirectory}/cifar-10-batches-bin/data_batch_${k}.bin`);
  const reversed = await readCifar10(paths);
  const forward = await readCifar10(paths.toReversed());
  assertEquals([...reversed.labels], [...forward.labels].reverse());
  assert(reversed.images[0] !== forward.images[0]);
});
