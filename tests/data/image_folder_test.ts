import { decodeImage } from "../../lib/data/_decode_image.ts";
import { imageFolder, type ImageFolderOptions } from "../../lib/data/image_folder.ts";
import { createDataset } from "../../lib/data/dataset.ts";
import { coverCentre } from "../../lib/data/resize.ts";
import { splitDataset } from "../../lib/data/split_dataset.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { warningsOf } from "../warnings.ts";
import { directoryWith, sha256 } from "./fixtures.ts";

const fixtures = new URL("../fixtures/images", import.meta.url).pathname;
const golden = JSON.parse(
  await Deno.readTextFile(new URL("../golden/images.json", import.meta.url)),
) as {
  kinds: Record<string, { shape: [number, number]; pixels: string }>;
  fits: { file: string; size: [number, number]; pixels: string }[];
};

const picture = (path: string) => Deno.readFile(`${fixtures}/${path}`);
const anImage = await picture("kinds/rgb.png");
const another = await picture("kinds/lossless.webp");
const third = await picture("kinds/rgb.jpg");

/** The sentence with which a folder is refused. */
async function refusal(directory: string, options: Partial<ImageFolderOptions> = {}) {
  const error = await assertRejects(() => imageFolder(directory, { size: 8, ...options }));
  return (error as Error).message;
}

for (const [name, { shape, pixels }] of Object.entries(golden.kinds)) {
  Deno.test(`${name} is decoded as by Pillow, upright and over white`, async () => {
    const image = await decodeImage(await picture(`kinds/${name}`));
    assertEquals([image.height, image.width], shape);
    assertEquals(await sha256(image.pixels), pixels);
  });
}

Deno.test("images are scaled and cut as NumPy does by the same rule", async () => {
  for (const { file, size, pixels } of golden.fits) {
    const image = await decodeImage(await picture(`shapes/${file}`));
    const fitted = coverCentre(image.pixels, [image.height, image.width], size);
    assertEquals(await sha256(fitted), pixels, `${file} to ${size}`);
  }
});

Deno.test("classes and files come in code-point order, whatever the file system's", async () => {
  const directory = await directoryWith({
    "own/b/2.png": anImage,
    "own/b/10.webp": another,
    "own/B/x.jpg": third,
    "own/\u{1F600}/x.png": anImage,
    "own/\uFF5E/x.png": anImage,
    "own/b/sub/0.png": anImage,
    "own/.hidden/x.png": anImage,
    "own/b/.DS_Store": Uint8Array.of(0),
    "own/README.txt": Uint8Array.of(65),
  });
  const data = await imageFolder(`${directory}/own`, { size: 8 });
  // U+1F600 follows U+FF5E, though its first UTF-16 unit is lower.
  assertEquals(data.classNames, ["B", "b", "\uFF5E", "\u{1F600}"]);
  const paths = data.manifest.files.map(({ path }) => path);
  assertEquals(paths, [
    "B/x.jpg",
    "b/10.webp",
    "b/2.png",
    "b/sub/0.png",
    "\uFF5E/x.png",
    "\u{1F600}/x.png",
  ]);
  assertEquals([...data.labels], [0, 1, 1, 1, 2, 3]);
  assertEquals(data.describe(), "own test, 6 images, custom");
});

Deno.test("the manifest tells file, hash, label, format and original size; parts do not carry it", async () => {
  const directory = await directoryWith({ "own/a/1.jpg": third, "own/b/1.png": anImage });
  const data = await imageFolder(`${directory}/own`, { size: [6, 4], split: "train" });
  assertEquals(data.manifest, {
    schema: 1,
    name: "own",
    size: [6, 4],
    classNames: ["a", "b"],
    files: [
      {
        path: "a/1.jpg",
        sha256: await sha256(third),
        label: 0,
        format: "jpeg",
        height: 55,
        width: 85,
      },
      {
        path: "b/1.png",
        sha256: await sha256(anImage),
        label: 1,
        format: "png",
        height: 11,
        width: 17,
      },
    ],
  });
  assertEquals([data.imageShape, data.split], [[6, 4, 3], "train"]);
  assertEquals(JSON.parse(JSON.stringify(data.manifest)), data.manifest);
  const changed = createDataset({ ...data, images: new Uint8Array(data.images.length) });
  assert(!("manifest" in changed));
});

Deno.test("a file is what its first bytes say", async () => {
  const directory = await directoryWith({ "own/a/1.png": third, "own/b/noname": another });
  const { manifest } = await imageFolder(`${directory}/own`, { size: 8 });
  assertEquals(manifest.files.map(({ format }) => format), ["jpeg", "webp"]);
});

Deno.test("all bad files are named together, each with what is wrong", async () => {
  const bad = [...Deno.readDirSync(`${fixtures}/bad`)].map(({ name }) => name);
  const files = await Promise.all(
    bad.map(async (name) => [`own/a/${name}`, await picture(`bad/${name}`)] as const),
  );
  const directory = await directoryWith({
    ...Object.fromEntries(files),
    "own/a/good.png": anImage,
    "own/b/good.png": another,
  });
  const message = await refusal(`${directory}/own`);
  assertStringIncludes(message, `${bad.length} files of ${bad.length + 2} in ${directory}/own`);
  for (const name of bad) assertStringIncludes(message, `a/${name}: it is `);
  assertStringIncludes(message, "a/other.gif: it is a GIF, not PNG, JPEG or WebP");
  assertStringIncludes(message, "a/drawing.png: it is an SVG");
  assertStringIncludes(message, "a/cut.jpg: it is damaged");
  assertEquals(message.split("\n").length, 1);
});

Deno.test("folders that hold no classes are refused in one sentence", async () => {
  const directory = await directoryWith({
    "flat/1.png": anImage,
    "mixed/a/1.png": anImage,
    "mixed/1.png": anImage,
    "hollow/a/1.png": anImage,
    "hollow/b/.keep": Uint8Array.of(),
    "file": anImage,
  });
  await Deno.mkdir(`${directory}/empty`);
  const cases = [
    ["none", `found nothing at ${directory}/none`],
    ["file", `found a file at ${directory}/file`],
    ["empty", "no folder in it"],
    ["flat", "1 images outside of any, e.g. 1.png"],
    ["mixed", "1 images outside of any, e.g. 1.png"],
    ["hollow", `${directory}/hollow/b holds no images`],
  ] as const;
  for (const [name, says] of cases) {
    assertStringIncludes(await refusal(`${directory}/${name}`), says);
  }
});

Deno.test("classNames fixes the labels; folders of other names are refused", async () => {
  const directory = await directoryWith({ "own/dog/1.png": anImage, "own/cat/1.png": another });
  const data = await imageFolder(`${directory}/own`, {
    size: 8,
    classNames: ["dog", "fox", "cat"],
  });
  assertEquals([...data.labels], [0, 2]);
  assertEquals(data.classNames, ["dog", "fox", "cat"]);
  const message = await refusal(`${directory}/own`, { classNames: ["dog", "cats"] });
  assertStringIncludes(message, "among classNames (dog, cats) but found cat");
  assertStringIncludes(
    await refusal(`${directory}/own`, { classNames: ["dog", "dog", "cat"] }),
    "twice",
  );
});

Deno.test("folders train and test are splits; one must be chosen", async () => {
  const directory = await directoryWith({
    "own/train/a/1.png": anImage,
    "own/train/b/1.png": another,
    "own/val/a/1.jpg": third,
    "own/val/b/1.png": another,
  });
  const read = (split: "train" | "test") => imageFolder(`${directory}/own`, { size: 8, split });
  assertEquals((await read("train")).describe(), "own train, 2 images, custom");
  assertEquals((await read("test")).manifest.files[0]!.path, "a/1.jpg");
  assertStringIncludes(await refusal(`${directory}/own`), 'split: "train" or "test"');
});

Deno.test("a folder with a published name is not that data set", async () => {
  const directory = await directoryWith({ "mnist/a/1.png": anImage, "mnist/b/1.png": another });
  const data = await imageFolder(`${directory}/mnist`, { size: 32 });
  assertEquals(data.describe(), "mnist-images test, 2 images, custom");
});

Deno.test("copies are named in a warning, those under another class first", async () => {
  const directory = await directoryWith({
    "own/a/1.png": anImage,
    "own/a/2.png": anImage,
    "own/b/3.png": anImage,
    "own/b/4.png": another,
  });
  const said = (await warningsOf(() => imageFolder(`${directory}/own`, { size: 8 }))).join();
  assertStringIncludes(said, "2 of 4 files");
  assertStringIncludes(said, "b/3.png of a/1.png, which has another class");
});

Deno.test("links inside the folder are followed; one out of it or above itself is named", async () => {
  const directory = await directoryWith({
    "own/a/1.png": anImage,
    "own/b/1.png": another,
    "x.jpg": third,
  });
  const own = `${directory}/own`;
  await Deno.symlink(`${own}/b/1.png`, `${own}/b/2.png`);
  await warningsOf(async () => assertEquals((await imageFolder(own, { size: 8 })).length, 3));
  await Deno.symlink(`${directory}/x.jpg`, `${own}/a/2.jpg`);
  const out = await refusal(own);
  assertStringIncludes(out, "a/2.jpg");
  assertStringIncludes(out, "a symbolic link to");
  await Deno.remove(`${own}/a/2.jpg`);
  await Deno.symlink(`${own}/a`, `${own}/a/loop`);
  assertStringIncludes(await refusal(own), "a/loop is a link to a folder above itself");
});

Deno.test("60 pictures in three classes are split by seed, each class alike", async () => {
  const files = Array.from({ length: 60 }, (_, k) => [
    `own/${"abc"[k % 3]}/${k}.png`,
    k % 2 ? anImage : another,
  ]);
  const directory = await directoryWith(Object.fromEntries(files));
  const read = imageFolder(`${directory}/own`, { size: 8, split: "train" });
  await warningsOf(() => read);
  const [rest, held] = splitDataset(await read, 0.2, 3);
  const perClass = (labels: Uint8Array) =>
    [0, 1, 2].map((c) => labels.filter((l) => l === c).length);
  assertEquals([perClass(rest.labels), perClass(held.labels)], [[16, 16, 16], [4, 4, 4]]);
});
