/** README, summaries, page and charts where some runs have several seeds. */
import { join } from "node:path";
import { publishRuns, redrawPublished } from "../../../lib/experiments/report/publish.ts";
import {
  accuracyChart,
  learningCurveChart,
} from "../../../lib/experiments/views/comparison_charts.ts";
import type { RunRecord } from "../../../lib/experiments/records/record.ts";
import { comparisons } from "../../../lib/experiments/report/gallery.ts";
import { writeIndexPage } from "../../../lib/experiments/report/index_page.ts";
import { resultsBlock } from "../../../lib/cli/readme/_results.ts";
import { firstSeedLabel } from "../../../lib/experiments/records/run_groups.ts";
import { metricsSummaryJson, writeSummaries } from "../../../lib/experiments/report/summaries.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
} from "../../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";

/** svhn-baseline and svhn-ls with seeds 0 to 2, svhn-adam with seed 0; gaps of 4, 2, 6 of 80 images. */
async function mixed(folder: string): Promise<RunRecord[]> {
  const rights = { "svhn-baseline": [60, 62, 64], "svhn-ls": [64, 64, 70], "svhn-adam": [66] };
  return await Promise.all(
    Object.entries(rights).flatMap(([id, list]) =>
      list.map((right, seed) => inventRun(`${folder}/${id}-s${seed}`, { id, seed, right }))
    ),
  );
}

const firstLine = (text: string) => text.split("\n")[0]!;

Deno.test("README says of how many runs there are several seeds, and what that allows", () =>
  withFolder(async (folder) => {
    const runs = await mixed(folder);
    const first = runs.filter(({ seed }) => seed === 0);
    assertEquals(
      firstLine(resultsBlock(first)),
      "3 runs, one training seed each: an interval covers the choice of test images, not the " +
        "training's luck.",
    );
    assert(!resultsBlock(first).includes("±"));
    assert(!resultsBlock(first).includes("Run − baseline"));
    const some = resultsBlock(runs);
    assertStringIncludes(
      firstLine(some),
      "3 runs, 2 with 3 training seeds (`svhn-baseline`, `svhn-ls`). ",
    );
    assertStringIncludes(firstLine(some), "3 seeds decide little");
    assertStringIncludes(firstLine(some), "1 run has one seed: an interval covers the choice");
    assertStringIncludes(some, "| `svhn-ls` | svhn test, 80 images, procedural | 82.50 ± 4.33 (n");
    assertStringIncludes(
      some,
      "| svhn-ls − svhn-baseline | Accuracy % | 3 | 82.50 | 77.50 | +5.00 [−1.21, +11.21] | 2.50 |",
    );
    const all = resultsBlock(runs.filter(({ id }) => id !== "svhn-adam"));
    assertStringIncludes(firstLine(all), "2 runs, each with 3 training seeds. Values");
    assert(!firstLine(all).includes("one seed"));
  }));

Deno.test("the summary holds spread and paired difference where there are seeds for them", () =>
  withFolder(async (folder) => {
    const runs = await mixed(folder);
    const { runs: found } = JSON.parse(metricsSummaryJson(runs));
    const own = (id: string) =>
      found.find((run: { id: string }) => run.id === id).evaluations.find(
        ({ name }: { name: string }) => name === "svhn-test",
      );
    const { overSeeds, differenceToBaseline, seeds } = own("svhn-ls");
    assertEquals([overSeeds.accuracy.n, seeds.length], [3, 3]);
    assertAlmostEquals(overSeeds.accuracy.mean, 66 / 80, 1e-12);
    assertEquals(differenceToBaseline.baseline, "svhn-baseline");
    assertEquals(differenceToBaseline.seeds, [0, 1, 2]);
    const { mean, sd, n, low, high } = differenceToBaseline.accuracy;
    assertAlmostEquals(mean, 0.05, 1e-12);
    assertAlmostEquals(sd, 0.025, 1e-12);
    assertEquals(n, 3);
    assertAlmostEquals(low, 0.05 - 4.302653 * 0.025 / Math.sqrt(3), 1e-8);
    assertAlmostEquals(high, 0.05 + 4.302653 * 0.025 / Math.sqrt(3), 1e-8);
    for (const id of ["svhn-baseline", "svhn-adam"]) {
      assertEquals("differenceToBaseline" in own(id), false, id);
    }
    const [training, , robustness] = await writeSummaries(runs, join(folder, "out"));
    const points = (await Deno.readTextFile(robustness!)).split("\n");
    assertEquals(
      points[0],
      "run,dataset,source,attack,epsilon_255,steps,images,accuracy,accuracy_sd,accuracy_low," +
        "accuracy_high,seeds",
    );
    const pgd = points.filter((row) => row.startsWith("svhn-ls,svhn,procedural,pgd,8.00,"));
    assertEquals(pgd, ["svhn-ls,svhn,procedural,pgd,8.00,10,40,25.00,0.00,,,3"]);
    const rows = (await Deno.readTextFile(training!)).trim().split("\n").map((row) =>
      row.split(",")
    );
    const cell = (id: string, name: string) =>
      rows.find(([run]) => run === id)![rows[0]!.indexOf(name)];
    assertEquals(cell("svhn-ls", "test_accuracy"), "82.50");
    assertEquals(cell("svhn-ls", "test_accuracy_sd"), "4.33");
    assertEquals(cell("svhn-ls", "test_accuracy_low"), "");
    assertEquals(cell("svhn-ls", "seeds"), "3");
    assertEquals(cell("svhn-adam", "test_accuracy_sd"), "");
    assert(cell("svhn-adam", "test_accuracy_low") !== "");
  }));

Deno.test("a chart of accuracies shows the seeds' mean and each of them", () =>
  withFolder(async (folder) => {
    const runs = await mixed(folder);
    const { summary } = await accuracyChart(runs);
    assertStringIncludes(summary, "svhn-ls (n = 3) 82.5 % [");
    assertStringIncludes(summary, "mean of 80.0 %, 80.0 %, 87.5 %");
    assertStringIncludes(summary, "seeds 0, 1, 2 of 2 runs; seed 0 of 1 run.");
    assertStringIncludes(summary, "svhn-adam 82.5 % [");
    const single = await accuracyChart(runs.filter(({ seed }) => seed === 0));
    assert(!single.svg.includes("rings") && !single.summary.includes("mean of"));
    const [figure] = comparisons(runs);
    assertEquals(figure!.name, "svhn_accuracy");
    assertStringIncludes(figure!.paragraph, "a ring for each");
    assertEquals((await figure!.draw()).summary, summary);
    assertEquals(comparisons(runs.filter(({ id }) => id === "svhn-ls")).map(({ name }) => name), [
      "label_smoothing_calibration",
    ]);
  }));

Deno.test("a learning curve has one point for all seeds of a size", () =>
  withFolder(async (folder) => {
    const runs = await Promise.all(
      [40, 44].map((right, seed) =>
        inventRun(`${folder}/${seed}`, { id: "mnist-to-svhn-scratch", seed, right })
      ),
    );
    const { summary, svg } = await learningCurveChart(runs);
    assertStringIncludes(summary, "scratch 52.5 % with 100 (mean of 50.0 %, 55.0 %)");
    assertStringIncludes(svg, "rings: single seeds");
    const single = await learningCurveChart([runs[0]!]);
    assertStringIncludes(single.summary, "scratch 50.0 % with 100");
    assert(!single.svg.includes("rings"));
  }));

Deno.test("pictures of one seed are of the lowest and name it", () =>
  withFolder(async (folder) => {
    const runs = await mixed(folder);
    const figure = comparisons(runs.toReversed()).find(({ name }) => name === "svhn_training");
    assertStringIncludes((await figure!.draw()).summary, "Profile quick, seed 0.");
  }));

Deno.test("the page's conclusion tells t-intervals from intervals over images", () =>
  withFolder(async (folder) => {
    const runs = await mixed(folder);
    const page = async (list: RunRecord[]) =>
      await Deno.readTextFile(
        await writeIndexPage(list, { root: folder, path: join(folder, "index.html") }),
      );
    const html = await page(runs);
    assertStringIncludes(html, "a t-interval is over training seeds");
    assertStringIncludes(html, "svhn-ls − svhn-baseline");
    assertStringIncludes(html, "paired over the 3 seeds 0, 1, 2:");
    assertStringIncludes(html, "seed 0 (the only one that both have)");
    const single = await page(runs.filter(({ seed }) => seed === 0));
    assertStringIncludes(single, "one seed a run says nothing about another seed.");
    assert(!single.includes("t-interval"));
  }));

Deno.test("of several published seeds the lowest has figures of its own, the others are in the summaries", () =>
  withFolder(async (folder) => {
    const [zero, one, two] = await Promise.all(
      [0, 1, 2].map((seed) => inventRun(`${folder}/runs/${seed}`, { id: "svhn-ls", seed })),
    );
    const figures = () =>
      [...Deno.readDirSync(join(folder, "figures"))].map(({ name }) => name)
        .filter((name) => name.endsWith(".svg")).sort();
    await publishRuns([zero!], folder);
    const before = figures();
    assertEquals(before.filter((name) => name.startsWith("svhn-ls-s0")).length, 3);
    await publishRuns([one!, two!], folder);
    assertEquals(figures(), before);
    assertEquals(await redrawPublished(folder), 3);
    assertEquals(figures(), before);
    const csv = await Deno.readTextFile(join(folder, "data", "results", "training_summary.csv"));
    assertEquals(csv.trim().split(",").at(-1), "3");
  }));

Deno.test("a sentence about the first seed alone says so where there are others", () =>
  withFolder(async (folder) => {
    const runs = (await mixed(folder)).filter(({ id }) => id === "svhn-ls");
    assertEquals(firstSeedLabel(runs), "svhn-ls (seed 0)");
    assertEquals(firstSeedLabel(runs.slice(1, 2)), "svhn-ls");
  }));
