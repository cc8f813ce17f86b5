/** Runs made with different kernel tables: shown as such, and never paired by seed. */
import { join } from "node:path";
import { pairBySeed } from "../../../lib/experiments/records/paired_seeds.ts";
import type { RunRecord } from "../../../lib/experiments/records/record.ts";
import { compareAccuracy } from "../../../lib/experiments/views/comparisons.ts";
import { trainingTable } from "../../../lib/experiments/views/tables.ts";
import { assert, assertEquals, assertStringIncludes } from "../../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";

/** A run as another kernel table would have made it; undefined as in an older record. */
function madeWith(run: RunRecord, kernels: string | undefined): RunRecord {
  const { kernels: _, ...provenance } = run.metrics.provenance;
  const origin = kernels === undefined ? provenance : { ...provenance, kernels };
  return { ...run, metrics: { ...run.metrics, provenance: origin } };
}

/** Two seeds of a baseline and of a variant. */
async function runs(root: string) {
  const invent = (id: string, seed: number) =>
    inventRun(join(root, `${id}${seed}`), { id, seed, right: 50 + 5 * seed });
  return {
    baseline: [await invent("svhn-baseline", 0), await invent("svhn-baseline", 1)],
    variant: [await invent("svhn-ls", 0), await invent("svhn-ls", 1)],
  };
}

Deno.test("seeds are paired within one kernel table, and within older records", () =>
  withFolder(async (root) => {
    const { baseline, variant } = await runs(root);
    for (const kernels of ["x86-64", undefined]) {
      const same = [baseline, variant].map((seeds) => seeds.map((run) => madeWith(run, kernels)));
      assertEquals(pairBySeed(same[0]!, same[1]!).length, 2);
    }
    const tuned = variant.map((run) => madeWith(run, "tuned-0123abcd"));
    assertEquals(pairBySeed(baseline.map((run) => madeWith(run, "x86-64")), tuned), []);
    assertEquals(pairBySeed(baseline, tuned), []);
  }));

Deno.test("a comparison of two kernel tables is not over seeds, and names both", () =>
  withFolder(async (root) => {
    const { baseline, variant } = await runs(root);
    const shipped = baseline.map((run) => madeWith(run, "x86-64"));
    const paired = await compareAccuracy(variant.map((run) => madeWith(run, "x86-64")), shipped);
    assertStringIncludes(paired.text, "mean of 2 seeds");
    const tuned = variant.map((run) => madeWith(run, "tuned-0123abcd"));
    const { text } = await compareAccuracy(tuned, shipped);
    assert(!text.includes("seeds"), text);
    assertStringIncludes(text, "seed 0 (kernel table tuned-0123abcd)");
    assertStringIncludes(text, "seed 0 (kernel table x86-64)");
  }));

Deno.test("a table of runs has no difference between kernel tables", () =>
  withFolder(async (root) => {
    const { baseline, variant } = await runs(root);
    const differences = (kernels: string) =>
      trainingTable([
        ...baseline.map((run) => madeWith(run, "x86-64")),
        ...variant.map((run) => madeWith(run, kernels)),
      ]).differences;
    assertEquals(differences("x86-64")?.rows[0]?.[0], "svhn-ls − svhn-baseline");
    assertEquals(differences("tuned-0123abcd"), undefined);
  }));
