/** Files of the right form whose content is absurd, ambiguous or meant for the terminal. */
import { join } from "node:path";
import { tf } from "../../../lib/backend/tf.ts";
import { openCheckpoint } from "../../../lib/cli/eval/open_checkpoint.ts";
import { knownTraining } from "../../../lib/cli/eval/_known_training.ts";
import { readNotebook } from "../../../lib/cli/notebooks/nbformat.ts";
import { loadRecord } from "../../../lib/experiments/records/record.ts";
import { sha256 } from "../../../lib/format/sha256.ts";
import { loadCheckpoint, saveCheckpoint } from "../../../lib/nn/checkpoint.ts";
import { resnet18 } from "../../../lib/nn/resnet18.ts";
import { resolveSettings } from "../../../lib/train/options.ts";
import { identifyData, saveBest, saveConfig } from "../../../lib/train/run_directory.ts";
import { train } from "../../../lib/train/train.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../../lib/assert/mod.ts";
import { constantImages } from "../../data/fixtures.ts";
import { inventRun, withFolder } from "../../experiments/synthetic_run.ts";
import { tinyClassifier } from "../../train/tiny_classifier.ts";
import { atOnce, type Situation } from "../_situation.ts";

/** A safetensors file with this text as its header. */
function withHeader(header: string, data = new Uint8Array()): Uint8Array {
  const bytes = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + bytes.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(bytes.length), true);
  file.set(bytes, 8);
  file.set(data, 8 + bytes.length);
  return file;
}

type Change = (header: Record<string, unknown>) => void;

/** A checkpoint of a ResNet-18, made once. */
const wholeCheckpoint = (() => {
  let made: Promise<Uint8Array> | undefined;
  const make = async () => {
    const path = await Deno.makeTempFile();
    const model = resnet18({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
    await saveCheckpoint(path, model);
    model.dispose();
    const bytes = await Deno.readFile(path);
    await Deno.remove(path);
    return bytes;
  };
  return () => made ??= make();
})();

/** The same with another header; digests are left out, as a forger would. */
async function forged(change: Change, patch?: (data: Uint8Array) => void): Promise<Uint8Array> {
  const bytes = await wholeCheckpoint();
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  delete header.__metadata__["lab.sha256"];
  delete header.__metadata__["lab.sha256.header"];
  change(header);
  const data = bytes.slice(8 + length);
  patch?.(data);
  return withHeader(JSON.stringify(header), data);
}

const ofModel = (options: Readonly<Record<string, unknown>>): Change => (header) => {
  const metadata = header.__metadata__ as Record<string, string>;
  metadata["lab.model"] = JSON.stringify({ ...JSON.parse(metadata["lab.model"]!), ...options });
};

/** Requires that `eval` would refuse a checkpoint at once by its name, with nothing left behind. */
async function refuses(bytes: Uint8Array, because: RegExp): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, "best.safetensors");
    await Deno.writeFile(path, bytes);
    const before = tf.memory().numTensors;
    const open = () => atOnce(() => openCheckpoint(path, "svhn"));
    const { message } = await assertRejects(open, Error);
    assertStringIncludes(message, path);
    assertMatch(message, because);
    assertEquals(tf.memory().numTensors, before, "tensors were left behind");
  });
}

const absurd: readonly [name: string, make: () => Promise<Uint8Array>, because: RegExp][] = [
  [
    "lab.model claims 1,000,000 classes",
    () => forged(ofModel({ classes: 1e6 })),
    /classes 1000000/,
  ],
  [
    "lab.model claims 1,000,000 channels",
    () => forged(ofModel({ channels: 1e6 })),
    /channels 1000000/,
  ],
  ["lab.model claims another stem", () => forged(ofModel({ stem: "cifar" })), /stem cifar/],
  ["lab.model denies batch norm", () => forged(ofModel({ batchNorm: false })), /batchNorm false/],
  ["lab.model claims images of 1e9 pixels", () => forged(ofModel({ imageSize: 1e9 })), /imageSize/],
  [
    "lab.model has 1,000 means",
    () => forged(ofModel({ mean: Array(1000).fill(0) })),
    /1000 values/,
  ],
  ["lab.model has a std of zero", () => forged(ofModel({ std: [0, 1, 1] })), /std/],
  ["lab.model has a negative std", () => forged(ofModel({ std: [1, -1, 1] })), /std/],
  [
    "fc.weight has a million rows of nothing",
    () =>
      forged((header) => {
        const place = (header["fc.weight"] as { data_offsets: number[] }).data_offsets[0]!;
        for (const name of Object.keys(header)) {
          if (name === "__metadata__") continue;
          const entry = header[name] as { shape: number[]; data_offsets: number[] };
          if (name === "fc.weight") {
            Object.assign(entry, { shape: [1e6, 0], data_offsets: [place, place] });
            header["optimizer.rest"] = {
              dtype: "F32",
              shape: [5120],
              data_offsets: [place, place + 4 * 5120],
            };
          }
        }
      }),
    /fc\.weight has shape \[1000000,0\]/,
  ],
  ["a weight is 3e38", () => forged(() => {}, (data) => put(data, 3e38)), /3\.0e\+38/],
  ["a weight is -1e30", () => forged(() => {}, (data) => put(data, -1e30)), /1\.0e\+30/],
  ["a weight is infinite", () => forged(() => {}, (data) => put(data, Infinity)), /not finite/],
  [
    "a million empty tensors",
    () =>
      Promise.resolve(withHeader(
        `{${
          Array.from(
            { length: 1e6 },
            (_, k) => `"t${k}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`,
          ).join(",")
        }}`,
      )),
    /header of \d+ bytes/,
  ],
  [
    "60,000 empty tensors",
    () =>
      Promise.resolve(withHeader(
        `{${
          Array.from(
            { length: 60_000 },
            (_, k) => `"t${k}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`,
          ).join(",")
        }}`,
      )),
    /names 60000 tensors/,
  ],
  [
    "a header names a tensor twice",
    () => {
      const entry = `{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`;
      return Promise.resolve(withHeader(`{"fc.bias":${entry},"fc.b\\u0069as":${entry}}`));
    },
    /"fc\.bias" twice/,
  ],
  [
    "lab.model names an option twice",
    () =>
      forged((header) => {
        (header.__metadata__ as Record<string, string>)["lab.model"] = '{"classes":10,"classes":7}';
      }),
    /"classes" twice/,
  ],
  [
    "a header is nested 10,000 deep",
    () => Promise.resolve(withHeader(`{"a":${"[".repeat(1e4)}${"]".repeat(1e4)}}`)),
    /nested/,
  ],
];

function put(data: Uint8Array, value: number): void {
  new DataView(data.buffer, data.byteOffset).setFloat32(0, value, true);
}

/** A run whose config.json was edited, and its list of digests with it. */
async function editedRun(folder: string, edit: (text: string) => string): Promise<void> {
  await inventRun(folder);
  const path = join(folder, "config.json");
  const before = await Deno.readTextFile(path);
  const text = edit(before);
  await Deno.writeTextFile(path, text);
  const list = join(folder, "SHA256SUMS");
  const sums = await Deno.readTextFile(list).catch(() => "");
  await Deno.writeTextFile(list, sums.replace(sha256(before), sha256(text)));
}

const twice = (text: string) => text.replace("{", '{"seed": 1, ');

const ambiguous: readonly Situation[] = [
  {
    name: "a record's config.json names its seed twice",
    run: () =>
      withFolder(async (folder) => {
        await editedRun(folder, twice);
        const { message } = await assertRejects(() => loadRecord(folder), Error);
        assertMatch(message, /config\.json: it holds "seed" twice/);
      }),
  },
  {
    name: "the config.json beside a checkpoint names its seed twice",
    run: () =>
      withFolder(async (folder) => {
        await Deno.writeTextFile(join(folder, "config.json"), '{"seed": 1, "seed": 2}');
        const read = () => knownTraining(join(folder, "best.safetensors"));
        const { message } = await assertRejects(read, Error);
        assertMatch(message, /config\.json: it holds "seed" twice/);
      }),
  },
  ...["[1]", '{"train": 7}', '{"train": {"name": "svhn", "length": -1}}', '{"seed": "0"}'].map(
    (text) => ({
      name: `the config.json beside a checkpoint is ${text}`,
      run: () =>
        withFolder(async (folder) => {
          await Deno.writeTextFile(join(folder, "config.json"), text);
          const read = () => knownTraining(join(folder, "best.safetensors"));
          const { message } = await assertRejects(read, Error);
          assertStringIncludes(message, join(folder, "config.json"));
        }),
    }),
  ),
  {
    name: "a notebook names its cells twice",
    run: () =>
      withFolder(async (folder) => {
        const path = join(folder, "a.ipynb");
        await Deno.writeTextFile(path, '{"cells": [], "nbformat": 4, "cells": []}');
        const { message } = await assertRejects(() => readNotebook(path), Error);
        assertMatch(message, /a\.ipynb: it holds "cells" twice/);
      }),
  },
];

/** Saves what a training saves, then asks what `eval` says of the training. */
async function trainedOn(change: (folder: string) => Promise<void>): Promise<string> {
  let said = "";
  await withFolder(async (directory) => {
    const model = resnet18({ mean: [0, 0, 0], std: [1, 1, 1] });
    const settings = resolveSettings({ epochs: 1 });
    const data = identifyData(constantImages(4));
    await saveConfig(directory, { settings, train: data, validation: null, model: null });
    await saveBest(directory, model, { epochs: [], bestEpoch: 0 });
    model.dispose();
    await change(directory);
    const checkpoint = await openCheckpoint(join(directory, "best.safetensors"), "svhn");
    checkpoint.model.dispose();
    said = checkpoint.trainedOn;
  });
  return said;
}

const claims: readonly Situation[] = [
  {
    name: "a config.json that the checkpoint names is believed",
    run: async () => assertEquals(await trainedOn(() => Promise.resolve()), constantImages(4).name),
  },
  {
    name: "a config.json was edited after the training",
    run: async () => {
      const text = await trainedOn(async (directory) => {
        const path = join(directory, "config.json");
        const config = JSON.parse(await Deno.readTextFile(path));
        config.train.name = "imagenet";
        await Deno.writeTextFile(path, JSON.stringify(config));
      });
      assertEquals(text, "imagenet (claimed by config.json)");
    },
  },
];

const hanging: readonly Situation[] = [
  "(.*)*(.*)*(.*)*(.*)*x$",
  "^(\\w+\\.?)+$!",
  /(a|\w)+(\w|b)+Z/,
]
  .map((freeze) => ({
    name: `freeze is ${freeze}, which would match for ever`,
    run: () =>
      withFolder(async (folder) => {
        const model = tinyClassifier();
        const long = tf.variable(tf.zeros([1]));
        const parameters = new Map(model.parameters);
        parameters.set(`${"layer1.conv1.weight_".repeat(3)}`, long);
        const odd = { ...model, parameters };
        const run = () =>
          atOnce(() =>
            train(odd, { train: constantImages(4), epochs: 1, freeze, directory: `${folder}/run` })
          );
        try {
          const { message } = await assertRejects(run, RangeError);
          assertStringIncludes(message, "freeze");
        } finally {
          model.dispose();
          long.dispose();
        }
      }),
  }));

const steering: readonly Situation[] = ["\u001b[2J", "\u009b31m", "a\rb", "\u202e", "\u0007"].map(
  (name) => ({
    name: `a tensor is called ${JSON.stringify(name)}`,
    run: () =>
      withFolder(async (folder) => {
        const path = join(folder, "a.safetensors");
        const entry = { dtype: "F32", shape: [0], data_offsets: [0, 0] };
        await Deno.writeFile(path, withHeader(JSON.stringify({ [name]: entry })));
        const model = tinyClassifier();
        const { message } = await assertRejects(() => loadCheckpoint(path, model), Error);
        model.dispose();
        assert(!message.includes(name), "the message holds the character itself");
      }),
  }),
);

/** Absurd, ambiguous and steering content. */
export const situations: readonly Situation[] = [
  ...absurd.map(([name, make, because]) => ({
    name,
    run: async () => await refuses(await make(), because),
  })),
  ...ambiguous,
  ...claims,
  ...hanging,
  ...steering,
];
