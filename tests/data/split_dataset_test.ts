import fc from "fast-check";
import { createDataset, establishedDataset, IMAGE_BYTES } from "../../lib/data/dataset.ts";
import { selectImages } from "../../lib/data/select_images.ts";
import { splitDataset } from "../../lib/data/split_dataset.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../../lib/assert/mod.ts";
import { constantImages } from "./fixtures.ts";

const firstBytes = (images: Uint8Array) =>
  Array.from({ length: images.length / IMAGE_BYTES }, (_, k) => images[k * IMAGE_BYTES]!);

Deno.test("a split holds each image once, in order, stratified to within one image", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 60 }),
      fc.double({ min: 0.02, max: 0.98, noNaN: true }),
      fc.integer({ min: 0, max: 99 }),
      (labels, fraction, seed) => {
        const images = constantImages(labels.length).images;
        const data = createDataset({
          name: "svhn",
          split: "train",
          source: "real",
          images,
          labels: Uint8Array.from(labels),
        });
        const [rest, held] = splitDataset(data, fraction, seed);
        const expected = Math.round(fraction * labels.length);
        assertEquals(held.length, Math.min(labels.length - 1, Math.max(1, expected)));
        const restBytes = firstBytes(rest.images);
        const heldBytes = firstBytes(held.images);
        assertEquals(restBytes, restBytes.toSorted((a, b) => a - b));
        assertEquals(heldBytes, heldBytes.toSorted((a, b) => a - b));
        assertEquals(
          [...restBytes, ...heldBytes].sort((a, b) => a - b),
          labels.map((_, k) => k),
        );
        heldBytes.forEach((k, position) => assertEquals(held.labels[position], labels[k]));
        for (let c = 0; c < 4; c++) {
          const size = labels.filter((label) => label === c).length;
          const count = held.labels.filter((label) => label === c).length;
          assert(Math.abs(count - size * fraction) <= 1 + 1e-9, `${count} of ${size}`);
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("the seed decides which images are held out", () => {
  const data = constantImages(100);
  const held = (seed: number) => firstBytes(splitDataset(data, 0.1, seed)[1].images);
  assertEquals(held(1), held(1));
  assertNotEquals(held(1), held(2));
});

Deno.test("a part of a whole real dataset does not call itself real", () => {
  const images = new Uint8Array(10000 * IMAGE_BYTES);
  const labels = Uint8Array.from({ length: 10000 }, (_, k) => k % 10);
  const parts = { name: "mnist", split: "test", images, labels } as const;
  const data = establishedDataset({ ...parts, source: "real" });
  assertEquals(data.source, "real");
  const [rest, held] = splitDataset(data, 0.1, 0);
  assertEquals([rest.source, held.source], ["real-subset", "real-subset"]);
});

Deno.test("as many images as a real dataset has are not it if some are there twice", () => {
  const images = Uint8Array.from({ length: 3 * IMAGE_BYTES }, (_, k) => k % 251);
  const parts = { name: "mnist", split: "test", images, labels: [0, 1, 2] } as const;
  const data = establishedDataset({ ...parts, source: "real" });
  for (const indices of [[0, 1, 2], [2, 0, 1]]) {
    assertEquals(selectImages(data, indices).source, "real", `${indices}`);
  }
  for (const indices of [[0, 0, 0], [0, 1, 1], [0, 1], [0, 1, 2, 2]]) {
    assertEquals(selectImages(data, indices).source, "real-subset", `${indices}`);
  }
});

Deno.test("bad fractions, seeds and indices are named", () => {
  const data = constantImages(10);
  for (const fraction of [0, 1, -0.1, NaN]) {
    assertThrows(() => splitDataset(data, fraction, 0), RangeError, "fraction");
  }
  assertThrows(() => splitDataset(data, 0.5, 0.5), RangeError, "seed");
  assertThrows(() => splitDataset(constantImages(1), 0.5, 0), RangeError, "data.length");
  assertThrows(() => selectImages(data, [0, 10]), RangeError, "indices[1]");
  assertThrows(() => selectImages(data, []), RangeError, "indices.length");
});
