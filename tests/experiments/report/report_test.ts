import { basename, join } from "node:path";
import { commandOf } from "../../../lib/experiments/report/_commands.ts";
import { brokenLinks, requirements } from "../../../lib/experiments/report/coverage_matrix.ts";
import { comparisons, writeFigures } from "../../../lib/experiments/report/gallery.ts";
import { writeIndexPage } from "../../../lib/experiments/report/index_page.ts";
import { REFERENCES } from "../../../lib/experiments/report/_references.ts";
import { assert, assertEquals, assertStringIncludes } from "../../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";

Deno.test("the index page holds its tables, figures and references and fetches nothing", () =>
  withFolder(async (folder) => {
    const runs = [
      await inventRun(join(folder, "a")),
      await inventRun(join(folder, "b"), { id: "svhn-ls", right: 50 }),
      await inventRun(join(folder, "c"), { id: "cifar-base" }),
      await inventRun(join(folder, "d"), { id: "cifar-pgd-at", robust: 20 }),
    ];
    const path = await writeIndexPage(runs, {
      root: folder,
      path: join(folder, "html", "index.html"),
      notebooks: [
        {
          title: "1 · Generalization",
          question: "Which digits?",
          page: join(folder, "html", "1_generalization.html"),
          notes: ["all 9 cells ran in order"],
        },
        { title: "2 · Transfer", notes: [], failure: "failed at cell 3: Error: <x>" },
      ],
    });
    const html = await Deno.readTextFile(path);
    for (
      const text of ["Table I.", "Table II.", "Table III.", "Table IV.", "Table V.", "Table VI."]
    ) {
      assertStringIncludes(html, text);
    }
    assertStringIncludes(html, "deno task matrix --profile quick --only cifar-pgd-at");
    assertStringIncludes(html, '<a href="1_generalization.html">1 · Generalization</a>');
    assertStringIncludes(html, "Which digits?");
    assertStringIncludes(html, "failed at cell 3: Error: &lt;x&gt;");
    assert(!html.includes('{"deno"'));
    assertStringIncludes(html, 'href="../lib/attacks/pgd.ts"');
    assertEquals(html.match(/<figure>/g)?.length, comparisons(runs).length);
    assertEquals(html.match(/<figure>/g)?.length, html.match(/<figcaption>/g)?.length);
    // Nothing is loaded from anywhere: no script, no address but the namespaces of SVG.
    assert(!/<script|<link|@import|url\(http/i.test(html));
    const fetched = [...html.matchAll(/(?:src|href)="(?!#|data:)(?:https?:)?\/\/[^"]*"/g)];
    assertEquals(fetched, []);
    // Every link of the table of contents has its target.
    for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) {
      assertStringIncludes(html, `id="${id}"`);
    }
  }));

Deno.test("the command of a run names its profile, its data where they were real, and its seed", () =>
  withFolder(async (folder) => {
    const quick = await inventRun(join(folder, "a"));
    assertEquals(commandOf(quick), "deno task matrix --profile quick --only svhn-baseline");
    const real = await inventRun(join(folder, "b"), {
      profile: "standard",
      source: "real",
      seed: 2,
    });
    assertEquals(
      commandOf(real),
      "deno task matrix --profile standard --data DIR --only svhn-baseline --seeds 2",
    );
  }));

Deno.test("figures are drawn from the record under names that tell run, evaluation and chart", () =>
  withFolder(async (folder) => {
    const run = await inventRun(join(folder, "a"), { id: "svhn-ls" });
    const names = async () =>
      (await writeFigures([run], join(folder, "figures"))).map((path) => basename(path));
    assertEquals(await names(), [
      "svhn-ls-s0.training_curves.svg",
      "svhn-ls-s0.training_curves.png",
      "svhn-ls-s0.svhn-test.confusion.svg",
      "svhn-ls-s0.svhn-test.confusion.png",
      "svhn-ls-s0.svhn-test.calibration.svg",
      "svhn-ls-s0.svhn-test.calibration.png",
    ]);
    const main = await inventRun(join(folder, "b"));
    await Deno.writeTextFile(join(main.directory, "svhn-test.grid.svg"), "<svg/>");
    const all = (await writeFigures([main], join(folder, "figures"))).map((path) => basename(path));
    assertEquals(all.length, 2 * 8 + 1); // eight drawn charts, and what there is of the grid
    assert(all.includes("svhn-baseline-s0.svhn-test.grid.svg"));
  }));

Deno.test("there are nine references, and each requirement's code, section and evidence exist", async () => {
  assertEquals(REFERENCES.length, 9);
  assert(requirements.length > 20);
  assertEquals(await brokenLinks(new URL("../../../", import.meta.url)), []);
});
