/** Damaged safetensors files of other programs, without digests. */
import { join } from "node:path";
import fc from "fast-check";
import { loadCheckpoint, saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";
import { attempt, type Tally } from "./_attempts.ts";
import {
  append,
  cut,
  type Damaged,
  everyBit,
  flip,
  hugeNumbers,
  overwrite,
  spread,
} from "./_damage.ts";

/** A safetensors file of a header, as it stands here, and data. */
function fileOf(header: string, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

interface Entry {
  dtype: unknown;
  shape: unknown;
  data_offsets: unknown;
}

/** Shapes and ranges that would take gigabytes, overflow, or are none. */
const strangeNumbers = [2 ** 31, 2 ** 32, 2 ** 53, 1e19, 1e308, -1, 0.5, "4", null, {}, true];

/** Ways to spoil one entry of a header. */
function spoiled({ dtype, shape, data_offsets }: Entry): [damage: string, entry: unknown][] {
  const [begin, end] = data_offsets as [number, number];
  const entry = { dtype, shape, data_offsets };
  const size = end - begin;
  const random = fc.sample(fc.jsonValue({ maxDepth: 3 }), { numRuns: 15, seed: 11 });
  return [
    ...strangeNumbers.map((
      n,
    ): [string, unknown] => ["huge or strange shape", { ...entry, shape: [n, n] }]),
    ...strangeNumbers.map((n): [string, unknown] => [
      "huge or strange offsets",
      { ...entry, data_offsets: [begin, n] },
    ]),
    ...[[end, begin], [begin, end, end], [begin], [], "0,4", null].map((
      data_offsets,
    ): [string, unknown] => [
      "malformed offsets",
      { ...entry, data_offsets },
    ]),
    ...[[begin + 4, end + 4], [begin - 4, end - 4], [begin + 1, end + 1], [0, size], [4, 4 + size]]
      .filter(([from]) => from !== begin)
      .map((data_offsets): [string, unknown] => [
        "overlapping or displaced offsets",
        { ...entry, data_offsets },
      ]),
    ...["F64", "F16", "BF16", "I32", "U8", "constructor", "", null, 32].map((
      dtype,
    ): [string, unknown] => [
      "another type",
      { ...entry, dtype },
    ]),
    ...random.map((value): [string, unknown] => ["anything for an entry", value]),
  ];
}

function withEntry(
  header: Readonly<Record<string, unknown>>,
  data: Uint8Array,
  name: string,
): Damaged[] {
  return spoiled(header[name] as Entry).map(([damage, entry]) => ({
    damage,
    bytes: fileOf(JSON.stringify({ ...header, [name]: entry }), data),
  }));
}

const EMPTY_ENTRY = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';

/** Headers that are wrong as a whole. */
function wholeHeaders(header: Readonly<Record<string, unknown>>, data: Uint8Array): Damaged[] {
  const names = Object.keys(header);
  const text = JSON.stringify(header);
  const depth = 100_000;
  const nested = "[".repeat(depth) + "]".repeat(depth);
  const nestedObject = '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
  const inside = (name: string, value: string) => `{"${name}":${value},${text.slice(1)}`;
  const swapped = names.slice(1).map((name, k) => ({
    ...header,
    [name]: header[names[k]!],
    [names[k]!]: header[name],
  }));
  const lists: [damage: string, headers: string[]][] = [
    ["deep nesting", [
      nested,
      nestedObject,
      ...["__metadata__", "more"].flatMap((
        name,
      ) => [inside(name, nested), inside(name, nestedObject)]),
      inside("__metadata__", `{"a":${nested}}`),
      inside("__metadata__", `{"lab.sha256.header":"0","a":${nestedObject}}`),
    ]],
    ["entries exchanged", swapped.map((one) => JSON.stringify(one))],
    [
      "an entry lost",
      names.map((name) => JSON.stringify({ ...header, [name]: undefined })),
    ],
    [
      "an entry under another name",
      names.map((name) => text.replace(JSON.stringify(name), JSON.stringify(`${name}.more`))),
    ],
    [
      "an entry twice",
      names.map((name) => `${text.slice(0, -1)},${JSON.stringify(name)}:${EMPTY_ENTRY}}`),
    ],
    [
      "metadata that are no strings",
      ["1", "null", "[]", '{"a":1}', '{"a":null}', '{"a":{}}', '"text"'].map((value) =>
        inside("__metadata__", value)
      ),
    ],
    ["no object", ["[]", "null", "1", '"text"', "true", "", "{", `${text},`, `${text}{}`]],
  ];
  return lists.flatMap(([damage, headers]) =>
    headers.map((header) => ({ damage, bytes: fileOf(header, data) }))
  );
}

/** Checkpoints of other programs: without digests, only their structure and finiteness can be checked. */
export async function foreignCheckpoints(tally: Tally): Promise<void> {
  await withFolder(async (directory) => {
    const path = join(directory, "model.safetensors");
    const model = tinyClassifier(3);
    await saveCheckpoint(path, model);
    model.dispose();
    const ours = await Deno.readFile(path);
    const begin = 8 + Number(new DataView(ours.buffer).getBigUint64(0, true));
    const { __metadata__: _, ...header } = JSON.parse(
      new TextDecoder().decode(ours.subarray(8, begin)),
    ) as Record<string, unknown>;
    const data = ours.slice(begin);
    const good = fileOf(JSON.stringify(header), data);
    const dataStart = good.length - data.length;
    const read = async () => {
      const model = tinyClassifier(0);
      try {
        const { metadata } = await loadCheckpoint(path, model);
        const variables = [...model.parameters.values(), ...model.buffers.values()];
        return [metadata, variables.map((variable) => variable.dataSync())];
      } finally {
        model.dispose();
      }
    };
    const notFinite = [[0, 0, 0xc0, 0x7f], [0, 0, 0x80, 0x7f], [0, 0, 0x80, 0xff]];
    const floats = spread(0, data.length / 4, 12).map((k) => dataStart + 4 * k);
    await attempt(
      tally,
      { parser: "foreign safetensors", file: "model.safetensors", read },
      directory,
      good,
      [
        ...cut(good, spread(0, good.length, 60)),
        ...flip(good, [...Array(8).keys()], "length of the header", everyBit),
        ...overwrite(good, [0, 1, 2, 4], hugeNumbers, "huge header"),
        ...flip(good, spread(8, dataStart, 150), "header"),
        ...overwrite(good, floats, notFinite, "NaN and infinity"),
        ...Object.keys(header).flatMap((name) => withEntry(header, data, name)),
        ...wholeHeaders(header, data),
        ...append(good),
      ],
    );
  });
}
