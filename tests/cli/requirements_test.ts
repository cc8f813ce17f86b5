/** What set-up installs with pip: pinned, whole, and never with pip's own search for dependencies. */
import { join } from "node:path";
import { pip } from "../../lib/cli/setup/python.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";

const { python } = setupPaths();
const setup = join(checkoutRoot(), "lib", "cli", "setup");
const notebooks = join(setup, "requirements.txt");
const cluster = join(setup, "requirements_cluster.txt");
const lab = join(setup, "requirements_lab.txt");

async function ask(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: [...args],
    env: { PYTHONDONTWRITEBYTECODE: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(success, text + new TextDecoder().decode(stderr));
  return text;
}

async function missing(...files: string[]): Promise<string[]> {
  return JSON.parse(
    await ask(["tests/cli/_closure.py", "tests/golden/requirements.json", ...files]),
  );
}

Deno.test("each file lists all that its packages need, on every Python and platform", async () => {
  assertEquals(await missing(notebooks, cluster, `${notebooks}:${lab}`), []);
});

Deno.test("a package that a file leaves out, or pins too old, is found", () =>
  withFolder(async (folder) => {
    const copy = join(folder, "requirements.txt");
    const text = await Deno.readTextFile(cluster);
    await Deno.writeTextFile(copy, text.replace(/^locket==[^\n]*\n(?: +--hash[^\n]*\n)+/m, ""));
    const without = await missing(copy);
    assertEquals(without.length, 2 * 7 * 4); // two need it, on each Python and each platform
    assertStringIncludes(without[0]!, "needs locket>=1.0.0, found None");
    await Deno.writeTextFile(copy, text.replace(/^tornado==6.6.1/m, "tornado==6.0"));
    assert((await missing(copy)).some((fault) => /needs tornado>=\S+, found 6.0/.test(fault)));
    await Deno.writeTextFile(copy, text.replace(/^partd==[^ ]+/m, "partd==0.1"));
    assert(
      (await missing(copy)).some((fault) =>
        fault.endsWith("partd==0.1 has no entry in the dependencies")
      ),
    );
  }));

Deno.test("files that set up one environment agree on every version", () =>
  withFolder(async (folder) => {
    const copy = join(folder, "requirements.txt");
    const text = await Deno.readTextFile(cluster);
    await Deno.writeTextFile(copy, text.replace(/^zipp==4[^ ]+/m, "zipp==3.23.1"));
    assert(
      (await missing(copy, cluster)).some((fault) => /zipp \S+, elsewhere 3.23.1/.test(fault)),
    );
  }));

Deno.test("what set-up has installed here misses nothing", async () => {
  assertStringIncludes(await ask(["-m", "pip", "check"]), "No broken requirements found");
});

Deno.test("pip is called with hashes, wheels and no dependencies of its own choice", () =>
  withFolder(async (folder) => {
    const echo = join(folder, "python");
    const told = join(folder, "told");
    await Deno.writeTextFile(echo, `#!/bin/sh\necho "$@" > ${told}\n`, { mode: 0o755 });
    for (const command of ["install", "download"] as const) {
      await pip({ ...setupPaths(folder), python: echo }, command, "pins.txt", "it", ["--no-color"]);
      // A supervisor of the lab's own starts it, so that it dies with set-up.
      const said = (await Deno.readTextFile(told)).replace(/^.*supervise\.py \S+ /, "");
      assertEquals(
        said,
        `-m pip ${command} --quiet --require-hashes --no-deps --only-binary=:all: --no-color ` +
          "--requirement=pins.txt\n",
      );
    }
  }));

Deno.test("nothing but that one function calls pip", async () => {
  const callers: string[] = [];
  const look = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await look(path);
      else if (/\.(ts|py|sh)$/.test(name)) {
        const text = await Deno.readTextFile(path);
        if (/require-hashes|"-m", ?"pip"|ensurepip"/.test(text)) callers.push(name);
      }
    }
  };
  await look(join(checkoutRoot(), "lib"));
  assertEquals(callers, ["python.ts"]);
});
