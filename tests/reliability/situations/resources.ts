/** Disks and memory that do not suffice. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { outOfMemory } from "../../../lib/cli/_out_of_memory.ts";
import { replaceSet } from "../../../lib/experiments/records/replace_set.ts";
import { saveCheckpoint } from "../../../lib/nn/checkpoint.ts";
import { resnet18 } from "../../../lib/nn/resnet18.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../../lib/assert/mod.ts";
import { withFolder } from "../../experiments/synthetic_run.ts";
import { type Situation, system } from "../_situation.ts";
import { noDisk, withSmallDisk } from "../_small_disk.ts";

/** What a folder holds, by name. */
function contents(folder: string): Record<string, string> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return Object.fromEntries(
    names.map((name) => [name, Deno.readFileSync(join(folder, name)).toHex()]),
  );
}

/** Three files of a set, each of so many bytes. */
const write = (bytes: number, value: number) => async (folder: string) => {
  for (const name of ["a.svg", "a.png", "a.metrics.json"]) {
    await Deno.writeFile(join(folder, name), new Uint8Array(bytes).fill(value));
  }
};

const evalScript = fileURLToPath(new URL("../../../lib/cli/eval.ts", import.meta.url));
const trainScript = fileURLToPath(new URL("../../../lib/cli/train.ts", import.meta.url));

async function lab(script: string, args: readonly string[], shellPart = "", before = "") {
  const command = [Deno.execPath(), "run", "-q", "--no-check", "-A", script, ...args]
    .map((part) => `'${part}'`).join(" ");
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", `${before} ${command} ${shellPart}`],
    env: { NO_COLOR: "1", LAB_DATA: "" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

async function checkpointIn(folder: string): Promise<string> {
  const path = join(folder, "best.safetensors");
  const model = resnet18({ stem: "imagenet", mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
  await saveCheckpoint(path, model);
  model.dispose();
  return path;
}

const EVALUATION = [
  ...["--dataset", "svhn", "--limit", "32", "--batch-size", "16", "--confusion"],
  ...["--sweep-max-batches", "0", "--iter-sweep-max-batches", "0", "--umap-max", "0"],
];

/** The messages of engines and systems that have no memory left. */
const OUT_OF_MEMORY = [
  "OOM when allocating tensor with shape[20000,64,32,32] and type float on CPU",
  "Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[1,2]",
  "Array buffer allocation failed",
  "std::bad_alloc",
  "Cannot allocate memory (os error 12)",
];

/** Disks and memory that do not suffice. */
export const situations: readonly Situation[] = [
  {
    name: "a second set of files does not fit on the disk",
    ignore: noDisk,
    run: async () => {
      await withSmallDisk(async (disk) => {
        const folder = join(disk, "eval");
        await replaceSet(folder, write(20_000, 1));
        const before = contents(folder);
        const second = () => replaceSet(folder, write(80_000, 2));
        const { message } = await assertRejects(second, Error);
        assertMatch(message, /No space left on device/);
        assertStringIncludes(message, `${folder} are as they were`);
        assertEquals(contents(folder), before);
        assert(await system("sh", "-c", `cd ${folder} && sha256sum --check --strict SHA256SUMS`));
        await replaceSet(folder, write(10_000, 3));
        assert(await system("sh", "-c", `cd ${folder} && sha256sum --check --strict SHA256SUMS`));
      });
    },
  },
  {
    name: "a second set fails halfway, and a file of another set lies beside",
    run: () =>
      withFolder(async (folder) => {
        await replaceSet(folder, (to) => Deno.writeTextFile(join(to, "b.svg"), "other"));
        await replaceSet(folder, write(10, 1));
        const before = contents(folder);
        await assertRejects(() =>
          replaceSet(folder, async (to) => {
            await write(10, 2)(to);
            throw new Error("half");
          })
        );
        assertEquals(contents(folder), before);
        const list = await Deno.readTextFile(join(folder, "SHA256SUMS"));
        assertEquals(list.match(/\n/g)?.length, 4);
      }),
  },
  ...OUT_OF_MEMORY.map((message) => ({
    name: `memory is out: ${message.split("\n").at(-1)}`,
    run: () => {
      const sentence = outOfMemory(new Error(message));
      assertMatch(sentence ?? "", /^Out of memory.*smaller --batch-size/);
      assertEquals(sentence?.includes("\n"), false);
    },
  })),
  {
    name: "a second eval does not fit on the disk",
    slow: true,
    ignore: noDisk,
    run: () =>
      withFolder(async (folder) => {
        const checkpoint = await checkpointIn(folder);
        await withSmallDisk(async (disk) => {
          const args = ["--checkpoint", checkpoint, ...EVALUATION, "--out", `${disk}/eval`];
          const first = await lab(evalScript, args);
          assertEquals(first.code, 0, first.stderr);
          const before = contents(`${disk}/eval`);
          await system("sh", "-c", `head -c 1000000 /dev/zero > ${disk}/filler`);
          const second = await lab(evalScript, args);
          assertEquals(second.code, 1);
          assertMatch(second.stderr, /No space left on device.*are as they were/);
          assertEquals(contents(`${disk}/eval`), before);
          assert(await system("sh", "-c", `cd ${disk}/eval && sha256sum --check SHA256SUMS`));
        }, "2m");
      }),
  },
  {
    name: "training goes on while stderr is full, without the bar",
    slow: true,
    run: () =>
      withFolder(async (folder) => {
        const args = ["--demo", "--limit", "64", "--epochs", "1", "--out", join(folder, "run")];
        const { code, stdout } = await lab(trainScript, args, "2>/dev/full");
        assertEquals(code, 0);
        assertStringIncludes(stdout, "Test accuracy");
      }),
  },
  {
    name: "eval runs out of memory",
    slow: true,
    ignore: Deno.build.os === "linux" ? undefined : "there is no ulimit -v",
    run: () =>
      withFolder(async (folder) => {
        const checkpoint = await checkpointIn(folder);
        const args = ["--checkpoint", checkpoint, ...EVALUATION, "--limit", "10000"];
        const huge = [...args, "--batch-size", "10000", "--image-size", "64"];
        const { code, stderr } = await lab(evalScript, huge, "", "ulimit -v 40000000;");
        assertEquals(code === 0, false);
        assertMatch(stderr, /smaller --batch-size/);
      }),
  },
];
