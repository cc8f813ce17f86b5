/** Charts of attacks say the norm of their budgets. */
import * as plots from "../../lib/plots/mod.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../lib/assert/mod.ts";

const rows = (norm?: "linf" | "l2") =>
  [0, 0.5, 2].map((epsilon, k) => ({
    attack: "pgd",
    epsilon,
    accuracy: 0.8 - 0.3 * k,
    n: 100,
    ...(norm && { norm }),
  }));
const texts = ({ svg }: plots.Chart) => [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, t]) => t!);

Deno.test("a robustness curve in l2 has its budgets as lengths on the axis and in the summary", () => {
  const chart = plots.robustnessCurve(rows("l2"));
  assertStringIncludes(chart.svg, "Length of the change of an image, epsilon (L2, pixel range 1)");
  assert(!chart.svg.includes("255)"), "the axis is in 255ths");
  for (const tick of ["0.5", "2"]) assert(texts(chart).includes(tick), `no tick ${tick}`);
  assertStringIncludes(chart.summary, "epsilon as length in L2; PGD 80.0 % at 0, 50.0 % at 0.5");
  const two = plots.robustnessCurve({ a: rows("l2"), b: rows("l2") });
  assertStringIncludes(two.svg, "epsilon (L2, pixel range 1)");
});

Deno.test("rows that name linf are drawn like rows that name no norm", () => {
  assertEquals(plots.robustnessCurve(rows("linf")).svg, plots.robustnessCurve(rows()).svg);
});

Deno.test("budgets in two norms have no common axis", () => {
  const mixed = "Expected all rows to be in one norm but found linf and l2";
  assertThrows(() => plots.robustnessCurve([...rows(), ...rows("l2")]), RangeError, mixed);
  assertThrows(() => plots.robustnessCurve({ a: rows(), b: rows("l2") }), RangeError, mixed);
  const point = { steps: 1, accuracy: 0.5, n: 10 };
  const points = [point, { ...point, steps: 2, norm: "l2" as const }];
  assertThrows(() => plots.iterationCurve({ points }), RangeError, mixed);
});

Deno.test("an iteration curve in l2 names L2 PGD and its budget", () => {
  const points = [1, 10].map((steps) => ({ steps, accuracy: 0.5, n: 10, norm: "l2" as const }));
  const chart = plots.iterationCurve({ points, epsilon: 0.5 });
  assertStringIncludes(chart.svg, "at epsilon L2 0.5");
  assertStringIncludes(chart.svg, "L2 PGD steps (logarithmic axis)");
  assertStringIncludes(chart.summary, "L2 PGD accuracy by steps");
});

Deno.test("smallest budgets in l2 are lengths, also where no budget was enough for half", () => {
  const chart = plots.minimumEpsilonDistribution([0, 0.25, 0.25, 1], { norm: "l2" });
  assertStringIncludes(chart.svg, "Smallest epsilon that fools the model (L2, pixel range 1)");
  assertStringIncludes(chart.summary, "median L2 0.25");
  const never = plots.minimumEpsilonDistribution([0.5, Infinity, Infinity], { norm: "l2" });
  assertStringIncludes(never.summary, "median above L2 0.5");
  const wrong = { norm: "l1" } as never;
  assertThrows(() => plots.minimumEpsilonDistribution([1], wrong), RangeError, "norm");
});
