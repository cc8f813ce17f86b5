import fc from "fast-check";
import { holmAdjusted } from "../../lib/metrics/holm_adjusted.ts";
import { generator } from "../../lib/random/generator.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

Deno.test("adjusted p-values are those of statsmodels' multipletests", () => {
  // multipletests([0.01, 0.02, 0.03, 0.04, 0.05], method="holm") and of the second list.
  const cases = [
    [[0.01, 0.02, 0.03, 0.04, 0.05], [0.05, 0.08, 0.09, 0.09, 0.09]],
    [[0.9, 0.001, 0.04, 0.04], [0.9, 0.004, 0.12, 0.12]],
  ] as const;
  for (const [given, expected] of cases) {
    const found = holmAdjusted(given);
    expected.forEach((p, k) => assertAlmostEquals(found[k]!, p, 1e-12));
  }
});

Deno.test("adjusting keeps the order and never lowers a value", () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (values) => {
    const adjusted = holmAdjusted(values);
    adjusted.forEach((p, k) => assert(p >= values[k]! && p <= 1));
    values.forEach((one, i) =>
      values.forEach((other, j) => assert(one > other || adjusted[i]! <= adjusted[j]!))
    );
  }));
});

Deno.test("of true null hypotheses, one or more are rejected in at most 5 % of families", () => {
  const { uniform } = generator(5);
  const families = 4000;
  let wrong = 0;
  for (let k = 0; k < families; k++) {
    const adjusted = holmAdjusted(Array.from({ length: 7 }, () => uniform()));
    if (Math.min(...adjusted) <= 0.05) wrong++;
  }
  assert(Math.abs(wrong / families - 0.05) < 0.012, `${wrong} of ${families}`);
});

Deno.test("what is no list of probabilities is refused", () => {
  assertThrows(() => holmAdjusted([0.5, 1.5]), RangeError, "pValues[1]");
  assertThrows(() => holmAdjusted([NaN]), RangeError, "pValues[0]");
  assertEquals(holmAdjusted([]), []);
});
