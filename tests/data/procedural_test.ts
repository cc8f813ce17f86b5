import { proceduralDataset } from "../../lib/data/procedural/procedural_dataset.ts";
import { datasetNames } from "../../lib/data/dataset.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../../lib/assert/mod.ts";

for (const name of datasetNames) {
  Deno.test(`${name} stand-ins are functions of split, seed and index`, () => {
    const data = proceduralDataset(name, "train", { limit: 30, seed: 2 });
    assertEquals(proceduralDataset(name, "train", { limit: 30, seed: 2 }).images, data.images);
    const longer = proceduralDataset(name, "train", { limit: 47, seed: 2 });
    assertEquals(longer.images.slice(0, data.images.length), data.images);
    assertEquals(longer.labels.slice(0, 30), data.labels);
    const others = [
      proceduralDataset(name, "test", { limit: 30, seed: 2 }),
      proceduralDataset(name, "train", { limit: 30, seed: 3 }),
    ];
    for (const other of others) assertNotEquals(other.images, data.images);
  });

  Deno.test(`${name} stand-ins are labelled so and hold each class equally often`, () => {
    const data = proceduralDataset(name, "test", { limit: 200 });
    assertEquals(data.source, "procedural");
    assert(data.describe().includes("procedural"));
    const classes = data.classNames.length;
    for (let c = 0; c < classes; c++) {
      assertEquals(data.labels.filter((label) => label === c).length, 200 / classes);
    }
  });

  Deno.test(`${name} stand-ins have sizes for quick runs`, () => {
    assertEquals(proceduralDataset(name, "test").length, 1000);
  });

  Deno.test(`no pixel of ${name} stand-ins tells the class: nearest class means fail`, () => {
    const train = proceduralDataset(name, "train", { limit: 1000 });
    const test = proceduralDataset(name, "test", {
      limit: train.classNames.length > 10 ? 100 : 300,
    });
    const means = train.classNames.map(() => new Float64Array(3072));
    const perClass = train.length / means.length;
    for (let k = 0; k < train.length; k++) {
      const mean = means[train.labels[k]!]!;
      for (let j = 0; j < 3072; j++) mean[j]! += train.images[k * 3072 + j]! / perClass;
    }
    let correct = 0;
    for (let k = 0; k < test.length; k++) {
      const distances = means.map((mean) =>
        mean.reduce((sum, m, j) => sum + (m - test.images[k * 3072 + j]!) ** 2, 0)
      );
      if (distances.indexOf(Math.min(...distances)) === test.labels[k]) correct++;
    }
    assert(correct / test.length < 0.6, `${correct} of ${test.length}`);
  });
}

Deno.test("hand-like digits are grey strokes on black; street-like ones are coloured", () => {
  const hand = proceduralDataset("mnist", "train", { limit: 50 }).images;
  const street = proceduralDataset("svhn", "train", { limit: 50 }).images;
  let dark = 0, greyStreet = 0;
  for (let k = 0; k < hand.length; k += 3) {
    assertEquals([hand[k + 1], hand[k + 2]], [hand[k], hand[k]]);
    if (hand[k]! < 30) dark++;
    if (street[k] === street[k + 1] && street[k] === street[k + 2]) greyStreet++;
  }
  assert(dark > 0.6 * hand.length / 3);
  assert(greyStreet < 0.05 * street.length / 3);
});

Deno.test("mean colour tells nothing of an object's class", () => {
  const data = proceduralDataset("cifar10", "train", { limit: 2000 });
  const means = Array.from({ length: 10 }, () => [0, 0, 0]);
  for (let k = 0; k < data.images.length; k++) {
    means[data.labels[Math.floor(k / 3072)]!]![k % 3]! += data.images[k]! / (200 * 1024);
  }
  for (const c of [0, 1, 2]) {
    const values = means.map((mean) => mean[c]!);
    assert(Math.max(...values) - Math.min(...values) < 25, values.join());
  }
});

Deno.test("arguments out of range are named", () => {
  assertThrows(() => proceduralDataset("x" as "mnist", "train"), RangeError, "name");
  assertThrows(() => proceduralDataset("mnist", "train", { limit: 0 }), RangeError, "limit");
});
