import { fileURLToPath } from "node:url";
import { importFindings, nameFindings, readImports } from "../../lib/cli/import_lint.ts";
import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";

function findings(imports: Record<string, string[]>): string[] {
  return importFindings(new Map(Object.entries(imports)));
}

Deno.test("lib's imports go one way, without a circle", async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const graph = await readImports(root);
  assert(graph.size > 300);
  const loaded = await readImports(root, "loaded");
  assertEquals(importFindings(graph, loaded), []);
  // The rows name the attacks' files, but reading the rows loads none of them.
  assert(graph.get("lib/attacks/registry.ts")!.includes("lib/attacks/pgd.ts"));
  assertEquals(loaded.get("lib/attacks/registry.ts"), []);
});

Deno.test("a name starts with _ exactly if the file serves its folder alone", () => {
  const names = (imports: Record<string, string[]>) =>
    nameFindings(new Map(Object.entries(imports))).join();
  assertStringIncludes(names({ "lib/nn/a.ts": ["lib/data/_b.ts"] }), "lib/data/_b.ts");
  assertStringIncludes(names({ "lib/nn/a.ts": ["lib/nn/b.ts"] }), "name it _b.ts");
  const well = {
    "lib/nn/mod.ts": ["lib/nn/a.ts"], // public
    "lib/nn/deep/c.ts": ["lib/nn/_b.ts"], // of a folder within
    "lib/data/d.ts": ["lib/nn/e.ts"], // of another folder
  };
  assertEquals(names(well), "");
});

Deno.test("an import of a later layer, of a test, in a circle or of tensors is found", () => {
  const records = "lib/experiments/records/a.ts";
  assertStringIncludes(findings({ [records]: ["lib/experiments/views/b.ts"] }).join(), records);
  assertStringIncludes(findings({ "lib/nn/a.ts": ["tests/b.ts"] }).join(), "outside lib");
  const circle = { "lib/nn/a.ts": ["lib/data/b.ts"], "lib/data/b.ts": ["lib/nn/a.ts"] };
  assertEquals(findings(circle), [
    "files import each other in a circle: lib/nn/a.ts -> lib/data/b.ts -> lib/nn/a.ts",
  ]);
  const reached = findings({
    "lib/plots/a.ts": ["lib/data/b.ts"],
    "lib/data/b.ts": ["lib/backend/tf.ts"],
  });
  assertStringIncludes(reached.join(), "lib/plots/a.ts -> lib/data/b.ts -> lib/backend/tf.ts");
});
