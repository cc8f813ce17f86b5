/**
 * What goes wrong around set-up, as far as it can be tried in seconds; `setup_situations.ts` tries whole
 * set-ups.
 */
import { join } from "node:path";
import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";
import { installPackages } from "../../lib/cli/setup/packages.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { findPython } from "../../lib/cli/setup/python.ts";
import { withTemporaryFolder } from "../../lib/cli/setup/_temporary_folder.ts";
import {
  describeKernel,
  moveEnvironment,
  notedPlace,
  notePlace,
  scriptHead,
} from "../../lib/cli/setup/_venv_place.ts";
import { verifyPart } from "../../lib/cli/setup/verify_part.ts";
import { writeStamp } from "../../lib/cli/setup/stamp.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";

const decoder = new TextDecoder();

async function folderNamed(name: string): Promise<string> {
  const folder = join(await Deno.realPath(await Deno.makeTempDir()), name);
  await Deno.mkdir(folder);
  return folder;
}

async function run(program: string, args: string[], env: Record<string, string> = {}) {
  const command = new Deno.Command(program, { args, env: { NO_COLOR: "1", ...env } });
  const { code, stdout, stderr } = await command.output();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("a copied environment works at its new place, also without the original", async () => {
  const old = setupPaths(await folderNamed("old"));
  const { program, version } = await findPython();
  assertEquals((await run(program, ["-m", "venv", "--without-pip", old.venv])).code, 0);
  const script = `${scriptHead(join(old.venv, "bin", "python"))}import sys; print(sys.prefix)\n`;
  await Deno.writeTextFile(join(old.venv, "bin", "tool"), script, { mode: 0o755 });
  await describeKernel(old);
  await notePlace(old);
  const fresh = setupPaths(await folderNamed("new place ü"));
  await run("cp", ["-r", old.venv, fresh.root]);
  await Deno.remove(old.root, { recursive: true });
  assertEquals(await notedPlace(fresh), old.venv);
  assertEquals(await moveEnvironment(fresh, version), true);
  assertEquals(await notedPlace(fresh), fresh.venv);
  assertEquals(await run(join(fresh.venv, "bin", "tool"), []), {
    code: 0,
    text: `${fresh.venv}\n`,
  });
  const kernel = await Deno.readTextFile(join(fresh.kernel, "kernel.json"));
  assertEquals(JSON.parse(kernel).argv[0], fresh.kernelDeno);
  for (const name of ["activate", "pyvenv.cfg"]) {
    const path = join(fresh.venv, name === "activate" ? "bin" : "", name);
    assert(!(await Deno.readTextFile(path)).includes(old.root), name);
  }
  assertEquals(await moveEnvironment(fresh, "2.7.18"), false, "another Python makes it anew");
});

Deno.test("what set-up started ends with it, even if it is killed", async () => {
  const folder = await folderNamed("killed");
  const noted = join(folder, "pid");
  const program = `
    import { runCommand } from ${
    JSON.stringify(import.meta.resolve("../../lib/cli/setup/run_command.ts"))
  };
    await runCommand("sh", ["-c", "sleep 60 & echo $! > '${noted}'; wait"], { supervisor: ${
    JSON.stringify((await findPython()).program)
  } });`;
  await Deno.writeTextFile(join(folder, "set-up.ts"), program);
  const parent = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--no-config", join(folder, "set-up.ts")],
  }).spawn();
  const pid = async () => (await Deno.readTextFile(noted).catch(() => "")).trim();
  while (await pid() === "") await new Promise((done) => setTimeout(done, 50));
  parent.kill("SIGKILL");
  await parent.status;
  const isThere = async () => (await run("kill", ["-0", await pid()])).code === 0;
  for (let tries = 0; tries < 100 && await isThere(); tries++) {
    await new Promise((done) => setTimeout(done, 50));
  }
  assertEquals(await isThere(), false);
});

Deno.test("a TMPDIR that cannot be used does not matter: commands get a folder in the project", async () => {
  const paths = setupPaths(await folderNamed("project"));
  await Deno.mkdir(join(paths.state, "tmp", "left by a killed set-up"), { recursive: true });
  await withTemporaryFolder(paths, async ({ TMPDIR }) => {
    assertEquals([...Deno.readDirSync(TMPDIR)], []);
    assertEquals((await run("sh", ["-c", `echo a > "$TMPDIR/a"`], { TMPDIR })).code, 0);
  });
  assertEquals([...Deno.readDirSync(paths.state)], []);
});

/** A package in the place of tfjs-node, loaded as the library loads it. */
async function loadWith(entry: string): Promise<string> {
  const folder = await folderNamed("package");
  const file = join(folder, "tfjs-node", "dist", "index.js");
  await Deno.mkdir(join(folder, "tfjs-node", "dist"), { recursive: true });
  await Deno.mkdir(join(folder, "tfjs-node", "lib", "napi-v8"), { recursive: true });
  await Deno.writeTextFile(join(folder, "tfjs-node", "lib", "napi-v8", "tfjs_binding.node"), "");
  await Deno.writeTextFile(file, entry);
  await Deno.writeTextFile(
    join(folder, "deno.json"),
    JSON.stringify({ imports: { "@tensorflow/tfjs-node": file }, nodeModulesDir: "none" }),
  );
  const library = join(checkoutRoot(), "lib", "backend", "tf.ts");
  const config = join(folder, "deno.json");
  return (await run(Deno.execPath(), ["run", "-A", "--no-check", "--config", config, library]))
    .text;
}

Deno.test("what does not load names the repair, not a set-up that would do nothing", async () => {
  const broken = ["const half = (", "throw new Error('tfjs_binding.node: invalid ELF header');"];
  for (const text of await Promise.all(broken.map(loadWith))) {
    assertStringIncludes(text, "cannot be loaded; a file may be damaged");
    assertStringIncludes(text, "task setup --repair");
  }
});

Deno.test("doctor --verify names damaged files and their number", async () => {
  const paths = setupPaths(await folderNamed("project"));
  const files = ["a", "b", "c"].map((name) => join(paths.root, `${name}.js`));
  for (const file of files) await Deno.writeTextFile(file, file);
  await writeStamp(paths, "packages", "fingerprint", files);
  assertEquals((await verifyPart("packages", paths)).text, "3 files are as installed");
  const { atime, mtime } = await Deno.stat(files[1]!);
  await Deno.writeTextFile(files[1]!, files[1]!.toUpperCase());
  await Deno.utime(files[1]!, atime!, mtime!);
  await Deno.remove(files[2]!);
  assertEquals((await verifyPart("packages", paths)).text, "DAMAGED: b.js, c.js");
});

Deno.test("a cache that cannot be written names DENO_DIR in one sentence", async () => {
  const paths = setupPaths(await folderNamed("project"));
  const failing = join(paths.root, "deno");
  await Deno.writeTextFile(
    failing,
    "#!/bin/sh\\necho 'failed to create directory: Permission denied (os error 13)' >&2; exit 1\\n"
      .replaceAll("\\n", "\n"),
    { mode: 0o755 },
  );
  const error = await installPackages(paths, { deno: failing }).catch((error) => error);
  assertStringIncludes(error.message, "set DENO_DIR to a folder that may be written");
});
