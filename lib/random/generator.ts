/**
 * Seeded random numbers in plain TypeScript. Everything in the library that draws on the
 * JavaScript side draws from here; nothing calls `Math.random`.
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A stream of random numbers; the same seed and keys give the same stream on every machine. */
export interface Generator {
  /** A whole number, uniform in [0, 2^32). */
  uint32(): number;
  /** A number uniform in [0, 1), with 32 random bits. */
  uniform(): number;
  /** A whole number uniform in [0, bound), 1 <= bound <= 2^32. */
  integer(bound: number): number;
  /** A standard normal draw (Box and Muller 1958). */
  normal(): number;
  /** Permutes `values` in place (Fisher-Yates) and returns it. */
  shuffle<T extends { length: number; [index: number]: number }>(values: T): T;
}

/** Mixes seed and keys into one 32-bit state (splitmix32's finalizer, applied per key). */
function mix(seed: number, keys: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const key of [seed, ...keys]) {
    // Both halves of the number count, so that seeds above 2^32 differ too.
    for (const part of [key | 0, Math.floor(key / 0x100000000) | 0]) {
      state = Math.imul((state ^ part) + 0x9e3779b9 | 0, 0x85ebca6b);
      state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
      state ^= state >>> 16;
    }
  }
  return state;
}

/**
 * Creates a seeded generator (xoroshiro128+ of pure-rand).
 *
 * @param seed Any safe integer.
 * @param keys Further integers that select an independent stream, e.g. an image's index.
 * @throws {RangeError} If seed or a key is not a safe integer.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(generator(7, 1).uniform(), generator(7, 1).uniform());
 * ```
 */
export function generator(seed: number, ...keys: number[]): Generator {
  for (const [position, value] of [seed, ...keys].entries()) {
    if (!Number.isSafeInteger(value)) {
      const name = position === 0 ? "seed" : `key ${position - 1}`;
      throw new RangeError(`Expected ${name} to be a safe integer but found ${value}`);
    }
  }
  const source = xoroshiro128plus(mix(seed, keys));
  let spareNormal: number | undefined;
  const uint32 = () => source.next() >>> 0;
  const uniform = () => uint32() / 0x100000000;
  const integer = (bound: number) => {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= 0x100000000)) {
      throw new RangeError(`Expected bound to be an integer in [1, 2^32] but found ${bound}`);
    }
    return Math.floor(uniform() * bound);
  };
  return {
    uint32,
    uniform,
    integer,
    normal() {
      if (spareNormal !== undefined) {
        const value = spareNormal;
        spareNormal = undefined;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spareNormal = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    shuffle(values) {
      for (let last = values.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        const held = values[last]!;
        values[last] = values[other]!;
        values[other] = held;
      }
      return values;
    },
  };
}
