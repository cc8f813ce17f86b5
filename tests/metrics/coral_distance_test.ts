import { coralDistance } from "../../lib/metrics/representation/coral_distance.ts";
import golden from "../golden/coral_distance.json" with { type: "json" };
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

const { n, m, d } = golden;
const rows = (count: number, of: (i: number, j: number) => number) =>
  Float64Array.from({ length: count * d }, (_, k) => of(Math.floor(k / d), k % d));
const source = rows(n, (i, j) => Math.sin(1.3 * i + j) * (1 + 0.1 * j));
const target = rows(m, (i, j) => Math.cos(0.7 * i * (j + 1)) + 0.2 * j);

Deno.test("the distance is numpy's, and the same from both sides", () => {
  assertAlmostEquals(coralDistance(source, target, d), golden.distance, 1e-12);
  assertAlmostEquals(coralDistance(target, source, d), golden.distance, 1e-12);
});

Deno.test("a shift of all images changes nothing, a scale does", () => {
  const moved = source.map((value) => value + 5);
  assert(coralDistance(source, moved, d) < 1e-20);
  assert(coralDistance(source, source.map((value) => 3 * value), d) > 0.01);
  assertEquals(coralDistance(source, source, d), 0);
});

Deno.test("sizes that do not fit and values that are no numbers are refused", () => {
  assertThrows(() => coralDistance(source, target, 7), RangeError, "width");
  assertThrows(() => coralDistance([1], [1, 2], 1), RangeError, "images of source");
  assertThrows(() => coralDistance([1, NaN], [1, 2], 1), RangeError, "NaN");
});
