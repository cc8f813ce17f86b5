import { ByteSource } from "./_byte_source.ts";

/** The content of an IDX file of unsigned bytes. */
export interface IdxArray {
  /** Sizes of the dimensions, the number of items first. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Uint8Array;
}

/** What the caller expects; checked against the header before anything is allocated. */
export interface IdxExpectation {
  /** Sizes of the dimensions after the first. */
  readonly itemShape: readonly number[];
  /** Largest number of items. */
  readonly maxItems: number;
}

/** IDX's code for unsigned bytes. */
const UNSIGNED_BYTE = 0x08;

async function readHeader(
  source: ByteSource,
  { itemShape, maxItems }: IdxExpectation,
): Promise<number> {
  const rank = 1 + itemShape.length;
  const header = await source.read(4 * (1 + rank), "the header");
  const view = new DataView(header.buffer);
  const magic = (UNSIGNED_BYTE << 8) | rank;
  const found = view.getUint32(0);
  if (found !== magic) {
    throw source.damaged(
      `its magic number is ${hexadecimal(found)} instead of ${hexadecimal(magic)}`,
      0,
    );
  }
  const items = view.getUint32(4);
  const sizes = itemShape.map((_, k) => view.getUint32(8 + 4 * k));
  if (sizes.join() !== itemShape.join()) {
    throw source.damaged(
      `its items are ${sizes.join(" x ")} instead of ${itemShape.join(" x ")}`,
      8,
    );
  }
  if (items < 1 || items > maxItems) {
    throw source.damaged(`it claims ${items} items instead of 1 to ${maxItems}`, 4);
  }
  return items;
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

/**
 * Reads an IDX file of unsigned bytes, the format of MNIST: magic number (0, 0, type, rank), one
 * big-endian uint32 per dimension, then the values.
 *
 * @param path The file; gzip-packed if its name ends in ".gz".
 * @param expectation Shape of an item and the largest number of items.
 * @returns Shape and values.
 * @throws {Error} Naming the file, if it is unreadable, truncated, corrupt, of another type or
 * shape, longer than its header says, or claims more than `maxItems` items.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const path = await Deno.makeTempFile();
 * await Deno.writeFile(path, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 3));
 * const { shape, values } = await readIdx(path, { itemShape: [], maxItems: 10 });
 * assertEquals([shape, [...values]], [[2], [7, 3]]);
 * ```
 */
export async function readIdx(path: string, expectation: IdxExpectation): Promise<IdxArray> {
  await using source = new ByteSource(path, path.endsWith(".gz") ? "gzip" : "plain");
  const items = await readHeader(source, expectation);
  const itemSize = expectation.itemShape.reduce((product, size) => product * size, 1);
  const values = await source.readInto(new Uint8Array(items * itemSize), `${items} items`);
  await source.expectEnd();
  return { shape: [items, ...expectation.itemShape], values };
}
