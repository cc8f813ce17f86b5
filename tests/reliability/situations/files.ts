/** Files that are none, in the place of every file that the lab reads. */
import { dirname, join } from "node:path";
import { readTuning } from "../../../lib/backend/tuning_file.ts";
import { knownTraining } from "../../../lib/cli/eval/_known_training.ts";
import { openCheckpoint } from "../../../lib/cli/eval/open_checkpoint.ts";
import { readNotebook } from "../../../lib/cli/notebooks/nbformat.ts";
import { readImageList } from "../../../lib/data/_image_list.ts";
import { loadDataset } from "../../../lib/data/load_dataset.ts";
import { readPredictions } from "../../../lib/experiments/records/predictions_file.ts";
import { loadRecord } from "../../../lib/experiments/records/record.ts";
import { encoderOfFile } from "../../../lib/experiments/runs/encoder.ts";
import { gridChart } from "../../../lib/experiments/views/saved_grid.ts";
import { FileError } from "../../../lib/files/file_error.ts";
import { loadCheckpoint } from "../../../lib/nn/checkpoint.ts";
import { readCheckpointMetadata } from "../../../lib/train/_checkpoint_metadata.ts";
import { assert, assertStringIncludes } from "../../../lib/assert/mod.ts";
import { fixture, fixtureDirectory } from "../../data/fixtures.ts";
import { inventRun, withFolder } from "../../experiments/synthetic_run.ts";
import { tinyClassifier } from "../../train/tiny_classifier.ts";
import { atOnce, type Situation, system } from "../_situation.ts";

/** Puts a valid folder there; the file in question is then replaced. */
type Prepare = (folder: string) => Promise<unknown>;

const nothing: Prepare = () => Promise.resolve();

/** The small data sets of the tests. */
async function datasets(folder: string): Promise<void> {
  for (const name of ["MNIST", "SVHN", "cifar-10-batches-bin"]) {
    await Deno.mkdir(join(folder, name), { recursive: true });
    for (const { name: file } of Deno.readDirSync(join(fixtureDirectory, name))) {
      await Deno.writeFile(join(folder, name, file), await fixture(`${name}/${file}`));
    }
  }
}

async function tinyCheckpoint(path: string): Promise<unknown> {
  const model = tinyClassifier();
  try {
    return await loadCheckpoint(path, model);
  } finally {
    model.dispose();
  }
}

const data = (name: "mnist" | "svhn" | "cifar10") => (_: string, directory: string) =>
  loadDataset(name, "test", { directory, source: "real" });
const record = (path: string) => loadRecord(dirname(path));

/** Every reader: the file, a folder for it, and the call. */
const readers: readonly [
  file: string,
  prepare: Prepare,
  read: (path: string, folder: string) => Promise<unknown>,
][] = [
  ["MNIST/t10k-images-idx3-ubyte.gz", datasets, data("mnist")],
  ["MNIST/t10k-labels-idx1-ubyte.gz", datasets, data("mnist")],
  ["SVHN/test_32x32.mat", datasets, data("svhn")],
  ["cifar-10-batches-bin/test_batch.bin", datasets, data("cifar10")],
  ["model.safetensors", nothing, tinyCheckpoint],
  ["best.safetensors", nothing, (path) => openCheckpoint(path, "svhn")],
  ["last.safetensors", nothing, readCheckpointMetadata],
  ["encoder.safetensors", nothing, (path) => encoderOfFile(path, "an encoder")],
  ["p.safetensors", nothing, readPredictions],
  ["config.json", inventRun, record],
  ["training_history.json", inventRun, record],
  ["SHA256SUMS", inventRun, record],
  ["config.json", nothing, (path) => knownTraining(join(dirname(path), "a.safetensors"))],
  ["svhn-test.grid.svg", inventRun, async (_, folder) => gridChart((await loadRecord(folder))!)],
  ["images.csv", nothing, (path) => readImageList(path, "")],
  ["a.ipynb", nothing, readNotebook],
  ["tuning.json", nothing, (path) => Promise.resolve().then(() => readTuning(path))],
];

/** What may stand in a file's place. */
const kinds: Readonly<Record<string, (path: string, elsewhere: string) => Promise<unknown>>> = {
  "a pipe": (path) => system("mkfifo", path),
  "a link to a device": (path) => Deno.symlink("/dev/zero", path),
  "a link out of its folder": async (path, elsewhere) => {
    await Deno.writeTextFile(join(elsewhere, "secret"), "{}");
    await Deno.symlink(join(elsewhere, "secret"), path);
  },
  "a sparse file of 100 GB": async (path) => {
    await Deno.writeFile(path, new Uint8Array());
    await Deno.truncate(path, 100e9);
  },
};

/** Every file that the lab reads, in every form that none should have. */
export const situations: readonly Situation[] = readers.flatMap(([file, prepare, read]) =>
  Object.entries(kinds).map(([kind, make]) => ({
    name: `${file} is ${kind}`,
    ignore: Deno.build.os === "windows" ? "there are no pipes" : undefined,
    run: () =>
      withFolder(async (base) => {
        const [folder, elsewhere] = [join(base, "folder"), join(base, "elsewhere")];
        await Deno.mkdir(folder);
        await Deno.mkdir(elsewhere);
        await prepare(folder);
        const path = join(folder, file);
        await Deno.mkdir(dirname(path), { recursive: true });
        await Deno.remove(path).catch(() => {});
        await make(path, elsewhere);
        let found: unknown;
        try {
          await atOnce(() => read(path, folder));
        } catch (error) {
          found = error;
        }
        assert(found instanceof FileError, `expected a FileError but found ${found}`);
        assertStringIncludes(found.message, file.split("/").at(-1)!);
      }),
  }))
);
