/** Damaged and small dataset files for the tests. */
import { gzipSync } from "node:zlib";
import { createDataset, type Dataset, IMAGE_BYTES } from "../../lib/data/dataset.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** The small files made by tests/golden/loaders.py. */
export const fixtureDirectory = new URL("../fixtures/data", import.meta.url).pathname;

/** What independent readers made of them. */
export const golden = JSON.parse(
  await Deno.readTextFile(new URL("../golden/loaders.json", import.meta.url)),
) as
  & {
    svhn: Record<string, GoldenImages>;
  }
  & Record<
    "mnist" | "fashionmnist" | "kmnist",
    Record<"train" | "test", GoldenImages & { firstRow: number[] }>
  >
  & Record<"cifar10" | "cifar100", Record<"train" | "test", GoldenImages>>;

/** SHA-256 of the NHWC bytes, and the labels. */
export interface GoldenImages {
  readonly images: string;
  readonly labels: number[];
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(digest).toHex();
}

/** An IDX file of bytes. */
export function idxFile(shape: readonly number[], values: Uint8Array, magic = 0x0800): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic | shape.length);
  shape.forEach((size, k) => view.setUint32(4 + 4 * k, size));
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
}

/** Packs with gzip; a fresh array. */
export function gzip(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes));
}

/** Writes files below a new temporary directory and returns it. */
export async function directoryWith(
  files: Readonly<Record<string, Uint8Array>>,
): Promise<string> {
  const directory = await temporaryFolder();
  for (const [path, bytes] of Object.entries(files)) {
    const full = `${directory}/${path}`;
    await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(full, bytes);
  }
  return directory;
}

/** One of the fixture files. */
export function fixture(path: string): Promise<Uint8Array> {
  return Deno.readFile(`${fixtureDirectory}/${path}`);
}

/** A dataset of constant images: image k is filled with the byte k mod 256, its label is k mod 10. */
export function constantImages(length: number, name: Dataset["name"] = "mnist"): Dataset {
  const images = new Uint8Array(length * IMAGE_BYTES);
  for (let k = 0; k < length; k++) images.fill(k % 256, k * IMAGE_BYTES, (k + 1) * IMAGE_BYTES);
  const labels = Uint8Array.from({ length }, (_, k) => k % 10);
  return createDataset({ name, split: "train", source: "procedural", images, labels });
}
