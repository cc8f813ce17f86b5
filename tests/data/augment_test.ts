import fc from "fast-check";
import { type Augmentation, augmentImages, type AugmentName } from "../../lib/data/augment.ts";
import { resizeBilinear } from "../../lib/data/resize.ts";
import { proceduralDataset } from "../../lib/data/procedural/procedural_dataset.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../../lib/assert/mod.ts";

const SIZE = 32;
const digits = proceduralDataset("svhn", "train", { limit: 20 });
const objects = proceduralDataset("cifar10", "train", { limit: 20 });

const how = (augment: AugmentName, name: string, seed: number): Augmentation => ({
  augment,
  name,
  seed,
  imageShape: [SIZE, SIZE, 3],
});

const augmentOne = (image: Uint8Array, augment: AugmentName, seed: number, name = "mnist") =>
  augmentImages(image, [0], how(augment, name, seed));

/** The pixel values of one channel as rows. */
function rows(image: Uint8Array): number[][] {
  return Array.from(
    { length: SIZE },
    (_, row) => Array.from({ length: SIZE }, (_, column) => image[3 * (row * SIZE + column)]!),
  );
}

Deno.test("no augmentation copies the chosen images", () => {
  const out = augmentImages(digits.images, [3, 3, 0], how("none", "svhn", 1));
  const image = (k: number) => digits.images.slice(k * 3072, (k + 1) * 3072);
  assertEquals(out, Uint8Array.of(...image(3), ...image(3), ...image(0)));
});

Deno.test("augmentation leaves the dataset's bytes alone", () => {
  const before = digits.images.slice();
  for (const augment of ["standard", "flips", "rotations"] as const) {
    augmentImages(digits.images, [0, 1, 2], how(augment, "svhn", 1));
  }
  assertEquals(digits.images, before);
});

Deno.test("flips give the four mirror images and no other", () => {
  const image = digits.images.slice(0, 3072);
  const upright = rows(image);
  const mirrored = (lines: number[][]) => lines.map((line) => line.toReversed());
  const wanted = [
    upright,
    mirrored(upright),
    upright.toReversed(),
    mirrored(upright).toReversed(),
  ].map((lines) => JSON.stringify(lines));
  const found = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    found.add(JSON.stringify(rows(augmentOne(image, "flips", seed))));
  }
  assertEquals([...found].sort(), wanted.sort());
});

Deno.test("rotation keeps a disc and turns a bar by every angle", () => {
  const draw = (isInk: (x: number, y: number) => boolean) =>
    Uint8Array.from({ length: 3072 }, (_, k) => {
      const pixel = Math.floor(k / 3);
      return isInk(pixel % SIZE - 15.5, Math.floor(pixel / SIZE) - 15.5) ? 200 : 0;
    });
  const disc = draw((x, y) => Math.hypot(x, y) < 8);
  const bar = draw((x, y) => Math.abs(x) < 2 && Math.abs(y) < 12);
  let horizontal = 0;
  for (let seed = 0; seed < 30; seed++) {
    const turned = augmentOne(disc, "rotations", seed);
    assertEquals([turned[3 * (16 * SIZE + 16)], turned[3 * (16 * SIZE + 28)]], [200, 0]);
    if (augmentOne(bar, "rotations", seed)[3 * (16 * SIZE + 25)]! > 100) horizontal++;
  }
  assert(horizontal > 1 && horizontal < 20, `${horizontal} of 30 bars lie`);
});

for (const name of ["mnist", "svhn", "kmnist"]) {
  Deno.test(`standard for ${name} shifts by at most two pixels and never flips`, () => {
    const dot = new Uint8Array(3072);
    dot.fill(200, 3 * (10 * SIZE + 20), 3 * (10 * SIZE + 20) + 3);
    const places = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const lines = rows(augmentOne(dot, "standard", seed, name));
      const row = lines.findIndex((line) => line.some((value) => value > 100));
      const column = lines[row]!.findIndex((value) => value > 100);
      assert(Math.abs(row - 10) <= 2 && Math.abs(column - 20) <= 2, `${row}, ${column}`);
      places.add(`${row},${column}`);
    }
    assertEquals(places.size, 25);
  });
}

for (const [name, border] of [["cifar10", 4], ["cifar100", 4], ["fashionmnist", 2]] as const) {
  Deno.test(`standard for ${name} crops out of a border and mirrors half of the time`, () => {
    const dot = new Uint8Array(3072);
    dot.fill(200, 3 * (10 * SIZE + 8), 3 * (10 * SIZE + 8) + 3);
    let mirrored = 0;
    for (let seed = 0; seed < 200; seed++) {
      const lines = rows(augmentOne(dot, "standard", seed, name));
      const row = lines.findIndex((line) => line.some((value) => value > 100));
      const column = lines[row]!.findIndex((value) => value > 100);
      assert(Math.abs(row - 10) <= border, `row ${row}`);
      const isMirrored = column > 16;
      assert(Math.abs((isMirrored ? 31 - column : column) - 8) <= border, `column ${column}`);
      if (isMirrored) mirrored++;
    }
    assert(mirrored > 70 && mirrored < 130, `${mirrored} of 200 mirrored`);
  });
}

Deno.test("standard keeps grey pictures of garments and characters grey", () => {
  for (const name of ["fashionmnist", "kmnist"] as const) {
    const { images } = proceduralDataset(name, "train", { limit: 10 });
    const out = augmentImages(images, [0, 3, 9], how("standard", name, 1));
    for (let k = 0; k < out.length; k += 3) assert(out[k] === out[k + 1] && out[k] === out[k + 2]);
  }
});

Deno.test("standard changes contrast mildly: the mean stays within 15 %", () => {
  for (const data of [digits, objects]) {
    for (let k = 0; k < data.length; k++) {
      const before = data.images.subarray(k * 3072, (k + 1) * 3072);
      const after = augmentImages(data.images, [k], how("standard", "svhn", k));
      const mean = (bytes: Uint8Array) => bytes.reduce((sum, v) => sum + v, 0) / bytes.length;
      assert(Math.abs(mean(after) / mean(before) - 1) < 0.25);
      assertNotEquals(after, before.slice());
    }
  }
});

Deno.test("the draw depends on seed and index, not on the company", () => {
  const alone = augmentImages(objects.images, [7], how("standard", "cifar10", 3));
  const together = augmentImages(objects.images, [1, 7], how("standard", "cifar10", 3));
  assertEquals(together.slice(3072), alone);
  assertNotEquals(augmentImages(objects.images, [7], how("standard", "cifar10", 4)), alone);
});

Deno.test("an unknown augmentation is named", () => {
  assertThrows(() => augmentOne(new Uint8Array(3072), "mixup" as "none", 0), RangeError, "augment");
});

Deno.test("resizing to the same size changes nothing; constants stay constant", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 40 }), (from, to) => {
      const image = Uint8Array.from({ length: from * from }, (_, k) => (k * 37) % 256);
      assertEquals(resizeBilinear(image, from, from), image);
      const constant = new Uint8Array(from * from).fill(77);
      assertEquals(resizeBilinear(constant, from, to), new Uint8Array(to * to).fill(77));
    }),
    { numRuns: 30 },
  );
});

Deno.test("halves are rounded to even, as PyTorch rounds", () => {
  // 2 -> 4: the second column is 3/4 a + 1/4 b; 3/4 * 0 + 1/4 * 2 = 0.5 and 3/4 * 2 + 0 = 1.5.
  assertEquals([...resizeBilinear(Uint8Array.of(0, 2, 0, 2), 2, 4).subarray(0, 4)], [0, 0, 2, 2]);
});

Deno.test("resizing refuses broken images", () => {
  assertThrows(() => resizeBilinear(new Uint8Array(5), 2, 4), RangeError, "images");
  assertThrows(() => resizeBilinear(new Uint8Array(4), 2, 0), RangeError, "to");
});
