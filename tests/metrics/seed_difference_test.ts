import fc from "fast-check";
import { seedDifference, studentFactor } from "../../lib/metrics/seed_difference.ts";
import golden from "../golden/seed_difference.json" with { type: "json" };
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

Deno.test("the paired interval over seeds equals scipy's", () => {
  for (const { first, second, level, ...expected } of golden.cases) {
    const found = seedDifference(first, second, { level });
    assertEquals(found.n, first.length);
    const scale = Math.max(expected.sd, Math.abs(expected.mean));
    for (const key of ["mean", "sd", "low", "high"] as const) {
      assertAlmostEquals(found[key] / scale, expected[key] / scale, 1e-9, `${key} of ${found.n}`);
    }
  }
});

Deno.test("the t factor equals scipy's quantile for any number of seeds", () => {
  for (const [n, level, expected] of golden.quantiles) {
    assertAlmostEquals(studentFactor(n!, level!) / expected!, 1, 1e-10, `n ${n}, level ${level}`);
  }
});

Deno.test("by hand: differences 1, 2, 3 have mean 2, sd 1 and reach 4.3027 / sqrt 3 to each side", () => {
  const { mean, sd, n, low, high } = seedDifference([11, 22, 33], [10, 20, 30]);
  assertEquals([mean, sd, n], [2, 1, 3]);
  assertAlmostEquals(low, 2 - 2.484138, 1e-6);
  assertAlmostEquals(high, 2 + 2.484138, 1e-6);
});

Deno.test("p-values are those of scipy.stats.ttest_rel", () => {
  assertAlmostEquals(seedDifference([11, 22, 33], [10, 20, 30]).pValue, 0.07417990022744854, 1e-9);
  const { pValue } = seedDifference([0.81, 0.83, 0.79], [0.76, 0.80, 0.77]);
  assertAlmostEquals(pValue, 0.06341418841830626, 1e-9);
  assertEquals(seedDifference([1, 2], [0, 1]).pValue, 0);
});

const figure = fc.double({ min: -100, max: 100, noNaN: true });
const pairs = fc.array(fc.tuple(figure, figure), { minLength: 2, maxLength: 20 });

Deno.test("a constant added to all seeds of a run shifts the difference by it, and nothing else", () => {
  fc.assert(fc.property(pairs, figure, (list, constant) => {
    const [first, second] = [list.map(([a]) => a), list.map(([, b]) => b)];
    const before = seedDifference(first, second);
    const after = seedDifference(first.map((value) => value + constant), second);
    const room = 1e-9 * studentFactor(list.length);
    assertAlmostEquals(after.mean, before.mean + constant, room);
    assertAlmostEquals(after.low, before.low + constant, room);
    assertAlmostEquals(after.high, before.high + constant, room);
    assertAlmostEquals(after.sd, before.sd, room);
  }));
});

Deno.test("swapping the runs mirrors the interval, and the order of the seeds does not matter", () => {
  fc.assert(fc.property(pairs, (list) => {
    const [first, second] = [list.map(([a]) => a), list.map(([, b]) => b)];
    const there = seedDifference(first, second);
    const back = seedDifference(second, first);
    const turned = seedDifference(first.toReversed(), second.toReversed());
    const room = 1e-9 * studentFactor(list.length);
    assertAlmostEquals(there.low, -back.high, room);
    assertAlmostEquals(there.low, turned.low, room);
    assert(there.low <= there.mean && there.mean <= there.high);
  }));
});

Deno.test("equal figures differ by exactly nothing", () => {
  assertEquals(seedDifference([0.1, 0.7, 0.3], [0.1, 0.7, 0.3]), {
    mean: 0,
    sd: 0,
    n: 3,
    low: 0,
    high: 0,
    pValue: 1,
  });
});

Deno.test("what is no pair of seeds is refused, with what was found", () => {
  assertThrows(() => seedDifference([1, 2], [1]), RangeError, "found 2 and 1 values");
  assertThrows(() => seedDifference([1], [1]), RangeError, "first.length");
  assertThrows(() => seedDifference([], []), RangeError, "first.length");
  assertThrows(() => seedDifference([1, NaN], [1, 2]), RangeError, "first[1]");
  assertThrows(() => seedDifference([1, 2], [Infinity, 2]), RangeError, "second[0]");
  for (const level of [0, 1, NaN]) {
    assertThrows(() => seedDifference([1, 2], [1, 2], { level }), RangeError, "level");
  }
  for (const n of [1, 2.5, NaN]) assertThrows(() => studentFactor(n), RangeError, "n");
});
