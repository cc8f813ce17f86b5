import { join } from "node:path";
import { SetupFailure } from "../../lib/cli/setup/failure.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { findPython, unpack } from "../../lib/cli/setup/python.ts";
import { runCommand } from "../../lib/cli/setup/run_command.ts";
import { assert, assertEquals, assertRejects } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";

const { program } = await findPython();

async function python(code: string, ...args: string[]): Promise<void> {
  const made = await runCommand(program, ["-c", code, ...args]);
  assert(made?.success, made?.output);
}

/** A wheel (zip) with members of these names. */
function zipOf(path: string, names: readonly string[]): Promise<void> {
  return python(
    "import sys, zipfile\n" +
      "with zipfile.ZipFile(sys.argv[1], 'w') as z:\n" +
      "    for name in sys.argv[2:]: z.writestr(name, 'evil')",
    path,
    ...names,
  );
}

/** A tar.gz with a link, and a file behind it. */
function tarWithLink(path: string, target: string): Promise<void> {
  return python(
    "import io, sys, tarfile\n" +
      "with tarfile.open(sys.argv[1], 'w:gz') as t:\n" +
      "    link = tarfile.TarInfo('door'); link.type = tarfile.SYMTYPE; link.linkname = sys.argv[2]\n" +
      "    t.addfile(link)\n" +
      "    file = tarfile.TarInfo('door/evil'); file.size = 4\n" +
      "    t.addfile(file, io.BytesIO(b'evil'))",
    path,
    target,
  );
}

/** Unpacks everything under its own name; that must fail and leave nothing beside the folder. */
async function requireRefusal(folder: string, archive: string): Promise<void> {
  const inside = join(folder, "inside");
  await Deno.mkdir(inside, { recursive: true });
  const paths = { ...setupPaths(folder), python: program };
  await assertRejects(() => unpack(paths, archive, inside, [["(.*)", "\\1"]]), SetupFailure);
  const beside = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assertEquals(beside.filter((name) => name.includes("evil")), []);
}

for (const name of ["../evil", "a/../../evil", "/evil-of-the-lab", "a/b/../../../evil"]) {
  Deno.test(`an archive's member ${name} cannot be written outside its folder`, () =>
    withFolder(async (folder) => {
      const archive = join(folder, "a.whl");
      await zipOf(archive, ["good", name]);
      await requireRefusal(folder, archive);
      await assertRejects(() => Deno.stat("/evil-of-the-lab"), Deno.errors.NotFound);
    }));
}

for (const target of ["..", "../..", undefined]) {
  Deno.test(`an archive's link to ${target ?? "an absolute path"} is no door out of its folder`, () =>
    withFolder(async (outside) => {
      const archive = join(outside, "a.tar.gz");
      await tarWithLink(archive, target ?? outside);
      await requireRefusal(join(outside, "folder"), archive);
      await assertRejects(() => Deno.stat(join(outside, "evil")), Deno.errors.NotFound);
    }));
}
