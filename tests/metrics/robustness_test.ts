import fc from "fast-check";
import { minimumEpsilon } from "../../lib/metrics/minimum_epsilon.ts";
import { robustAccuracy, worstCaseCorrect } from "../../lib/metrics/robust_accuracy.ts";
import { unifiedObjective } from "../../lib/metrics/unified_objective.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

const results = fc.integer({ min: 1, max: 20 }).chain((n) =>
  fc.array(fc.array(fc.constantFrom(0, 1), { minLength: n, maxLength: n }), {
    minLength: 1,
    maxLength: 5,
  })
);

Deno.test("the worst case over attacks is never better than any attack, nor than their sum of losses", () => {
  fc.assert(fc.property(results, (attacks) => {
    const worst = robustAccuracy(attacks);
    const alone = attacks.map((correct) => robustAccuracy([correct]));
    const lost = alone.reduce((sum, value) => sum + 1 - value, 0);
    assert(worst <= Math.min(...alone) && worst >= 1 - lost - 1e-12);
    assertEquals(worstCaseCorrect([...attacks].reverse()), worstCaseCorrect(attacks));
  }));
});

Deno.test("an image's smallest fatal epsilon is found in any order of the sweep", () => {
  const sweep = [
    { epsilon: 0.2, correct: [0, 0, 1, 1] },
    { epsilon: 0, correct: [1, 0, 1, 1] },
    { epsilon: 0.1, correct: [1, 1, 0, 1] },
  ];
  const wanted = [0.2, 0, 0.1, Infinity];
  assertEquals([...minimumEpsilon(sweep)], wanted);
  assertEquals([...minimumEpsilon([...sweep].reverse())], wanted);
});

Deno.test("the share of images with a larger smallest epsilon is the cumulative worst case", () => {
  fc.assert(fc.property(results, (rows) => {
    const sweep = rows.map((correct, s) => ({ epsilon: s / 10, correct }));
    const smallest = minimumEpsilon(sweep);
    for (const s of rows.keys()) {
      const surviving = smallest.filter((epsilon) => epsilon > s / 10).length / smallest.length;
      assertAlmostEquals(surviving, robustAccuracy(rows.slice(0, s + 1)), 1e-12);
    }
  }));
});

Deno.test("robustness helpers refuse what does not fit", () => {
  assertThrows(() => robustAccuracy([]), RangeError, "attacks.length");
  assertThrows(() => robustAccuracy([[1, 0], [1]]), RangeError, "attacks[1]");
  assertThrows(() => robustAccuracy([[1, 0.5]]), RangeError, "attacks[0][1]");
  assertThrows(() => minimumEpsilon([]), RangeError, "sweep.length");
  assertThrows(() => minimumEpsilon([{ epsilon: -1, correct: [1] }]), RangeError, "epsilon");
  const twice = [{ epsilon: 0.1, correct: [1] }, { epsilon: 0.1, correct: [0] }];
  assertThrows(() => minimumEpsilon(twice), RangeError, "one attack's rows");
});

Deno.test("the unified objective is the weighted sum of its parts", () => {
  const parts = { risk: 0.25, robustRisk: 0.75, calibrationError: 0.125, domainGap: -0.5 };
  const plain = unifiedObjective(parts);
  assertEquals(plain.total, 0.25 + 0.75 + 0.125 - 0.5);
  assertEquals(plain.weights, { robustRisk: 1, calibrationError: 1, domainGap: 1 });
  const weighted = unifiedObjective(parts, { robustRisk: 0.5, calibrationError: 4, domainGap: 2 });
  assertEquals(weighted.weighted, {
    risk: 0.25,
    robustRisk: 0.375,
    calibrationError: 0.5,
    domainGap: -1,
  });
  assertEquals(weighted.total, 0.125);
});

Deno.test("a part that was not measured is never taken as zero", () => {
  const parts = { risk: 0.25, robustRisk: 0.75, calibrationError: 0.125 };
  assertThrows(() => unifiedObjective(parts), RangeError, "weights.domainGap to 0");
  assertEquals(unifiedObjective(parts, { domainGap: 0 }).total, 1.125);
  const metric = { ...parts, metricLoss: 0.5 };
  assertEquals(unifiedObjective(metric, { domainGap: 0 }).total, 1.625);
  assertEquals(
    unifiedObjective(metric, { domainGap: 0, metricLoss: 0.5 }).weighted.metricLoss,
    0.25,
  );
  assertThrows(
    () => unifiedObjective(parts, { domainGap: 0, metricLoss: 1 }),
    RangeError,
    "weights.metricLoss to 0",
  );
  const broken: [Parameters<typeof unifiedObjective>, string][] = [
    [[{ ...parts, risk: NaN }, { domainGap: 0 }], "risk"],
    [[{ ...parts, robustRisk: -1 }, { domainGap: 0 }], "robustRisk"],
    [[{ ...parts, domainGap: NaN }], "domainGap"],
    [[{ ...parts, domainGap: 0 }, { calibrationError: -1 }], "weights.calibrationError"],
  ];
  for (const [call, message] of broken) {
    assertThrows(() => unifiedObjective(...call), RangeError, message);
  }
});
