import fc from "fast-check";
import { tf } from "../../lib/backend/tf.ts";
import { type Batch, batches, type BatchOptions } from "../../lib/data/batches.ts";
import { classBalancedBatches } from "../../lib/data/class_balanced_batches.ts";
import type { Dataset } from "../../lib/data/dataset.ts";
import { proceduralDataset } from "../../lib/data/procedural/procedural_dataset.ts";
import { assertEquals, assertNotEquals, assertThrows } from "../../lib/assert/mod.ts";
import { constantImages } from "./fixtures.ts";

/** Reads all batches into plain numbers. */
function read(iterable: Iterable<Batch>): { x: number[][]; y: number[][]; shapes: number[][] } {
  const all = { x: [] as number[][], y: [] as number[][], shapes: [] as number[][] };
  for (const { x, y } of iterable) {
    all.x.push([...x.dataSync()]);
    all.y.push([...y.dataSync()]);
    all.shapes.push(x.shape);
    assertEquals([x.dtype, y.dtype], ["float32", "int32"]);
    tf.dispose([x, y]);
  }
  return all;
}

/** The byte of each constant image in an epoch, in order. */
function order(data: Dataset, options: BatchOptions): number[] {
  return read(batches(data, options)).x.flatMap((pixels) =>
    pixels.filter((_, k) => k % 3072 === 0).map((value) => Math.round(value * 255))
  );
}

Deno.test("batches hold every image once, in order, the last one smaller", () => {
  const data = constantImages(10);
  const { y, shapes } = read(batches(data, { batchSize: 4 }));
  assertEquals(y, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]);
  assertEquals(shapes, [[4, 32, 32, 3], [4, 32, 32, 3], [2, 32, 32, 3]]);
});

Deno.test("pixels are bytes over 255 as float32", () => {
  const { x } = read(batches(constantImages(256), { batchSize: 256 }));
  for (const k of [0, 1, 127, 254, 255]) assertEquals(x[0]![k * 3072], Math.fround(k / 255));
});

Deno.test("shuffling permutes, by the seed alone", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 9 }),
      (length, batchSize, seed) => {
        const data = constantImages(length);
        const shuffled = order(data, { batchSize, shuffle: true, seed });
        assertEquals(shuffled.toSorted((a, b) => a - b), order(data, { batchSize: 7 }));
        assertEquals(shuffled, order(data, { batchSize: 5, shuffle: true, seed }));
      },
    ),
    { numRuns: 20 },
  );
  const data = constantImages(40);
  assertNotEquals(
    order(data, { shuffle: true, seed: 1 }),
    order(data, { shuffle: true, seed: 2 }),
  );
});

Deno.test("labels stay with their images when shuffled", () => {
  const data = constantImages(30);
  for (const { x, y } of batches(data, { batchSize: 8, shuffle: true, seed: 3 })) {
    const bytes = [...x.dataSync()].filter((_, k) => k % 3072 === 0).map((v) =>
      Math.round(v * 255)
    );
    assertEquals([...y.dataSync()], bytes.map((byte) => byte % 10));
    tf.dispose([x, y]);
  }
});

Deno.test("augmentation of an image does not depend on the batch size", () => {
  const data = proceduralDataset("cifar10", "train", { limit: 12 });
  const pixels = (batchSize: number, seed: number) =>
    read(batches(data, { batchSize, augment: "standard", seed })).x.flat();
  assertEquals(pixels(12, 4), pixels(5, 4));
  assertNotEquals(pixels(12, 4), pixels(12, 5));
});

Deno.test("an iterable can be run through again with the same result", () => {
  const epoch = batches(proceduralDataset("svhn", "train", { limit: 6 }), { shuffle: true });
  assertEquals(read(epoch), read(epoch));
});

Deno.test("batches leave no tensors behind", () => {
  const data = constantImages(9);
  const before = tf.memory().numTensors;
  read(batches(data, { batchSize: 2 }));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("options out of range are refused at the call", () => {
  const data = constantImages(3);
  assertThrows(() => batches(data, { batchSize: 0 }), RangeError, "batchSize");
  assertThrows(() => batches(data, { seed: 1.5 }), RangeError, "seed");
  assertThrows(() => batches(data, { augment: "mixup" as "none" }), RangeError, "augment");
});

Deno.test("class-balanced batches hold P classes with K different images each", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 99 }),
      (classes, images, seed) => {
        const data = constantImages(60);
        const { x, y } = read(classBalancedBatches(data, { classes, images, seed }));
        assertEquals(y.length, Math.max(1, Math.round(60 / (classes * images))));
        y.forEach((labels, batch) => {
          const counts = new Map<number, number>();
          for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
          assertEquals([...counts.values()], Array(classes).fill(images));
          const ids = x[batch]!.filter((_, k) => k % 3072 === 0);
          assertEquals(new Set(ids).size, classes * images);
        });
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("in class-balanced epochs classes and images take turns", () => {
  const data = constantImages(60);
  const { x } = read(classBalancedBatches(data, { classes: 5, images: 3, seed: 1 }));
  const bytes = x.flatMap((pixels) => pixels.filter((_, k) => k % 3072 === 0));
  assertEquals(bytes.length, 60);
  assertEquals(new Set(bytes).size, 60);
});

Deno.test("a class with fewer images than asked for repeats them", () => {
  const data = constantImages(11); // class 0 has two images, the others one
  const { y } = read(classBalancedBatches(data, { classes: 10, images: 3 }));
  assertEquals(y[0]!.length, 30);
});

Deno.test("more classes than there are is an error", () => {
  assertThrows(
    () => classBalancedBatches(constantImages(5), { classes: 6, images: 1 }),
    RangeError,
    "classes",
  );
});
