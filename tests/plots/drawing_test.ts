import fc from "fast-check";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { encodeIndexedPng } from "../../lib/plots/_indexed_png.ts";
import { inkOn, tint } from "../../lib/plots/_palette.ts";
import { encodePng } from "../../lib/plots/_png.ts";
import { symbolPath } from "../../lib/plots/_symbols.ts";
import { textWidth, wrapText } from "../../lib/plots/_text.ts";
import { spacedTicks } from "../../lib/plots/_spaced_ticks.ts";
import { decodePng } from "./_pixels.ts";
import { overlaps, textBoxes } from "./_text_boxes.ts";

for (const channels of [1, 3]) {
  Deno.test(`an encoded image of ${channels} channels decodes to the same pixels`, () => {
    const [height, width] = [5, 7];
    const pixels = Uint8Array.from(
      { length: height * width * channels },
      (_, at) => (at * 37) % 256,
    );
    const decoded = decodePng(encodePng(pixels, [height, width, channels]));
    assertEquals([decoded.height, decoded.width], [height, width]);
    for (let at = 0; at < height * width; at++) {
      for (let channel = 0; channel < 3; channel++) {
        const expected = pixels[channels * at + Math.min(channel, channels - 1)];
        assertEquals(decoded.pixels[4 * at + channel], expected);
      }
      assertEquals(decoded.pixels[4 * at + 3], 255);
    }
  });
}

Deno.test("a picture of few colours keeps each pixel in a palette", () => {
  const rgba = Uint8Array.from({ length: 5 * 3 * 4 }, (_, k) => k % 4 === 3 ? 255 : (k * 7) % 256);
  assertEquals(decodePng(encodeIndexedPng(rgba, 5)), { width: 5, height: 3, pixels: rgba });
});

Deno.test("a picture of many colours keeps its ground and comes close in the rest", () => {
  const [width, height] = [200, 100];
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let k = 0; k < 10_000; k++) rgba.set([k % 256, (k >> 3) % 256, (k * 7) % 256], 4 * k);
  const { pixels } = decodePng(encodeIndexedPng(rgba, width));
  assertEquals(pixels.subarray(40_000), rgba.subarray(40_000));
  const off = pixels.reduce((sum, value, k) => sum + Math.abs(value - rgba[k]!), 0);
  assert(off / (3 * 10_000) < 16, `the mean difference is ${off / 30_000}`);
});

Deno.test("text widths are those of DejaVu Sans", () => {
  // Advances in the font's own units (2048 an em): H 1540, i 569, space 651.
  assert(Math.abs(textWidth("Hi H", 2048) - (1540 + 569 + 651 + 1540)) < 3);
});

Deno.test("East Asian letters count as wide as high", () => {
  assertEquals([..."猫ねこ고양이"].map((letter) => textWidth(letter, 10)), Array(6).fill(10));
  assert(textWidth("é✓", 10) < 20);
});

Deno.test("wrapped lines fit and keep every character but the blanks", () => {
  fc.assert(fc.property(
    fc.array(fc.stringMatching(/^[a-z0-9-]{1,40}$/), { minLength: 1, maxLength: 8 }),
    fc.integer({ min: 30, max: 400 }),
    (words, width) => {
      const lines = wrapText(words.join(" "), width);
      for (const line of lines) assert(textWidth(line) <= width);
      assertEquals(lines.join("").replaceAll(" ", ""), words.join(""));
    },
  ));
});

Deno.test("a run's id that is too long breaks after a hyphen", () => {
  assertEquals(wrapText("mnist-to-svhn-finetune", textWidth("mnist-to-svhn-fi")), [
    "mnist-to-svhn-",
    "finetune",
  ]);
});

Deno.test("text on a heat map's cell has at least the contrast WCAG asks for", () => {
  const luminance = (color: string) => {
    const [r, g, b] = [1, 3, 5].map((start) => {
      const value = parseInt(color.slice(start, start + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  fc.assert(fc.property(
    fc.constantFrom("#0072B2", "#D55E00"),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (color, share) => {
      const background = tint(color, share);
      const [low, high] = [luminance(background), luminance(inkOn(background))].sort((a, b) =>
        a - b
      );
      assert((high! + 0.05) / (low! + 0.05) >= 4.5);
    },
  ));
});

Deno.test("ticks keep their distance and the largest value", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 20 }),
    (values) => {
      const ticks = spacedTicks(values, (value) => 2 * value, 22);
      assertEquals(ticks.at(-1), Math.max(...values));
      ticks.slice(1).forEach((tick, index) => assert(2 * (tick - ticks[index]!) >= 22));
    },
  ));
});

Deno.test("symbols are centred where they belong", () => {
  assertEquals(symbolPath("square", 10, 20, 10), "M1,11L19,11L19,29L1,29Z");
  assertEquals(symbolPath("circle", 10, 20, 5), "M5,20a5,5 0 1,0 10,0a5,5 0 1,0 -10,0");
});

Deno.test("the search for overlapping labels finds them", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99" font-size="14">' +
    '<g transform="translate(10,20)"><text x="5" y="0">wide label</text></g>' +
    '<text x="60" y="22" text-anchor="middle">other</text><text x="60" y="60">far</text></svg>';
  assertEquals(overlaps(textBoxes(svg).boxes), ['"wide label" and "other"']);
});
