/** The lists of what set-up installs are those of deno.lock, the requirements and the pins. */
import { join } from "node:path";
import { lockFindings } from "../../lib/cli/lock_lint.ts";
import { BOM_FILE, currentUrls, noticeText, readBom } from "../../lib/cli/sbom/bom.ts";
import { reasons } from "../../lib/cli/sbom/reasons.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { assert, assertEquals, assertMatch } from "../../lib/assert/mod.ts";

const root = checkoutRoot();
const REMEDY = "run: deno task sbom";

Deno.test("sbom.cdx.json lists what set-up may install, and nothing else", async () => {
  const listed = (await readBom(root)).map(({ purl }) => purl);
  const current = await currentUrls(root);
  const [known, wanted] = [new Set(listed), new Set(current)];
  const lacking = current.filter((url) => !known.has(url));
  const surplus = listed.filter((url) => !wanted.has(url));
  assertEquals([lacking, surplus], [[], []], `${BOM_FILE} is stale; ${REMEDY}`);
});

Deno.test("sbom.cdx.json is CycloneDX 1.6: every component has a version, a licence and an address", async () => {
  const bom = JSON.parse(await Deno.readTextFile(join(root, BOM_FILE)));
  assertEquals([bom.bomFormat, bom.specVersion, bom.version], ["CycloneDX", "1.6", 1]);
  const refs = new Set(bom.components.map((one: { "bom-ref": string }) => one["bom-ref"]));
  assertEquals(refs.size, bom.components.length);
  for (const { name, version, purl, licenses, hashes } of bom.components) {
    assert(name && version && licenses.length === 1, purl);
    assertMatch(purl, /^pkg:(npm|pypi|generic)\/\S+@\S+$/);
    if (!purl.startsWith("pkg:generic")) assert(hashes.length > 0, `${purl} has no hash`);
  }
  for (const { ref, dependsOn } of bom.dependencies) {
    for (const one of [ref, ...dependsOn]) assert(one === "trusted-ai-lab" || refs.has(one), one);
  }
});

Deno.test("NOTICE lists every package of sbom.cdx.json by its licence", async () => {
  const notice = await Deno.readTextFile(join(root, "NOTICE"));
  assert(notice === noticeText(await readBom(root)), `NOTICE is stale; ${REMEDY}`);
});

Deno.test("every package that deno.json imports has a reason", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const lacking = Object.keys(imports).filter((name) => reasons[name] === undefined);
  assertEquals(lacking, [], "say in lib/cli/sbom/reasons.ts why the project needs it");
});

Deno.test("a lock file may gain jsr's hashes, and nothing of npm may change", () => {
  const lock = (npm: unknown, more = {}) =>
    JSON.stringify({ version: "5", specifiers: { "npm:a@1": "1.0.0" }, npm, ...more });
  const committed = lock({ "a@1.0.0": { integrity: "sha512-x" } });
  const withJsr = { specifiers: { "npm:a@1": "1.0.0", "jsr:@std/csv@1": "1.0.6" }, jsr: {} };
  const same = lock({ "a@1.0.0": { integrity: "sha512-x" } }, withJsr);
  assertEquals(lockFindings(committed, same), []);
  for (
    const [npm, expected] of [
      [{ "a@1.0.0": { integrity: "sha512-y" } }, "deno.lock has changed a@1.0.0"],
      [{}, "deno.lock has lost a@1.0.0"],
      [
        { "a@1.0.0": { integrity: "sha512-x" }, "b@2.0.0": {} },
        "deno.lock has gained b@2.0.0",
      ],
    ] as const
  ) {
    assertEquals(lockFindings(committed, lock(npm)), [expected]);
  }
});

Deno.test("CI fails when a run changes the npm part of deno.lock", async () => {
  const steps = await Deno.readTextFile(join(root, ".ci", "run"));
  assertMatch(steps, /^check lock .*lib\/cli\/lock_lint\.ts$/m);
});
