import { join } from "node:path";
import { withLease } from "../../lib/files/lease.ts";
import { appendText, openNewFile, openOwnFile } from "../../lib/files/own_file.ts";
import { realPlace } from "../../lib/files/_real_place.ts";
import { PROTECTED_PATHS, requireOutputFolder } from "../../lib/files/require_output_folder.ts";
import { writeAtomically } from "../../lib/files/write_atomically.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { train } from "../../lib/train/train.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { tileDataset, tinyClassifier } from "../train/tiny_classifier.ts";

/** A folder with a sub-folder to work in and another one that nothing may be written to. */
function withTwo(use: (own: string, elsewhere: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const [own, elsewhere] = [join(folder, "own"), join(folder, "elsewhere")];
    await Deno.mkdir(own);
    await Deno.mkdir(elsewhere);
    await use(await Deno.realPath(own), await Deno.realPath(elsewhere));
  });
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** Runs a program with the permissions of a computing task. */
async function asTask(program: string, ...args: string[]): Promise<string[]> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, program);
    const config = ["--config", join(checkoutRoot(), "deno.json"), "-P=compute"];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "--no-prompt", "--no-check", ...config, path, ...args],
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    assertEquals(text(stderr), "");
    return text(stdout).split("\n");
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("deno.json denies its tasks exactly what no output may be written into", async () => {
  const { permissions } = JSON.parse(await Deno.readTextFile(join(checkoutRoot(), "deno.json")));
  const limited = Object.entries<{ write?: { deny?: string[] } }>(permissions)
    .filter(([, { write }]) => typeof write === "object" && !Array.isArray(write));
  assertEquals(limited.map(([name]) => name), ["compute", "experiments", "programs", "download"]);
  for (const [name, { write }] of limited) assertEquals(write!.deny, PROTECTED_PATHS, name);
});

Deno.test("a task's writer follows a link to where it may write, and to no other place", () =>
  withTwo(async (own, elsewhere) => {
    const denied = await Deno.makeTempDir({ dir: "/var/tmp" });
    try {
      await Deno.symlink(join(checkoutRoot(), "lib"), join(own, "lib"));
      await Deno.symlink(denied, join(own, "denied"));
      await Deno.symlink(elsewhere, join(own, "allowed"));
      const name = `link-${crypto.randomUUID()}`;
      const lines = await asTask(
        `
        import { withScratchFolder } from "${checkoutRoot()}/lib/files/scratch_folder.ts";
        import { appendText } from "${checkoutRoot()}/lib/files/own_file.ts";
        import { writeAtomically } from "${checkoutRoot()}/lib/files/write_atomically.ts";
        const [own, name] = Deno.args;
        for (const folder of ["lib", "denied", "allowed"]) {
          for (
            const write of [
              () => writeAtomically(own + "/" + folder + "/" + name + ".a", "a"),
              () => appendText(own + "/" + folder + "/" + name + ".b", "b"),
              () => withScratchFolder(own + "/" + folder, () => Promise.resolve()),
            ]
          ) console.log(await write().then(() => "written", (error) => error.message));
        }`,
        own,
        name,
      );
      assertEquals(lines.length, 9);
      for (const line of lines.slice(0, 3)) {
        assert(line.includes(`it leads to ${join(checkoutRoot(), "lib")}`), line);
      }
      for (const line of lines.slice(3, 6)) assert(line.includes(`it leads to ${denied}`), line);
      assertEquals(lines.slice(6), ["written", "written", "written"]);
      assertEquals(namesIn(elsewhere), [`${name}.a`, `${name}.b`]);
      assertEquals(namesIn(denied), []);
      assert(!namesIn(join(checkoutRoot(), "lib")).some((entry) => entry.startsWith(name)));
    } finally {
      await Deno.remove(denied, { recursive: true });
    }
  }));

Deno.test("what Deno itself allows is why the writers look: it follows a link past its permissions", () =>
  withTwo(async (own) => {
    const denied = await Deno.makeTempDir({ dir: "/var/tmp" });
    try {
      await Deno.symlink(denied, join(own, "link"));
      const program =
        `Deno.writeTextFileSync(Deno.args[0] + "/link/a", ""); console.log("written");`;
      // Once Deno refuses this by itself, requirePermittedFolder can go.
      assertEquals(await asTask(program, own), ["written"]);
    } finally {
      await Deno.remove(denied, { recursive: true });
    }
  }));

Deno.test("a link that leads out of a folder of the lab is refused, with its name and target", () =>
  withTwo(async (own, elsewhere) => {
    await Deno.symlink(elsewhere, join(own, "eval"));
    await Deno.symlink("nothing-yet", join(own, "inside"));
    await Deno.symlink(join(elsewhere, "nothing-yet"), join(own, "dangling"));
    for (const path of ["eval", "eval/deeper", "dangling/deeper"]) {
      const refused = () => requireOutputFolder(join(own, path), { within: own });
      const { message } = await assertRejects(refused, Error) as Error;
      assert(message.includes(`${join(own, path.split("/")[0]!)} is a symbolic link to`), message);
      assert(message.includes(elsewhere), message);
    }
    for (const path of ["inside", "inside/deeper", "new/deeper"]) {
      await requireOutputFolder(join(own, path), { within: own });
    }
    await requireOutputFolder(join(own, "eval")); // named by the user
  }));

Deno.test("no output goes into the project's code and tools, by whatever path", () =>
  withTwo(async (own, project) => {
    await Deno.mkdir(join(project, "lib"));
    await Deno.symlink(join(project, "lib"), join(own, "link"));
    await Deno.symlink(join(project, ".git"), join(own, "dangling"));
    for (
      const path of [
        join(project, "lib"),
        join(project, "data/../lib/new"),
        join(project, ".cache/setup/new"),
        join(own, "link/new"),
        join(own, "dangling"),
      ]
    ) {
      await assertRejects(() => requireOutputFolder(path, { project }), Error, "the lab's own");
    }
    for (const name of ["data", "library", ".cache/notebooks"]) {
      await requireOutputFolder(join(project, name), { project });
    }
  }));

Deno.test("links that lead in a circle are an error, not an endless search", () =>
  withTwo(async (own) => {
    await Deno.symlink("b", join(own, "a"));
    await Deno.symlink("a", join(own, "b"));
    await assertRejects(() => realPlace(join(own, "a", "c")), Error);
  }));

Deno.test("a file that is replaced was a link: what it leads to stays as it was", () =>
  withTwo(async (own, elsewhere) => {
    await Deno.writeTextFile(join(elsewhere, "target"), "old");
    await Deno.symlink(join(elsewhere, "target"), join(own, "link"));
    await Deno.symlink(join(elsewhere, "none"), join(own, "dangling"));
    await Deno.link(join(elsewhere, "target"), join(own, "hard"));
    for (const name of ["link", "dangling", "hard"]) {
      await writeAtomically(join(own, name), "new");
      assertEquals(await Deno.readTextFile(join(own, name)), "new");
      assert((await Deno.lstat(join(own, name))).isFile, name);
    }
    assertEquals(namesIn(elsewhere), ["target"]);
    assertEquals(await Deno.readTextFile(join(elsewhere, "target")), "old");
    assertEquals(namesIn(own), ["dangling", "hard", "link"]);
  }));

Deno.test("a file that is written in place is no link and has no second name", () =>
  withTwo(async (own, elsewhere) => {
    const target = join(elsewhere, "target");
    await Deno.writeTextFile(target, "old");
    for (const name of ["a", "b"]) await Deno.symlink(target, join(own, name));
    await Deno.symlink(join(elsewhere, "none"), join(own, "dangling"));
    await Deno.link(target, join(own, "hard"));
    for (const name of ["a", "dangling"]) {
      await assertRejects(() => openOwnFile(join(own, name)), Error, "symbolic link");
      await assertRejects(() => appendText(join(own, name), "new"), Error, "symbolic link");
    }
    await appendText(join(own, "hard"), ", new");
    assertEquals(await Deno.readTextFile(join(own, "hard")), "old, new");
    for (const name of ["b", "dangling", "hard"]) (await openNewFile(join(own, name))).close();
    assertEquals(await Deno.readTextFile(join(own, "b")), "");
    assertEquals(await Deno.readTextFile(target), "old");
    assertEquals(namesIn(elsewhere), ["target"]);
  }));

Deno.test("a lease that came as a link is put away, and what it leads to stays", () =>
  withTwo(async (own, elsewhere) => {
    await Deno.writeTextFile(join(elsewhere, "target"), "old");
    for (const target of ["target", "none"]) {
      await Deno.symlink(join(elsewhere, target), join(own, "run.lock"));
      await withLease(own, async () => {
        assert((await Deno.lstat(join(own, "run.lock"))).isFile);
      });
      assertEquals(namesIn(own), []);
    }
    assertEquals(await Deno.readTextFile(join(elsewhere, "target")), "old");
    assertEquals(namesIn(elsewhere), ["target"]);
  }));

Deno.test("a run directory whose files are links elsewhere is refused, and they stay as they are", () =>
  withTwo(async (own, elsewhere) => {
    const options = { train: tileDataset(64), epochs: 3, batchSize: 32, directory: own };
    const stop = new AbortController();
    const interrupted = train(tinyClassifier(1), {
      ...options,
      signal: stop.signal,
      onEpoch: () => Promise.resolve(stop.abort()),
    });
    await assertRejects(() => interrupted, DOMException);
    const files = namesIn(own);
    assert(files.includes("last.safetensors") && files.includes("training_history.json"));
    const before = new Map<string, Uint8Array>();
    for (const name of files) {
      await Deno.rename(join(own, name), join(elsewhere, name));
      await Deno.symlink(join(elsewhere, name), join(own, name));
      before.set(name, await Deno.readFile(join(elsewhere, name)));
    }
    const resumed = () => train(tinyClassifier(1), { ...options, resume: true });
    const { message } = await assertRejects(resumed, Error, "symbolic link");
    assertStringIncludes(message, join(own, "last.safetensors"));
    assertEquals(namesIn(elsewhere), files);
    for (const [name, bytes] of before) {
      assertEquals(await Deno.readFile(join(elsewhere, name)), bytes, name);
    }
    // With the weights in place of their link, the rest is made anew where it has its name.
    await Deno.remove(join(own, "last.safetensors"));
    await Deno.copyFile(join(elsewhere, "last.safetensors"), join(own, "last.safetensors"));
    await Deno.remove(join(own, "config.json"));
    const { epochs } = await resumed();
    assertEquals(epochs.length, 3);
    for (const [name, bytes] of before) {
      assertEquals(await Deno.readFile(join(elsewhere, name)), bytes, name);
    }
    for (const name of ["best.safetensors", "last.safetensors", "training_history.csv"]) {
      assert((await Deno.lstat(join(own, name))).isFile, name);
    }
    // The first event file stays a link that is only read; the resumed run opened one of its own.
    assertEquals(namesIn(own).filter((name) => name.includes(".tfevents.")).length, 2);
  }));
