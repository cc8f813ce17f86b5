/** What the committed records say is what their logits give. */
import { join } from "node:path";
import { loadRecords } from "../../../lib/experiments/records/record.ts";
import { checkoutRoot, publishedPaths } from "../../../lib/experiments/records/run_paths.ts";
import { runHash, trainingHash } from "../../../lib/experiments/runs/_hash.ts";
import { assert, assertEquals } from "../../../lib/assert/mod.ts";

/** Values that two trees of JSON hold at the same place and that differ by more than rounding. */
function differences(read: unknown, stored: unknown, path: string): string[] {
  if (typeof stored === "number" && typeof read === "number") {
    return Math.abs(read - stored) <= 1e-12 * Math.max(1, Math.abs(stored))
      ? []
      : [`${path}: ${read} instead of ${stored}`];
  }
  if (typeof stored !== "object" || stored === null) {
    return read === stored ? [] : [`${path}: ${read} instead of ${stored}`];
  }
  return Object.entries(stored).flatMap(([key, value]) =>
    differences((read as Record<string, unknown> | null)?.[key], value, `${path}.${key}`)
  );
}

Deno.test("every committed record of schema 1 reads as the numbers that were stored with it", async () => {
  const records = await loadRecords(publishedPaths(checkoutRoot()).records);
  assert(records.length >= 43, `found ${records.length} records`);
  let evaluations = 0;
  for (const { directory, evaluations: read } of records) {
    for (const [name, evaluation] of read) {
      const path = join(directory, `${name}.metrics.json`);
      const stored = JSON.parse(await Deno.readTextFile(path));
      if (stored.schema !== 1) continue;
      evaluations++;
      assertEquals(differences(evaluation, stored, `${directory} ${name}`), []);
    }
  }
  console.log(`${evaluations} evaluations of schema 1`);
});

Deno.test("the settings of every committed record still have the hash that it was made under", async () => {
  for (const { config } of await loadRecords(publishedPaths(checkoutRoot()).records)) {
    const { spec, data, encoder, numericsVersion } = config;
    const source = config.source === "procedural" ? "procedural" as const : "real" as const;
    const input = {
      spec: { ...spec, data: { ...spec.data, source } },
      data,
      encoder: encoder?.digest ?? null,
      numericsVersion,
    };
    const found = [runHash(input), trainingHash(input)];
    assertEquals(found, [config.hash, config.trainingHash], `${spec.id} seed ${spec.seed}`);
  }
});
