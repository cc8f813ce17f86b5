import { expectedReadme, readmeResults, withBlock } from "../../../lib/cli/readme/readme.ts";
import { checkoutRoot } from "../../../lib/experiments/records/run_paths.ts";
import { assert, assertEquals, assertThrows } from "../../../lib/assert/mod.ts";

Deno.test("README's tables are those of data/results", async () => {
  const root = checkoutRoot();
  assertEquals(await Deno.readTextFile(`${root}/README.md`), await expectedReadme(root));
});

Deno.test("a README without markers is refused", () => {
  assertThrows(() => withBlock("text", "results", "x"), Error, "results:begin");
});

Deno.test("without published runs README says so", () => {
  assert(readmeResults([]).startsWith("No run is published"));
});
