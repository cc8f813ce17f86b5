import { join } from "node:path";
import { loadCheckpoint } from "../../lib/nn/checkpoint.ts";
import { train } from "../../lib/train/train.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { tinyClassifier, weightsOf } from "../train/tiny_classifier.ts";
import { shortRun } from "./_kill_at.ts";
import { system } from "./_situation.ts";
import { noDisk, withSmallDisk } from "./_small_disk.ts";

const mayMount = noDisk === undefined;
if (!mayMount) console.warn("No disk can be mounted here: the tests of a full disk are ignored.");

/** Trains one of two epochs in a directory and returns its files. */
async function oneEpoch(directory: string): Promise<Record<string, number[]>> {
  const controller = new AbortController();
  const stopped = train(tinyClassifier(1), {
    ...shortRun(),
    directory,
    signal: controller.signal,
    onEpoch: () => controller.abort(),
  });
  await assertRejects(() => stopped, DOMException);
  return filesOf(directory);
}

/** Contents by name, but for the event log, which grows by appending. */
function filesOf(directory: string): Record<string, number[]> {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name)
    .filter((name) => !name.startsWith("events."));
  return Object.fromEntries(
    names.sort().map((name) => [name, [...Deno.readFileSync(join(directory, name))]]),
  );
}

const resume = (directory: string) => async () => {
  const model = tinyClassifier(9);
  try {
    await train(model, { ...shortRun(), directory, resume: true });
  } finally {
    model.dispose();
  }
};

/** The checkpoint that is there can be loaded. */
async function requireLoadable(path: string): Promise<void> {
  const [model, fresh] = [tinyClassifier(9), tinyClassifier(9)];
  await loadCheckpoint(path, model);
  assertEquals(weightsOf(model)["fc.bias"]!.join() === weightsOf(fresh)["fc.bias"]!.join(), false);
  model.dispose();
  fresh.dispose();
}

Deno.test({
  name: "a full disk is a clear error, and everything that was there is intact",
  ignore: !mayMount,
  fn: async () => {
    await withSmallDisk(async (disk) => {
      const directory = join(disk, "run");
      const before = await oneEpoch(directory);
      const filler = join(disk, "filler");
      // Fill every block that is left; then not even a small file can be written.
      await system("sh", "-c", `head -c 1000000 /dev/zero > ${filler}`);
      const { message } = await assertRejects(resume(directory), Error);
      assertStringIncludes(message, directory);
      assertStringIncludes(message, "space");
      assertEquals(filesOf(directory), before);
      await requireLoadable(join(directory, "last.safetensors"));
      await Deno.remove(filler);
      await resume(directory)();
      assertEquals("run.lock" in filesOf(directory), false);
    });
  },
});

Deno.test({
  name: "a directory that became read-only is a clear error, and everything in it is intact",
  ignore: !mayMount,
  fn: async () => {
    await withSmallDisk(async (disk) => {
      const directory = join(disk, "run");
      const before = await oneEpoch(directory);
      await system("mount", "-o", "remount,ro", disk);
      const { message } = await assertRejects(resume(directory), Error);
      assertStringIncludes(message, directory);
      assertEquals(filesOf(directory), before);
      await requireLoadable(join(directory, "last.safetensors"));
    });
  },
});

Deno.test({
  name: "a directory without permission to write is a clear error",
  ignore: Deno.uid() === 0, // root may write everywhere; the test above is for it
  fn: () =>
    withFolder(async (folder) => {
      const directory = join(folder, "run");
      await oneEpoch(directory);
      await Deno.chmod(directory, 0o555);
      const { message } = await assertRejects(resume(directory), Error);
      await Deno.chmod(directory, 0o755);
      assertStringIncludes(message, directory);
    }),
});
