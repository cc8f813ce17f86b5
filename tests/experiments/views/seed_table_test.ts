/** Tables of runs with several seeds: spread, notes and paired differences to the baselines. */
import fc from "fast-check";
import { experimentMatrix, rowOf as knownRow } from "../../../lib/experiments/specs/matrix.ts";
import type { RunRecord } from "../../../lib/experiments/records/record.ts";
import {
  alignSeeds,
  describeRuns,
  groupBySeed,
} from "../../../lib/experiments/records/run_groups.ts";
import { profiles } from "../../../lib/experiments/specs/run_spec.ts";
import { buildTable, type Column, type Table } from "../../../lib/experiments/views/table.ts";
import { runTable } from "../../../lib/experiments/views/_run_table.ts";
import {
  calibrationTable,
  crossDomainTable,
  domainTable,
  fineTuningTable,
  objectiveTable,
  pretrainedTable,
  robustnessTable,
  temperatureTable,
  trainingTable,
} from "../../../lib/experiments/views/tables.ts";
import {
  representationTable,
  shiftTable,
} from "../../../lib/experiments/views/condition_tables.ts";
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "../../../lib/assert/mod.ts";
import { type Invented, inventRun, withFolder } from "../synthetic_run.ts";

/** One number of one run at one seed; only what a table of runs reads of a run. */
interface Item {
  readonly run: RunRecord;
  readonly number: number | null;
  readonly images: string;
}

function item(id: string, seed: number, number: number | null, images = "clean"): Item {
  const metrics = { description: "80 images", provenance: {} };
  const run = { id, seed, metrics } as RunRecord;
  return { run, number, images };
}

const columns: Column<Item>[] = [
  { key: "run", title: "Run", kind: "text", value: ({ run }) => run.id },
  { key: "accuracy", title: "Accuracy % [95 %]", kind: "percent", compared: true, value: numberOf },
  { key: "aurc", title: "AURC", kind: "number", value: numberOf },
];

function numberOf({ number }: Item): number | null {
  return number;
}

const parts = { run: ({ run }: Item) => run };

/** A row of the table of differences without its first column. */
function rowOf(table: Table, start: string): readonly string[] | undefined {
  return table.differences?.rows.find(([name]) => name!.startsWith(start))?.slice(1);
}

function seedsOf(id: string, figures: readonly (number | null)[], first = 0): Item[] {
  return figures.map((number, k) => item(id, first + k, number));
}

Deno.test("every run of the matrix but the baselines has one, of the same data and the same profile", () => {
  for (const profile of profiles) {
    const matrix = new Map(experimentMatrix(profile).map((spec) => [spec.id, spec]));
    for (const { id, dataset, data } of matrix.values()) {
      const baseline = knownRow(id)?.baseline;
      if (baseline === undefined) {
        assert(
          /^(svhn-baseline|cifar-base|cifar-stem-imagenet|digits-joint|mnist-train)$|-scratch/.test(
            id,
          ),
          id,
        );
        continue;
      }
      assert(baseline !== id);
      assertEquals(matrix.get(baseline)?.dataset, dataset, id);
      assertEquals(matrix.get(baseline)?.data, data, id);
    }
  }
  assertEquals(knownRow("mnist-to-svhn-finetune")?.baseline, "mnist-to-svhn-scratch");
  assertEquals(knownRow("svhn-my-own"), undefined);
});

Deno.test("with one seed each, a table of runs is the plain table, byte for byte", () => {
  const groups = [[item("svhn-baseline", 0, 0.5)], [item("svhn-ls", 0, 0.6)]];
  const [plain, found] = [
    buildTable("Caption.", columns, groups),
    runTable("Caption.", columns, groups, parts),
  ];
  assertEquals(found.differences, undefined);
  assertEquals(found.toMarkdown(), plain.toMarkdown());
  assertEquals(found.toHtml(), plain.toHtml());
  assertEquals(found.toCsv(), plain.toCsv());
});

Deno.test("by hand: gaps of 4, 2 and 6 points are +4 ± 4.97 over three seeds", () => {
  const table = runTable("Caption.", columns, [
    seedsOf("svhn-baseline", [0.8, 0.81, 0.82]),
    seedsOf("svhn-ls", [0.84, 0.83, 0.88]),
    seedsOf("svhn-adam", [0.9]),
    seedsOf("cifar-base", [0.3, 0.4]),
  ], parts);
  assertEquals(table.rows.map((row) => row[1]), [
    "81.00 ± 1.00 (n = 3)",
    "85.00 ± 2.65 (n = 3)",
    "90.00",
    "35.00 ± 7.07 (n = 2)",
  ]);
  // 4.302653 * 2 / sqrt 3 = 4.97.
  assertEquals(table.differences?.rows, [[
    "svhn-ls − svhn-baseline",
    "Accuracy %",
    "3",
    "85.00",
    "81.00",
    "+4.00 [−0.97, +8.97]",
    "2.00",
    "0.074", // t = 2 sqrt 3 with 2 degrees of freedom
    "not distinguishable",
  ]]);
  assertStringIncludes(table.caption, "over k training seeds; a row without n is one seed");
  assertStringIncludes(table.differences!.caption, "At n = 3 the interval reaches 4.3 standard");
  assertStringIncludes(table.differences!.caption, "3 seeds decide little");
  assertStringIncludes(table.toMarkdown(), "svhn-ls − svhn-baseline | Accuracy %");
  assertStringIncludes(table.toHtml(), "85.00<br><small>± 2.65 (n = 3)</small>");
  assertStringIncludes(table.toHtml(), "+4.00<br><small>[−0.97, +8.97]</small>");
  assertEquals(table.toCsv().split("\n")[0], "run,accuracy,accuracy_sd,aurc,aurc_sd,seeds");
});

Deno.test("steady differences are called higher or lower", () => {
  const base = seedsOf("svhn-baseline", [0.8, 0.81, 0.82]);
  const verdict = (figures: number[]) =>
    rowOf(runTable("", columns, [base, seedsOf("svhn-ls", figures)], parts), "svhn-ls")?.at(-1);
  assertEquals(verdict([0.84, 0.85, 0.861]), "higher");
  assertEquals(verdict([0.76, 0.77, 0.779]), "lower");
  assertEquals(verdict([0.8, 0.81, 0.82]), "not distinguishable");
});

Deno.test("only seeds that both runs have are paired, however they are ordered", () => {
  const run = seedsOf("svhn-ls", [0.5, 0.9, 0.9]).toReversed(); // seeds 2, 1, 0
  const base = [item("svhn-baseline", 0, 0.4), item("svhn-baseline", 2, 0.6)];
  const table = runTable("", columns, [run, base], parts);
  // Seeds 0 and 2: gaps of 10 and 30 points, t(1) = 12.706: 20 ± 12.706 * 14.142 / sqrt 2.
  assertEquals(rowOf(table, "svhn-ls"), [
    "Accuracy %",
    "2",
    "70.00",
    "50.00",
    "+20.00 [−107.06, +147.06]",
    "14.14",
    "0.295", // t = 2 with 1 degree of freedom: 1 - 2 atan(2) / pi
    "not distinguishable",
  ]);
  assertStringIncludes(table.differences!.caption, "At n = 2 the interval reaches 12.7");
});

Deno.test("without two shared seeds there is no difference, and the spread is still explained", () => {
  const [base, late] = [seedsOf("svhn-baseline", [0.4, 0.5]), seedsOf("svhn-ls", [0.5, 0.6], 1)];
  const table = runTable("Caption.", columns, [base, late], parts);
  assertEquals(table.differences, undefined);
  assertEquals(
    table.caption,
    "Caption. a ± b (n = k): mean and sample standard deviation over k training seeds.",
  );
  assertEquals(runTable("", columns, [late], parts).differences, undefined);
});

Deno.test("a number that was not measured at a seed drops out of its pair", () => {
  const base = seedsOf("svhn-baseline", [0.4, 0.5, 0.6]);
  const table = (figures: (number | null)[]) =>
    runTable("", columns, [base, seedsOf("svhn-ls", figures)], parts);
  assertEquals(rowOf(table([0.5, NaN, 0.7]), "svhn-ls")?.slice(1, 4), ["2", "60.00", "50.00"]);
  assertEquals(rowOf(table([null, 0.5, 0.7]), "svhn-ls")?.[1], "2");
  assertEquals(table([null, NaN, 0.7]).differences, undefined);
  assertEquals(table([null, null, null]).differences, undefined);
});

Deno.test("figures on other test images are not subtracted", () => {
  const other = seedsOf("svhn-ls", [0.4, 0.5]).map(({ run, ...rest }) => ({
    ...rest,
    run: { ...run, metrics: { ...run.metrics, description: "90 images" } },
  }));
  const table = runTable("", columns, [seedsOf("svhn-baseline", [0.4, 0.5]), other], parts);
  assertEquals(table.differences, undefined);
});

Deno.test("rows of one run are compared with the baseline's row of the same condition", () => {
  const rows = (id: string, clean: number, attacked: number) => [
    [0, 1].map((seed) => item(id, seed, clean)),
    [0, 1].map((seed) => item(id, seed, attacked, "PGD-20")),
  ];
  const groups = [...rows("cifar-base", 0.5, 0.1), ...rows("cifar-pgd-at", 0.4, 0.3)];
  const table = runTable("", columns, groups, { ...parts, condition: ({ images }) => images });
  assertEquals(
    table.differences!.rows.map((row) => [row[1], row[5]!.split(" ")[0], row.at(-1)]),
    [["Accuracy %, clean", "−10.00", "lower"], ["Accuracy %, PGD-20", "+20.00", "higher"]],
  );
});

Deno.test("adding a constant to all seeds of a run shifts its difference by it", () => {
  const share = fc.integer({ min: 0, max: 1000 }).map((k) => k / 1000);
  const list = fc.array(fc.tuple(share, share), { minLength: 2, maxLength: 6 });
  const meanGap = (pairs: readonly (readonly [number, number])[], constant: number) => {
    const [run, base] = [pairs.map(([a]) => a + constant), pairs.map(([, b]) => b)];
    const table = runTable(
      "",
      columns,
      [seedsOf("svhn-baseline", base), seedsOf("svhn-ls", run)],
      parts,
    );
    const [mean, low, high] = rowOf(table, "svhn-ls")![4]!.replaceAll("−", "-")
      .match(/[-+]?[\d.]+/g)!.map(Number);
    return { mean: mean!, low: low!, high: high! };
  };
  fc.assert(fc.property(list, share, (pairs, constant) => {
    const [before, after] = [meanGap(pairs, 0), meanGap(pairs, constant)];
    for (const key of ["mean", "low", "high"] as const) {
      // Both are rounded to a hundredth of a point.
      assert(Math.abs(after[key] - before[key] - 100 * constant) < 0.011, key);
    }
  }));
});

Deno.test("texts that differ between seeds are all shown", () => {
  const text: Column<Item>[] = [
    { key: "images", title: "Images", kind: "text", value: ({ images }) => images },
  ];
  const seeds = [item("a", 0, 1, "7 of 7"), item("a", 1, 1, "6 of 7"), item("a", 2, 1, "7 of 7")];
  const table = buildTable("", text, [seeds]);
  assertEquals(table.rows, [["7 of 7 / 6 of 7"]]);
  assertEquals(table.toCsv(), "images,seeds\n7 of 7 / 6 of 7,3\n");
});

Deno.test("what seeds have in common is put together by its name, not by its place", () => {
  assertEquals(alignSeeds([["a", "b"], ["b", "c"]], (name) => name), [["a"], ["b", "b"], ["c"]]);
});

/** Runs of an id with so many right answers at seeds 0, 1, … */
function invent(folder: string, id: string, rights: readonly number[], more: Invented = {}) {
  return Promise.all(
    rights.map((right, seed) =>
      inventRun(`${folder}/${id}-${seed}-${right}`, { id, seed, right, ...more })
    ),
  );
}

Deno.test("a caption says of how many runs there are which seeds", () =>
  withFolder(async (folder) => {
    const base = await invent(folder, "svhn-baseline", [60, 61, 62]);
    const [ls, adam] = [
      await invent(folder, "svhn-ls", [60]),
      await invent(folder, "svhn-adam", [60]),
    ];
    const seeds = (runs: RunRecord[]) => /Profile quick, (.*)\.$/.exec(describeRuns(runs))![1];
    assertEquals(seeds(ls), "seed 0");
    assertEquals(seeds(base), "seeds 0, 1, 2");
    assertEquals(
      seeds([...ls, ...base, ...adam]),
      "seeds 0, 1, 2 of 1 run; seed 0 of 2 runs",
    );
    const late = await inventRun(`${folder}/late`, { id: "svhn-ls", seed: 1 });
    assertEquals(seeds([...adam, late]), "seeds 0, 1");
  }));

Deno.test("seeds that differ in more than their seed have no mean", () =>
  withFolder(async (folder) => {
    const [zero, one] = await invent(folder, "svhn-ls", [60, 61]);
    const { config } = one!;
    const train = { ...config.spec.train, labelSmoothing: 0.2 };
    const other = { ...one!, config: { ...config, spec: { ...config.spec, train } } };
    assertThrows(() => groupBySeed([zero!, other]), RangeError, "train of seed 1");
    const few = await inventRun(`${folder}/few`, { id: "svhn-ls", seed: 1, n: 40, right: 30 });
    assertThrows(() => trainingTable([zero!, few]), RangeError, "test images of seed 1");
  }));

Deno.test("every table that compares runs holds their differences", () =>
  withFolder(async (folder) => {
    const svhn = [
      ...await invent(folder, "svhn-baseline", [60, 62, 64]),
      ...await invent(folder, "svhn-pretrained", [64, 64, 70]),
    ];
    const cifar = [
      ...await invent(folder, "cifar-base", [60, 60], { robust: 4 }),
      ...await invent(folder, "cifar-pgd-at", [50, 50], { robust: 20 }),
      ...await invent(folder, "cifar-circle", [50], { robust: 20 }),
    ];
    const tuned = [
      ...await invent(folder, "mnist-to-svhn-scratch", [30, 32]),
      ...await invent(folder, "mnist-to-svhn-finetune", [40, 42]),
    ];
    const shown = (table: Table) =>
      table.differences!.rows.map(([run, number, n]) => [run!.split(" ")[0], number, n].join(": "));
    assertEquals(shown(trainingTable(svhn)), ["svhn-pretrained: Test %: 3"]);
    assertEquals(rowOf(trainingTable(svhn), "svhn-pretrained")![4], "+5.00 [−1.21, +11.21]");
    assertEquals(
      shown(calibrationTable(svhn)),
      ["Accuracy %", "Debiased ECE %", "NLL", "AURC"].map((number) =>
        `svhn-pretrained: ${number}: 3`
      ),
    );
    assertEquals(shown(temperatureTable(svhn)), ["svhn-pretrained: Debiased ECE % after: 3"]);
    assertEquals(shown(shiftTable(svhn)), [
      "svhn-pretrained: Debiased ECE %, svhn test: 3",
      "svhn-pretrained: Debiased ECE %, shift to mnist: 3",
    ]);
    assertEquals(shown(crossDomainTable(svhn)), ["svhn-pretrained: Target %: 3"]);
    assertEquals(shown(domainTable(svhn)), ["svhn-pretrained: R_t − R_s: 3"]);
    assertEquals(shown(pretrainedTable(svhn)), [
      "svhn-pretrained: Test %: 3",
      "svhn-pretrained: Other digits %: 3",
    ]);
    assertEquals(shown(fineTuningTable(tuned)), ["mnist-to-svhn-finetune: Test %: 2"]);
    assertEquals(shown(representationTable(svhn)), ["svhn-pretrained: Silhouette, clean: 3"]);
    assertEquals(shown(objectiveTable(cifar)), ["cifar-pgd-at: J: 2"]);
    const robust = robustnessTable(cifar);
    assertEquals(
      shown(robust),
      ["Clean %", "PGD-20 %", "Worst case %"].map((number) => `cifar-pgd-at: ${number}: 2`)
        .map((text) => text.replace("20", String(cifar[0]!.config.spec.evaluation.attackSteps))),
    );
    // 20 and 4 of 40 images withstand PGD at both seeds.
    assertEquals(robust.differences!.rows[1]!.slice(3), [
      "50.00",
      "10.00",
      "+40.00 [+40.00, +40.00]",
      "0.00",
      "< 0.001",
      "higher",
    ]);
  }));
