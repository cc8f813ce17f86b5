/** Damaged results: with their digests, without them, and the list of images. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readImageList } from "../../lib/data/_image_list.ts";
import { loadRecord, sealRecord } from "../../lib/experiments/records/record.ts";
import { inventRun, withFolder } from "../experiments/synthetic_run.ts";
import { attempt, type Tally } from "./_attempts.ts";
import { append, cut, type Damaged, flip, scramble, spread } from "./_damage.ts";

/** Sealed results: their SHA256SUMS tells any changed byte. */
export async function sealedResults(tally: Tally): Promise<void> {
  await withFolder(async (folder) => {
    const directory = join(folder, "run");
    await sealRecord(await inventRun(directory));
    const read = async (directory: string) => {
      const { config, history, evaluations } = (await loadRecord(directory))!;
      return [config, history, [...evaluations]];
    };
    const files = ["config.json", "training_history.json", "svhn-test.metrics.json", "SHA256SUMS"];
    for (const file of files) {
      const good = await Deno.readFile(join(directory, file));
      await attempt(tally, { parser: "results with SHA256SUMS", file, read }, directory, good, [
        ...cut(good, spread(0, good.length, 30)),
        ...flip(good, spread(0, good.length, 40), "a changed byte"),
        ...scramble(good, 0, good.length, 20),
      ]);
    }
  });
}

/** Paths of all values in a JSON tree. */
function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [[...path]];
  const inner = Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]));
  return path.length === 0 ? inner : [[...path], ...inner];
}

/** A copy with one value replaced, or removed where the replacement is undefined. */
function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : { ...(value as Record<string, unknown>) };
  const place = copy as Record<string, unknown>;
  place[key] = replaced(place[key], rest, by);
  return copy;
}

/** Fields of every result whose absence or kind is not for the schema to judge. */
const FREE = /^spec\.|^warnings/;

/** Every value of a JSON file by one of another kind; numbers in range cannot be told from the true. */
function otherKinds(good: Uint8Array): Damaged[] {
  const value: unknown = JSON.parse(new TextDecoder().decode(good));
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return pathsOf(value).filter((path) => !FREE.test(path.join("."))).flatMap((path) => [
    { damage: "a value of another kind", bytes: bytes(replaced(value, path, { strange: [] })) },
    { damage: "a value of another kind", bytes: bytes(replaced(value, path, [[[-1e300]]])) },
  ]);
}

function wholeFiles(good: Uint8Array): Damaged[] {
  const text = new TextDecoder().decode(good);
  const depth = 100_000;
  const nested = "[".repeat(depth) + "]".repeat(depth);
  const texts: [damage: string, texts: string[]][] = [
    ["deep nesting", [nested, '{"schema":1,"a":'.repeat(depth) + "1" + "}".repeat(depth)]],
    [
      "another schema",
      [0, 3, -1, "1", null, [1]].map((schema) => JSON.stringify({ ...JSON.parse(text), schema })),
    ],
    ["no object", ["", "null", "1", "[]", "{}", '"text"', "NaN", "{'schema':1}"]],
  ];
  return texts.flatMap(([damage, list]) =>
    list.map((one) => ({ damage, bytes: new TextEncoder().encode(one) }))
  );
}

/** Results of which nobody took digests: the structure is checked, and what they say twice. */
export async function unsealedResults(tally: Tally): Promise<void> {
  await withFolder(async (folder) => {
    const directory = join(folder, "run");
    await inventRun(directory);
    const read = async (directory: string) => {
      const { config, history, evaluations } = (await loadRecord(directory))!;
      return [config, history, [...evaluations]];
    };
    for (const file of ["config.json", "training_history.json", "svhn-test.metrics.json"]) {
      const good = await Deno.readFile(join(directory, file));
      const whole = new TextDecoder().decode(good).trimEnd().length;
      await attempt(tally, { parser: "results without digests", file, read }, directory, good, [
        ...cut(good, spread(0, whole, 60)),
        ...otherKinds(good),
        ...wholeFiles(good),
        ...flip(good, spread(0, good.length, 40), "no UTF-8", [0x80]),
      ]);
    }
  });
}

/** The list of images, a CSV with a digest. */
export async function imageLists(tally: Tally): Promise<void> {
  await withFolder(async (directory) => {
    const hash = (k: number) => createHash("sha256").update(`${k}`).digest("hex").slice(0, 16);
    const lines = Array.from(
      { length: 20 },
      (_, k) => `${k < 15 ? "train" : "test"},${hash(k)},${k % 10}\n`,
    );
    const good = new TextEncoder().encode(["split,sha256_prefix,label\n", ...lines].join(""));
    const digest = createHash("sha256").update(good).digest("hex");
    const file = "images.csv";
    const read = (directory: string) => readImageList(join(directory, file), digest);
    await attempt(tally, { parser: "list of images (CSV)", file, read }, directory, good, [
      ...cut(good, spread(0, good.length, 120)),
      ...flip(good, spread(0, good.length, 150), "a changed byte"),
      ...scramble(good, 0, good.length, 100),
      ...append(good),
    ]);
  });
}
