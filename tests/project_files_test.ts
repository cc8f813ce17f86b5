/** The files around the code agree with it: changes, citation, versions. */
import { join } from "node:path";
import { checkoutRoot } from "../lib/experiments/records/run_paths.ts";
import { numericsVersion } from "../lib/experiments/runs/numerics_version.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../lib/assert/mod.ts";

const root = checkoutRoot();
const read = (path: string) => Deno.readTextFile(join(root, path));

/** The numerics versions that a changelog's headings name, the newest first. */
function namedVersions(changelog: string): number[] {
  return [...changelog.matchAll(/^## .*\(numerics version (\d+)\)$/gm)].map(([, n]) => Number(n));
}

Deno.test("the newest change of numbers in CHANGELOG.md names the current numerics version", async () => {
  const versions = namedVersions(await read("CHANGELOG.md"));
  assertEquals(
    versions,
    Array.from({ length: numericsVersion }, (_, k) => numericsVersion - k),
    "numerics_version.ts and the headings of CHANGELOG.md differ",
  );
});

Deno.test("CITATION.cff has what its format requires, and the version of deno.json", async () => {
  const citation = await read("CITATION.cff");
  for (const key of ["cff-version: 1.2.0", "message: ", "title: ", "authors:\n  - name: "]) {
    assertStringIncludes(citation, `\n${key}`.slice(citation.startsWith(key) ? 1 : 0));
  }
  const { version, license } = JSON.parse(await read("deno.json"));
  assertStringIncludes(citation, `\nversion: ${version}\n`);
  assertStringIncludes(citation, `\nlicense: ${license}\n`);
  const [, holder] = /Copyright \(c\) \d+ (.+)/.exec(await read("LICENSE")) ?? [];
  assertStringIncludes(citation, `- name: ${holder}\n`);
});

Deno.test("README, .ci/run, the container and the workflow pin one version of Deno", async () => {
  const files = ["README.md", ".ci/run", ".devcontainer/Dockerfile", ".github/workflows/ci.yml"];
  const versions = await Promise.all(files.map(async (file) => {
    const found = [...(await read(file)).matchAll(/\bdeno@([\d.]+\d)/g)].map(([, version]) =>
      version
    );
    assert(found.length > 0, `${file} names no version of Deno`);
    return found;
  }));
  assertEquals(new Set(versions.flat()).size, 1, JSON.stringify(versions));
});

Deno.test("the container sets the lab up with a task that exists", async () => {
  const text = await read(".devcontainer/devcontainer.json");
  const config = JSON.parse(text.replace(/^\s*\/\/.*$/gm, ""));
  const { tasks } = JSON.parse(await read("deno.json"));
  assertMatch(config.postCreateCommand, /^deno task \w+$/);
  assert(config.postCreateCommand.split(" ").at(-1) in tasks);
  await Deno.stat(join(root, ".devcontainer", config.build.dockerfile));
});
