/** Corruptions: every kind is numpy's, scipy's, OpenCV's or Pillow's, pixel by pixel or on average. */
import { corrupt, type CorruptionName, corruptionNames } from "../../lib/data/corrupt.ts";
import * as blur from "../../lib/data/corruptions/blur.ts";
import {
  type Corruption,
  type Severity,
  truncatedByte,
} from "../../lib/data/corruptions/corruption.ts";
import * as digital from "../../lib/data/corruptions/digital.ts";
import { elasticTransform } from "../../lib/data/corruptions/elastic.ts";
import { gaussianNoise, speckleNoise } from "../../lib/data/corruptions/noise.ts";
import { spatter } from "../../lib/data/corruptions/spatter.ts";
import { brightness, fog, snow } from "../../lib/data/corruptions/weather.ts";
import { createDataset, type Dataset } from "../../lib/data/dataset.ts";
import type { Generator } from "../../lib/random/generator.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import golden from "../golden/corruptions.json" with { type: "json" };

const severities = [1, 2, 3, 4, 5] as const;
const classNames = ["a", "b"];

function decode(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** The golden script's generator: the same numbers there and here. */
function draws(seed: number): Generator {
  let state = seed;
  const uniform = () => {
    state = Number((1664525n * BigInt(state) + 1013904223n) % 0x100000000n);
    return state / 0x100000000;
  };
  const normal = () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  };
  const unused = () => {
    throw new Error("no corruption needs it");
  };
  const integer = (bound: number) => Math.floor(uniform() * bound);
  return { uniform, normal, integer, uint32: unused, shuffle: unused };
}

const compared: Readonly<Record<keyof typeof golden.kinds, Corruption>> = {
  gaussian_noise: gaussianNoise,
  speckle_noise: speckleNoise,
  gaussian_blur: blur.gaussianBlur,
  defocus_blur: blur.defocusBlur,
  glass_blur: blur.glassBlur,
  motion_blur: blur.motionBlur,
  zoom_blur: blur.zoomBlur,
  snow,
  fog,
  brightness,
  contrast: digital.contrast,
  saturate: digital.saturate,
  spatter,
  elastic_transform: elasticTransform,
  pixelate: digital.pixelate,
  jpeg_compression: digital.jpegCompression,
};

const image = decode(golden.image);

/** Differences of a kind's bytes from the golden ones, over all severities. */
function differences(kind: keyof typeof golden.kinds): number[] {
  return severities.flatMap((severity) => {
    const pixels = Float64Array.from(image, (byte) => byte / 255);
    const values = compared[kind](pixels, severity, draws(100 * severity + 1));
    const expected = decode(golden.kinds[kind][severity - 1]!);
    assertEquals(values.length, expected.length);
    return Array.from(values, (value, at) => Math.abs(truncatedByte(value) - expected[at]!));
  });
}

for (const kind of Object.keys(compared) as (keyof typeof compared)[]) {
  if (kind === "jpeg_compression") continue;
  Deno.test(`${kind} is within 1/255 of the reference at every pixel and severity`, () => {
    assert(Math.max(...differences(kind)) <= 1);
  });
}

Deno.test("jpeg_compression is within 0.1/255 of Pillow's on average, and 2/255 at every pixel", () => {
  const found = differences("jpeg_compression");
  assert(found.reduce((sum, difference) => sum + difference, 0) / found.length <= 0.1);
  assert(Math.max(...found) <= 2);
});

Deno.test("the kinds are CIFAR-10-C's without frost, and each is compared or measured", () => {
  assertEquals(corruptionNames.length, 18);
  assertEquals(
    corruptionNames.filter((kind) => !(kind in compared)),
    ["shot_noise", "impulse_noise"],
  );
});

/** Images of one grey. */
function greyImages(byte: number, count: number): Dataset {
  return createDataset({
    name: "grey",
    images: new Uint8Array(count * 3072).fill(byte),
    labels: new Uint8Array(count),
    classNames,
  });
}

function moments(bytes: Uint8Array): Moments {
  const mean = bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
  const variance = bytes.reduce((sum, byte) => sum + (byte - mean) ** 2, 0) / bytes.length;
  return { mean, variance };
}

interface Moments {
  readonly mean: number;
  readonly variance: number;
}

/** Compares mean and variance of 20 x 3,072 bytes with the expected ones, in five deviations. */
function assertMoments(kind: CorruptionName, byte: number, expected: readonly Moments[]) {
  const n = 20 * 3072;
  expected.forEach(({ mean, variance }, k) => {
    const severity = (k + 1) as Severity;
    const found = moments(corrupt(greyImages(byte, 20), { kind, severity }).images);
    assertAlmostEquals(found.mean, mean, 5 * Math.sqrt(variance / n), `${kind} ${severity}`);
    assertAlmostEquals(found.variance / variance, 1, 5 * Math.sqrt(2.2 / n), `${kind} ${severity}`);
  });
}

/** Normal noise of a deviation, cut off to bytes: half a byte less on average. */
function normalMoments(byte: number, deviation: number): Moments {
  return { mean: byte - 0.5, variance: (255 * deviation) ** 2 + 1 / 12 };
}

/** A Poisson count over the photons of a white pixel, cut off to bytes, by its definition. */
function poissonMoments(byte: number, photons: number): Moments {
  const mean = photons * byte / 255;
  let [share, first, second] = [Math.exp(-mean), 0, 0];
  for (let count = 0; count < 4 * mean + 50; share *= mean / ++count) {
    const value = Math.floor(255 * Math.min(1, count / photons) + 1e-9);
    first += share * value;
    second += share * value ** 2;
  }
  return { mean: first, variance: second - first ** 2 };
}

Deno.test("noise has the mean and variance of its distribution", () => {
  const gaussian = [0.04, 0.06, 0.08, 0.09, 0.1].map((c) => normalMoments(128, c));
  assertMoments("gaussian_noise", 128, gaussian);
  const speckle = [0.06, 0.1, 0.12, 0.16, 0.2].map((c) => normalMoments(100, c * 100 / 255));
  assertMoments("speckle_noise", 100, speckle);
  assertMoments("shot_noise", 100, [500, 250, 100, 75, 50].map((c) => poissonMoments(100, c)));
});

Deno.test("shot noise is Poisson in its third moment as well, and leaves black black", () => {
  const byte = 51;
  const photons = 50; // mean 10: a skewness of 1 / sqrt(10)
  const found = corrupt(greyImages(byte, 20), { kind: "shot_noise", severity: 5 }).images;
  const counts = Array.from(found, (value) => Math.ceil(value * photons / 255));
  const third = counts.reduce((sum, count) => sum + (count - 10) ** 3, 0) / counts.length;
  assertAlmostEquals(third, 10, 1.5);
  const black = corrupt(greyImages(0, 1), { kind: "shot_noise", severity: 5 });
  assert(black.images.every((value) => value === 0));
});

Deno.test("impulse noise replaces its share of the values, half by black and half by white", () => {
  [0.01, 0.02, 0.03, 0.05, 0.07].forEach((share, k) => {
    const { images } = corrupt(greyImages(77, 40), {
      kind: "impulse_noise",
      severity: (k + 1) as Severity,
    });
    for (const extreme of [0, 255]) {
      const found = images.filter((byte) => byte === extreme).length / images.length;
      assertAlmostEquals(found, share / 2, 5 * Math.sqrt(share / 2 / images.length));
    }
    assert(images.every((byte) => byte === 0 || byte === 77 || byte === 255));
  });
});

/** Some images with gradients. */
const data = createDataset({
  name: "own",
  images: Uint8Array.from({ length: 3 * 3072 }, (_, k) => (k * 7 + (k >> 6) * 31) % 256),
  labels: [0, 1, 0],
  classNames,
});

Deno.test("every kind keeps data, labels and shape, and changes images more or less by severity", () => {
  const before = data.images.slice();
  for (const kind of corruptionNames) {
    const strengths = [1, 5].map((severity) => {
      const corrupted = corrupt(data, { kind, severity: severity as Severity });
      assertEquals(corrupted.labels, data.labels);
      assertEquals(corrupted.name, `own-${kind}-${severity}`);
      assertEquals(corrupted.source, "custom");
      return corrupted.images.reduce((sum, byte, at) => sum + Math.abs(byte - before[at]!), 0);
    });
    assert(strengths.every((strength) => strength > 0), kind);
  }
  assertEquals(data.images, before);
});

Deno.test("an image depends on seed, place, kind and severity alone", () => {
  const random = { kind: "snow", severity: 3, seed: 5 } as const;
  const all = corrupt(data, random).images;
  assertEquals(corrupt(data, random).images, all);
  const first = createDataset({
    name: "own",
    images: data.images.slice(0, 3072),
    labels: [0],
    classNames,
  });
  assertEquals(corrupt(first, random).images, all.slice(0, 3072));
  assert(corrupt(data, { ...random, seed: 6 }).images.some((byte, at) => byte !== all[at]));
  const same = createDataset({
    name: "own",
    images: Uint8Array.from([...first.images, ...first.images]),
    labels: [0, 0],
    classNames,
  });
  const twice = corrupt(same, random).images;
  assert(twice.subarray(0, 3072).some((byte, at) => byte !== twice[3072 + at]));
});

Deno.test("stand-ins stay stand-ins, and corrupted real images are not called real", () => {
  const options = { kind: "contrast", severity: 1 } as const;
  const sourceOf = (source: "procedural" | "unverified") =>
    corrupt({ ...data, source } as Dataset, options).source;
  assertEquals([sourceOf("procedural"), sourceOf("unverified")], ["procedural", "custom"]);
});

Deno.test("other shapes, kinds and severities are refused by name", () => {
  const small = createDataset({
    name: "small",
    images: new Uint8Array(28 * 28),
    labels: [0],
    classNames,
    imageShape: [28, 28, 1],
  });
  const fog = { kind: "fog", severity: 1 } as const;
  assertThrows(() => corrupt(small, fog), RangeError, "32 x 32 x 3");
  assertThrows(() => corrupt(small, fog), RangeError, "28 x 28 x 1");
  assertThrows(() => corrupt(data, { ...fog, kind: "frost" as never }), RangeError, '"frost"');
  assertThrows(() => corrupt(data, { ...fog, severity: 6 as never }), RangeError, "severity");
  assertThrows(() => corrupt(data, { ...fog, severity: 0 as never }), RangeError, "severity");
  assertThrows(() => corrupt(data, { kind: "fog" } as never), TypeError, "severity");
});
