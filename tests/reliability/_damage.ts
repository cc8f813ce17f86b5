/** Damages small valid files in every way a disk, a network or somebody may. */
import fc from "fast-check";
import { gzip } from "../data/fixtures.ts";

/** A damaged copy of a file. */
export interface Damaged {
  /** Kind of damage, for the table. */
  readonly damage: string;
  readonly bytes: Uint8Array;
}

/** Every single bit of a byte. */
export const everyBit = [1, 2, 4, 8, 16, 32, 64, 128];
/** Counts and lengths that no small file can have, little and big endian. */
export const hugeNumbers = [
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0x7f, 0xff, 0xff, 0xff],
  [0x00, 0x00, 0x00, 0x80],
  [0x00, 0x00, 0x00, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
];

/** `count` positions spread evenly over [from, to). */
export function spread(from: number, to: number, count: number): number[] {
  const step = Math.max(1, (to - from) / count);
  const positions = Array.from({ length: count }, (_, k) => from + Math.floor(k * step));
  return [...new Set(positions.filter((position) => position < to))];
}

/** The file cut to each of these lengths. */
export function cut(bytes: Uint8Array, lengths: readonly number[]): Damaged[] {
  return lengths.map((length) => ({ damage: "truncated", bytes: bytes.slice(0, length) }));
}

/** The file with one byte of each position changed by a mask. */
export function flip(
  bytes: Uint8Array,
  positions: readonly number[],
  damage: string,
  masks: readonly number[] = [0x01, 0xff],
): Damaged[] {
  return positions.flatMap((position) =>
    masks.map((mask) => {
      const copy = Uint8Array.from(bytes);
      copy[position]! ^= mask;
      return { damage, bytes: copy };
    })
  );
}

/** The file with bytes overwritten by each of the values, at each position. */
export function overwrite(
  bytes: Uint8Array,
  positions: readonly number[],
  values: readonly (readonly number[])[],
  damage: string,
): Damaged[] {
  return positions.flatMap((position) =>
    values.map((value) => {
      const copy = Uint8Array.from(bytes);
      copy.set(value.slice(0, copy.length - position), position);
      return { damage, bytes: copy };
    })
  );
}

/** Several random bytes changed at random places of [from, to). */
export function scramble(bytes: Uint8Array, from: number, to: number, count: number): Damaged[] {
  const change = fc.tuple(fc.integer({ min: from, max: to - 1 }), fc.integer({ min: 1, max: 255 }));
  const changes = fc.sample(fc.array(change, { minLength: 1, maxLength: 8 }), {
    numRuns: count,
    seed: 7,
  });
  return changes.map((list) => {
    const copy = Uint8Array.from(bytes);
    for (const [position, mask] of list) copy[position]! ^= mask;
    return { damage: "several random bytes", bytes: copy };
  }).filter((damaged) => damaged.bytes.some((byte, k) => byte !== bytes[k]));
}

/** The file with bytes behind its end. */
export function append(bytes: Uint8Array): Damaged[] {
  const tails = [[0], [1, 2, 3], Array<number>(512).fill(0), Array<number>(513).fill(255)];
  return tails.map((tail) => ({
    damage: "something behind the end",
    bytes: Uint8Array.of(...bytes, ...tail),
  }));
}

/** Bytes that a decompression bomb unpacks to: enough to be seen in the memory of this process. */
export const BOMB_BYTES = 100_000_000;

/** The damage is done inside; then the file is packed again, so that its checksum is right. */
export function repacked(copies: readonly Damaged[]): Damaged[] {
  return copies.map(({ damage, bytes }) => ({ damage: `${damage}, packed`, bytes: gzip(bytes) }));
}
