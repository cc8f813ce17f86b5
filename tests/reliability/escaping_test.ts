import { join } from "node:path";
import { confusionHeatmap } from "../../lib/plots/confusion_heatmap.ts";
import { writeIndexPage } from "../../lib/experiments/report/index_page.ts";
import { trainingTable } from "../../lib/experiments/tables/training_table.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { inventRun, withFolder } from "../experiments/synthetic_run.ts";

const EVIL = `<script>alert("x")</script>`;

Deno.test("names from data are text in charts, tables and the index page, never markup", () =>
  withFolder(async (folder) => {
    const { svg } = confusionHeatmap([[1, 2], [3, 4]], { classNames: [EVIL, "b"], title: EVIL });
    assertEquals(svg.includes("<script"), false);

    const run = await inventRun(join(folder, "run"));
    const evil = {
      ...run,
      config: { ...run.config, description: EVIL },
      metrics: { ...run.metrics, description: EVIL },
    };
    assertEquals(trainingTable([evil]).toHtml().includes("<script"), false);
    const path = join(folder, "html", "index.html");
    await writeIndexPage([evil], { root: folder, path, notebookPages: [] });
    const page = await Deno.readTextFile(path);
    assertEquals(page.includes("<script"), false);
    assertStringIncludes(page, "&lt;script&gt;");
    assert(page.length > 1000);
  }));
