/** docs/verification.md promises no more than its tests hold. */
import { join } from "node:path";
import {
  GOLDEN_CHECKS,
  readGoldenVersions,
  verificationBlock,
} from "../../../lib/cli/readme/_verification.ts";
import { checkoutRoot } from "../../../lib/experiments/records/run_paths.ts";
import { assert, assertEquals, assertStringIncludes } from "../../../lib/assert/mod.ts";

const root = checkoutRoot();

for (const { claim, golden, tests, bounds } of GOLDEN_CHECKS) {
  Deno.test(`${claim}: script, test and bounds are there`, async () => {
    await Deno.stat(join(root, "tests", "golden", `${golden}.py`));
    const sources = await Promise.all(tests.map((test) => Deno.readTextFile(join(root, test))));
    for (const bound of bounds) assertStringIncludes(sources.join(), bound);
  });
}

Deno.test("every golden file of the tests is in the table", async () => {
  const files = await Array.fromAsync(
    Deno.readDir(join(root, "tests", "golden")),
    ({ name }) => name,
  );
  const goldens = files.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -5));
  assertEquals(new Set(GOLDEN_CHECKS.map(({ golden }) => golden)), new Set(goldens));
});

Deno.test("the table names the versions that the golden files name", async () => {
  const versions = await readGoldenVersions(root);
  const { versions: expected } = JSON.parse(
    await Deno.readTextFile(join(root, "tests", "golden", "pca.json")),
  );
  assertEquals(
    versions.get("pca"),
    `scikit-learn ${expected["scikit-learn"]}, numpy ${expected.numpy}`,
  );
  const table = verificationBlock(versions);
  assert(!table.includes("–"), "a golden file without versions");
  assertStringIncludes(table, `[pca.py](../tests/golden/pca.py): ${versions.get("pca")}`);
});

Deno.test("the commands written by hand name files that are there", async () => {
  const page = await Deno.readTextFile(join(root, "docs", "verification.md"));
  const paths = [...page.matchAll(/\b(?:tests|lib)\/[\w./-]*\w/g)].map(([path]) => path);
  assert(paths.length > 20, `${paths.length} paths`);
  for (const path of new Set(paths)) await Deno.stat(join(root, path));
});

Deno.test("the page says of the soak what its log says", async () => {
  const page = await Deno.readTextFile(join(root, "docs", "verification.md"));
  const log = JSON.parse(await Deno.readTextFile(join(root, "data", "results", "soak.json")));
  const { training, evaluation } = log.grown;
  const more = Math.max(training.tensors, evaluation.tensors);
  assertStringIncludes(page, `${log.epochs} epochs, ${more} tensors more`);
});
