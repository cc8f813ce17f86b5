/** A dataset of any shape and name is read in its own shape by everything that takes one. */
import { batches } from "../../lib/data/batches.ts";
import { classBalancedBatches } from "../../lib/data/class_balanced_batches.ts";
import {
  createDataset,
  type Dataset,
  type DatasetParts,
  type ImageShape,
} from "../../lib/data/dataset.ts";
import { firstImages } from "../../lib/data/first_images.ts";
import { augmentImages } from "../../lib/data/augment.ts";
import { prefetchBatches } from "../../lib/data/prefetch_batches.ts";
import { selectImages } from "../../lib/data/select_images.ts";
import { splitDataset } from "../../lib/data/split_dataset.ts";
import { generator } from "../../lib/random/generator.ts";
import { assert, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

const shapes: readonly ImageShape[] = [[64, 64, 3], [28, 28, 1], [48, 32, 3], [1, 1, 3], [5, 1, 2]];

/** Random images under a name of one's own; image k has the label k mod 2. */
function ownImages(imageShape: ImageShape, length = 6): Dataset {
  const draw = generator(1);
  const bytes = imageShape.reduce((product, side) => product * side, length);
  return createDataset({
    name: "own",
    images: Uint8Array.from({ length: bytes }, () => draw.integer(256)),
    labels: Array.from({ length }, (_, k) => k % 2),
    classNames: ["a", "b"],
    imageShape,
  });
}

/** The pixels of image `k` as numbers in [0, 1]. */
function pixelsOf({ images, imageShape: [height, width, channels] }: Dataset, k: number): number[] {
  const size = height * width * channels;
  return [...images.subarray(k * size, (k + 1) * size)].map((byte) => Math.fround(byte / 255));
}

for (const shape of shapes) {
  const text = shape.join(" x ");

  Deno.test(`batches of ${text} images hold each image whole, in order, prefetched or not`, async () => {
    const data = ownImages(shape);
    const wanted = Array.from({ length: data.length }, (_, k) => pixelsOf(data, k));
    for (const list of [batches(data, { batchSize: 4 }), prefetchBatches(data, { batchSize: 4 })]) {
      const found: number[][] = [];
      for await (const { x, y } of list) {
        assertEquals(x.shape.slice(1), [...shape]);
        const [values, size] = [x.dataSync(), x.size / x.shape[0]];
        for (let k = 0; k < x.shape[0]; k++) {
          found.push([...values.slice(k * size, (k + 1) * size)]);
        }
        x.dispose();
        y.dispose();
      }
      assertEquals(found, wanted);
    }
  });

  Deno.test(`class-balanced batches of ${text} images hold images of their class`, () => {
    const data = ownImages(shape);
    for (const { x, y } of classBalancedBatches(data, { classes: 2, images: 3 })) {
      const [values, labels, size] = [x.dataSync(), y.dataSync(), x.size / 6];
      for (let k = 0; k < 6; k++) {
        const image = [...values.slice(k * size, (k + 1) * size)].join();
        const place = data.labels.findIndex((_, place) => pixelsOf(data, place).join() === image);
        assertEquals(place % 2, labels[k]);
      }
      x.dispose();
      y.dispose();
    }
  });

  Deno.test(`chosen, first and split ${text} images keep name, shape and source`, () => {
    const data = ownImages(shape);
    const [rest, held] = splitDataset(data, 0.5, 0);
    const parts = [selectImages(data, [5, 0]), firstImages(data, 2), rest, held];
    for (const part of parts) {
      assertEquals([part.name, part.imageShape, part.source], ["own", shape, "custom"]);
    }
    assertEquals(pixelsOf(parts[0]!, 0), pixelsOf(data, 5));
    assertEquals(pixelsOf(parts[1]!, 1), pixelsOf(data, 1));
    assertEquals(rest.length + held.length, data.length);
  });

  Deno.test(`flips of ${text} images are the four mirror images`, () => {
    const [height, width, channels] = shape;
    const image = ownImages(shape, 1).images;
    const mirrored = (rows: boolean, columns: boolean) => {
      const out: number[] = [];
      for (let r = 0; r < height; r++) {
        for (let c = 0; c < width; c++) {
          const [row, column] = [rows ? height - 1 - r : r, columns ? width - 1 - c : c];
          const start = channels * (width * row + column);
          out.push(...image.subarray(start, start + channels));
        }
      }
      return out.join();
    };
    const wanted = [false, true].flatMap((rows) =>
      [false, true].map((columns) => mirrored(rows, columns))
    );
    const found = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const how = { name: "own", imageShape: shape, augment: "flips", seed } as const;
      found.add(augmentImages(image, [0], how).join());
    }
    assertEquals([...found].sort(), [...new Set(wanted)].sort());
  });

  Deno.test(`rotations of ${text} images leave a constant image and the bounds of bytes alone`, () => {
    const how = { name: "own", imageShape: shape, augment: "rotations", seed: 3 } as const;
    const { images } = ownImages(shape, 1);
    const constant = new Uint8Array(images.length).fill(77);
    assertEquals(augmentImages(constant, [0], how), constant);
    assertEquals(augmentImages(images, [0], how).length, images.length);
  });

  Deno.test(`"standard" of digits works on ${text} images, and of an own name is refused`, () => {
    const data = ownImages(shape);
    const how = { imageShape: shape, augment: "standard", seed: 3 } as const;
    const constant = new Uint8Array(data.images.length / data.length).fill(77);
    const shifted = augmentImages(constant, [0], { ...how, name: "mnist" });
    assertEquals(new Set(shifted).size, 1, "a constant image stays constant: the edge is repeated");
    for (
      const use of [
        () => batches(data, { augment: "standard" }),
        () => prefetchBatches(data, { augment: "standard" }),
        () => classBalancedBatches(data, { classes: 2, images: 1, augment: "standard" }),
      ]
    ) {
      assertThrows(use, RangeError, 'one of "none", "flips", "rotations" for the data set "own"');
    }
  });
}

Deno.test("a rotation by 180 degrees turns rows and columns of an oblong image around", () => {
  const image = Uint8Array.of(0, 50, 100, 150, 200, 250); // 2 x 3 x 1
  const found = new Set<string>();
  for (let seed = 0; seed < 400; seed++) {
    const how = { name: "own", imageShape: [2, 3, 1], augment: "rotations", seed } as const;
    found.add(augmentImages(image, [0], how).join());
  }
  const near = [...found].some((text) => {
    const values = text.split(",").map(Number);
    return values.every((value, k) => Math.abs(value - image[5 - k]!) <= 3);
  });
  assert(near);
});

const parts: DatasetParts = {
  name: "own",
  images: new Uint8Array(2 * 28 * 28),
  labels: [0, 1],
  classNames: ["a", "b"],
  imageShape: [28, 28, 1],
};

Deno.test("createDataset takes labels as a list and says custom, test and 32 x 32 x 3 by default", () => {
  const data = createDataset({ ...parts, images: new Uint8Array(2 * 3072), imageShape: undefined });
  assertEquals(data.imageShape, [32, 32, 3]);
  assertEquals(data.labels, Uint8Array.of(0, 1));
  assertEquals(data.describe(), "own test, 2 images, custom");
  assertEquals(createDataset({ ...parts, split: "train" }).split, "train");
  const digits = createDataset({ ...parts, name: "mnist", classNames: undefined });
  assertEquals([digits.classNames.length, digits.describe()], [10, "MNIST test, 2 images, custom"]);
});

const wrong: readonly [change: Record<string, unknown>, error: ErrorConstructor, says: string][] = [
  [{ image_shape: [28, 28, 1] }, TypeError, "did you mean imageShape"],
  [{ name: undefined }, TypeError, "without name"],
  [{ name: " " }, RangeError, "name"],
  [
    { name: "../own" },
    RangeError,
    "no slash, backslash or control character, since file names start",
  ],
  [{ name: "own\n" }, RangeError, 'but found "own\\n"'],
  [{ name: 3 }, TypeError, "name"],
  [{ classNames: undefined }, TypeError, 'classNames to name the classes of "own"'],
  [{ classNames: ["a", 1] }, TypeError, "classNames[1]"],
  [{ classNames: Array(257).fill("a") }, RangeError, "classNames.length"],
  [{ images: new Float32Array(2 * 28 * 28) }, TypeError, "found Float32Array"],
  [{ images: new Uint8Array(28 * 28) }, RangeError, "2 x 784 bytes"],
  [{ imageShape: undefined }, RangeError, "2 x 3072 bytes"],
  [{ imageShape: [28, 28] }, RangeError, "[height, width, channels]"],
  [{ imageShape: [28, 0, 1] }, RangeError, "imageShape[1]"],
  [{ imageShape: 28 }, TypeError, "imageShape"],
  [{ labels: [] }, RangeError, "labels.length"],
  [{ labels: [0, 2] }, RangeError, "labels[1]"],
  [{ labels: [0, -1] }, RangeError, "labels[1]"],
  [{ labels: [0, 0.5] }, RangeError, "labels[1]"],
  [{ labels: 3 }, TypeError, "labels"],
  [{ split: "validation" }, RangeError, "split"],
  [{ source: "own" }, RangeError, "source"],
];

for (const [change, error, says] of wrong) {
  Deno.test(`createDataset names a wrong ${Object.keys(change)[0]}: ${says}`, () => {
    assertThrows(() => createDataset({ ...parts, ...change } as DatasetParts), error, says);
  });
}

Deno.test("a literal without imageShape is 32 x 32 x 3 where its bytes fit, else told", () => {
  const { imageShape: _, ...literal } = ownImages([32, 32, 3]);
  const [batch] = batches(literal as Dataset, { batchSize: 6 });
  assertEquals(batch!.x.shape, [6, 32, 32, 3]);
  batch!.x.dispose();
  batch!.y.dispose();
  assertEquals(splitDataset(literal as Dataset, 0.5, 0)[0].imageShape, [32, 32, 3]);
  const { imageShape: __, ...large } = ownImages([64, 64, 3]);
  for (
    const use of [
      () => batches(large as Dataset),
      () => selectImages(large as Dataset, [0]),
      () => splitDataset(large as Dataset, 0.5, 0),
      () => classBalancedBatches(large as Dataset, { classes: 2, images: 1 }),
    ]
  ) {
    assertThrows(use, TypeError, "imageShape");
  }
});

Deno.test("a literal whose bytes or labels do not fit its imageShape is told", () => {
  const data = ownImages([28, 28, 1]);
  assertThrows(() => batches({ ...data, imageShape: [28, 28, 3] }), RangeError, "28 x 28 x 3");
  assertThrows(() => batches({ ...data, labels: Uint8Array.of(0) }), RangeError, "labels");
  const few = { ...data, classNames: ["a"] };
  assertThrows(() => splitDataset(few, 0.5, 0), RangeError, "classNames");
});

Deno.test("a part of data that call themselves real does not", () => {
  const data = createDataset({ ...parts, source: "real" });
  assertEquals([selectImages(data, [0]).source, firstImages(data, 1).source], [
    "real-subset",
    "real-subset",
  ]);
  assertEquals(selectImages(data, [1, 0]).source, "real");
});
