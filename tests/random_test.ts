import { generator } from "../lib/random/generator.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "../lib/assert/mod.ts";

Deno.test("the same seed and keys give the same stream, others another", () => {
  const draw = (seed: number, ...keys: number[]) => {
    const g = generator(seed, ...keys);
    return Array.from({ length: 4 }, () => g.uint32());
  };
  assertEquals(draw(1, 2), draw(1, 2));
  assertNotEquals(draw(1, 2), draw(2, 1));
  assertNotEquals(draw(1), draw(1 + 2 ** 33));
});

Deno.test("uniform and normal have the right moments", () => {
  const g = generator(3);
  let sum = 0, normalSum = 0, normalSquares = 0;
  for (let k = 0; k < 20000; k++) {
    sum += g.uniform();
    const z = g.normal();
    normalSum += z;
    normalSquares += z * z;
  }
  assertAlmostEquals(sum / 20000, 0.5, 0.01);
  assertAlmostEquals(normalSum / 20000, 0, 0.03);
  assertAlmostEquals(normalSquares / 20000, 1, 0.04);
});

Deno.test("shuffle permutes", () => {
  const shuffled = generator(4).shuffle(Uint16Array.from({ length: 100 }, (_, k) => k));
  assertEquals([...shuffled].sort((a, b) => a - b), Array.from({ length: 100 }, (_, k) => k));
  assert(shuffled.some((value, k) => value !== k));
});

Deno.test("generator refuses a seed that is no integer", () => {
  assertThrows(() => generator(0.5), RangeError, "seed");
});
