/** The datasets of a session: each is loaded and fingerprinted once. */
import type { Dataset, DatasetName, Split } from "../../data/dataset.ts";
import { requireDataDirectory } from "../../data/data_directory.ts";
import { loadDataset } from "../../data/load_dataset.ts";
import { joinDatasets } from "../../data/join_datasets.ts";
import { splitDataset } from "../../data/split_dataset.ts";
import { type DataIdentity, identifyData } from "../../train/run_directory.ts";
import type { RunSpec } from "../specs/run_spec.ts";
import { requireText } from "../../arguments/require.ts";

/** The images of one run. */
export interface RunData {
  /** What is trained on: without the hold-out and, where the spec says so, only a subset. */
  readonly train: Dataset;
  /** Held out of the training images; every choice is made on it. */
  readonly validation: Dataset;
  /** Test split of the run's own dataset. */
  readonly test: Dataset;
  /** Test split of the dataset that the run is transferred to. */
  readonly transfer: Dataset | undefined;
  /** Test splits of other data sets, which tell what is new to the model. */
  readonly outside: readonly Dataset[];
  /** Fingerprints of the splits as loaded. */
  readonly identity: Readonly<Record<string, DataIdentity>>;
}

/** Loads datasets and remembers them. */
export interface DataProvider {
  /** Directory that was named for the data, if one was. */
  readonly directory: string | undefined;
  /** Loads all images of a run; splits loaded before are reused. */
  load(spec: RunSpec): Promise<RunData>;
  /** Loads one split of a dataset as the spec asks: with its source and its limit. */
  split(spec: RunSpec, name: DatasetName, split: Split): Promise<Dataset>;
}

/**
 * Which data "auto" means: a named directory must hold the files; without one the quick profile
 * stays with the stand-ins, whatever lies in data/raw.
 */
export function sourceFor(
  spec: Pick<RunSpec, "profile" | "data">,
  directory: string | undefined,
): "auto" | "real" | "procedural" {
  if (spec.data.source !== "auto") return spec.data.source;
  if (directory !== undefined) return "real";
  return spec.profile === "quick" ? "procedural" : "auto";
}

/** Draws about `size` images, stratified; all where there are no more. */
function subsetOf(data: Dataset, size: number | undefined, seed: number): Dataset {
  if (size === undefined || size >= data.length) return data;
  return splitDataset(data, size / data.length, seed)[1];
}

/**
 * Creates the provider of a session.
 *
 * @param directory Directory with the datasets' own layouts; default `$LAB_DATA`, else none named.
 * @returns A provider whose memory lasts as long as it does.
 * @throws {Error} If a directory was named but is not a folder.
 */
export function dataProvider(
  directory: string | undefined = Deno.env.get("LAB_DATA") || undefined,
): DataProvider {
  if (directory !== undefined) {
    requireText("directory", directory);
    requireDataDirectory(directory);
  }
  const loaded = new Map<string, Promise<Dataset>>();
  const joints = new Map<string, Dataset>();
  const joined = (first: Dataset, second: Dataset) => {
    const key = `${first.describe()} ${second.describe()}`;
    const both = joints.get(key) ?? joinDatasets(first, second);
    joints.set(key, both);
    return both;
  };
  const identities = new WeakMap<Dataset, DataIdentity>();
  const identify = (data: Dataset) => {
    const known = identities.get(data) ?? identifyData(data);
    identities.set(data, known);
    return known;
  };
  const split = (spec: RunSpec, name: DatasetName, part: Split): Promise<Dataset> => {
    const limit = part === "train" ? spec.data.trainLimit : spec.data.testLimit;
    const source = sourceFor(spec, directory);
    const key = `${name} ${part} ${source} ${limit}`;
    const known = loaded.get(key);
    if (known !== undefined) return known;
    const data = loadDataset(name, part, {
      source,
      ...(directory === undefined ? {} : { directory }),
      ...(limit === undefined ? {} : { limit }),
    });
    loaded.set(key, data);
    // A failed load may be tried again, e.g. after a download.
    data.catch(() => loaded.delete(key));
    return data;
  };
  return {
    directory,
    split,
    async load(spec) {
      const { dataset, seed, data: { validationFraction, trainSubset }, evaluation } = spec;
      const { joint } = spec.data;
      const own = await split(spec, dataset, "train");
      const whole = joint === undefined ? own : joined(own, await split(spec, joint, "train"));
      const test = await split(spec, dataset, "test");
      const transfer = evaluation.transferTo && await split(spec, evaluation.transferTo, "test");
      const outside: Dataset[] = [];
      for (const name of evaluation.outside?.datasets ?? []) {
        outside.push(await split(spec, name, "test"));
      }
      const [rest, validation] = splitDataset(whole, validationFraction, seed);
      return {
        train: subsetOf(rest, trainSubset, seed),
        validation,
        test,
        transfer,
        outside,
        identity: {
          train: identify(whole),
          test: identify(test),
          ...(transfer ? { transfer: identify(transfer) } : {}),
          ...Object.fromEntries(outside.map((data) => [`outside ${data.name}`, identify(data)])),
        },
      };
    },
  };
}
