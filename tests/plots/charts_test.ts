import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { JUPYTER_DISPLAY } from "../../lib/format/jupyter_display.ts";
import { createChart } from "../../lib/plots/chart.ts";
import { decodePng } from "./_pixels.ts";
import { SAMPLES } from "./samples.ts";
import { overlaps, textBoxes } from "./_text_boxes.ts";

// Not .svg: the formatter would rewrite them.
const snapshotPath = (name: string) => new URL(`./__snapshots__/${name}.svg.snap`, import.meta.url);

for (const [name, make] of Object.entries(SAMPLES)) {
  Deno.test(`${name} draws the same picture as its snapshot`, async () => {
    const { svg } = make();
    if (Deno.env.get("UPDATE_SNAPSHOTS") === "1") await Deno.writeTextFile(snapshotPath(name), svg);
    const expected = await Deno.readTextFile(snapshotPath(name));
    assert(svg === expected, `${name} changed; look at it, then run with UPDATE_SNAPSHOTS=1`);
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

Deno.test("drawing leaves no document behind", () => {
  SAMPLES["robustness_curve"]!();
  assertEquals("document" in globalThis, false);
});

Deno.test("a chart shows itself in Jupyter as SVG and text", () => {
  const chart = SAMPLES["confusion_heatmap"]!();
  assertEquals(chart[JUPYTER_DISPLAY](), {
    "image/svg+xml": chart.svg,
    "text/plain": chart.summary,
  });
  assertEquals(JUPYTER_DISPLAY, Symbol.for("Jupyter.display"));
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
