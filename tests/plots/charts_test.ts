import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "../../lib/assert/mod.ts";
import { JUPYTER_DISPLAY } from "../../lib/format/jupyter_display.ts";
import { createChart } from "../../lib/plots/chart.ts";
import { decodePng } from "./_pixels.ts";
import { SAMPLES } from "./samples.ts";
import { overlaps, textBoxes } from "./_text_boxes.ts";

// Not .svg: the formatter would rewrite them.
const snapshotPath = (name: string) => new URL(`./__snapshots__/${name}.svg.snap`, import.meta.url);

const GEOMETRY = /\b(?:d|points|transform|[cr]?[xy][12]?|r|width|height|href)="([^"]*)"/g;

/** What a chart says, without its colours and fonts: its texts, and where its marks lie in pixels. */
function drawn(svg: string): { texts: string[]; marks: string[] } {
  const rounded = (text: string) =>
    text.replace(/-?\d*\.\d+(?:e-?\d+)?/g, (number) => Number(number).toFixed(1));
  const marks = svg.matchAll(/<(path|circle|rect|line|polygon|polyline|image|text|g)\b([^>]*)>/g);
  return {
    texts: [...svg.matchAll(/>([^<>]+)</g)].map(([, text]) => text!.trim()),
    marks: [...marks].map(([, tag, attributes]) =>
      [tag, ...[...attributes!.matchAll(GEOMETRY)].map(([, value]) => rounded(value!))].join(" ")
    ),
  };
}

for (const [name, make] of Object.entries(SAMPLES)) {
  Deno.test(`${name} draws the data of its snapshot`, async () => {
    const { svg } = make();
    if (Deno.env.get("UPDATE_SNAPSHOTS") === "1") await Deno.writeTextFile(snapshotPath(name), svg);
    const expected = drawn(await Deno.readTextFile(snapshotPath(name)));
    assert(expected.texts.length > 3 && expected.marks.length > 3);
    assertEquals(drawn(svg), expected, `look at ${name}, then run with UPDATE_SNAPSHOTS=1`);
    assertEquals(make().svg, svg); // and again, in the same process
  });

  Deno.test(`${name} is a labelled image of its own, safe beside others on one page`, () => {
    const { svg, summary } = make();
    assertStringIncludes(svg, '<svg xmlns="http://www.w3.org/2000/svg"');
    assertStringIncludes(svg, 'role="img"');
    assertStringIncludes(svg, "<title>");
    assertStringIncludes(summary, "real (subset)");
    assert(/\d/.test(summary.replace(/.*seed 0 · /, "")), "the summary has no number");
    for (const banned of [" id=", "url(#", "<style", "currentColor", "NaN", "undefined"]) {
      assert(!svg.includes(banned), `found ${banned}`);
    }
    assert(svg.includes("DejaVu Sans"));
  });

  Deno.test(`${name} has no text that covers another or leaves the figure`, () => {
    const { boxes, width, height } = textBoxes(make().svg);
    assert(boxes.length > 3);
    assertEquals(overlaps(boxes), []);
    const outside = boxes.filter((box) =>
      box.left < 2 || box.right > width - 2 || box.top < 2 || box.bottom > height - 2
    );
    assertEquals(outside, []);
  });

  Deno.test(`${name} as PNG is twice its size with a white rim and text`, async () => {
    const chart = make();
    const { width, height, pixels } = decodePng(await chart.png());
    const size = textBoxes(chart.svg);
    assertEquals([width, height], [2 * size.width, 2 * size.height]);
    const isWhite = (x: number, y: number) =>
      [0, 1, 2, 3].every((channel) => pixels[4 * (y * width + x) + channel] === 255);
    for (let x = 0; x < width; x++) assert(isWhite(x, 3) && isWhite(x, height - 4), `rim at ${x}`);
    for (let y = 0; y < height; y++) assert(isWhite(3, y) && isWhite(width - 4, y), `rim at ${y}`);
    // The title's line: without a font nothing would be there.
    let dark = 0;
    for (let y = 36; y < 66; y++) for (let x = 32; x < 140; x++) if (!isWhite(x, y)) dark++;
    assert(dark > 100, `found ${dark} inked pixels where the title is`);
  });
}

Deno.test("a moved mark or another number changes what a chart says, a colour does not", () => {
  const svg = '<svg><circle cx="10.04" cy="2" fill="red"/><text x="1">0.5</text></svg>';
  assertEquals(drawn(svg.replace("red", "blue")), drawn(svg));
  for (const [from, to] of [["10.04", "10.14"], ["0.5<", "0.6<"], ['cy="2"', 'cy="3"']]) {
    assertNotEquals(drawn(svg.replace(from!, to!)), drawn(svg));
  }
});

Deno.test("drawing leaves no document behind", () => {
  SAMPLES["robustness_curve"]!();
  assertEquals("document" in globalThis, false);
});

Deno.test("a chart shows itself in Jupyter as SVG, as the same picture in PNG, and as text", async () => {
  const chart = SAMPLES["confusion_heatmap"]!();
  const { "image/png": png, ...texts } = chart[JUPYTER_DISPLAY]() as Record<string, string>;
  assertEquals(texts, { "image/svg+xml": chart.svg, "text/plain": chart.summary });
  const [shown, saved] = [decodePng(Uint8Array.fromBase64(png!)), decodePng(await chart.png())];
  assertEquals([shown.width, shown.height], [saved.width, saved.height]);
  const off = shown.pixels.filter((value, k) => Math.abs(value - saved.pixels[k]!) > 12).length;
  assert(off / shown.pixels.length < 0.005, `${off} of ${shown.pixels.length} values differ`);
  assertEquals(JUPYTER_DISPLAY, Symbol.for("Jupyter.display"));
});

Deno.test("a chart with a character that the font lacks shows itself as SVG and text", () => {
  const chart = createChart(
    '<svg xmlns="http://www.w3.org/2000/svg"><text>犬</text></svg>',
    "dogs",
  );
  assertEquals(Object.keys(chart[JUPYTER_DISPLAY]()), ["image/svg+xml", "text/plain"]);
});

Deno.test("save writes the SVG and the PNG", async () => {
  const directory = await Deno.makeTempDir();
  const chart = SAMPLES["checks_table"]!();
  await chart.save(`${directory}/deep/checks`);
  assertEquals(await Deno.readTextFile(`${directory}/deep/checks.svg`), chart.svg);
  assertEquals(await Deno.readFile(`${directory}/deep/checks.png`), await chart.png());
  assertEquals([...Deno.readDirSync(`${directory}/deep`)].length, 2);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("a picture that cannot be drawn leaves no file", async () => {
  const directory = await Deno.makeTempDir();
  const broken = createChart('<svg xmlns="http://www.w3.org/2000/svg"><g></svg>', "broken");
  await assertRejects(() => broken.save(`${directory}/broken`));
  assertEquals([...Deno.readDirSync(directory)], []);
  await Deno.remove(directory, { recursive: true });
});
