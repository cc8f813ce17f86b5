import fc from "fast-check";
import {
  differenceStatement,
  newcombeInterval,
  predicted,
  statement,
  type Verdict,
} from "../../../lib/experiments/views/statement.ts";
import {
  compareAccuracy,
  compareMetric,
  compareRobustness,
} from "../../../lib/experiments/views/comparisons.ts";
import { conclusions } from "../../../lib/experiments/report/_conclusions.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";

const counts = (label: string, correct: number, n = 1000) => ({ label, correct, n });

Deno.test("the sentence turns with the order of the results", () => {
  const there = statement(counts("a", 800), counts("b", 700));
  const back = statement(counts("a", 700), counts("b", 800));
  assertEquals([there.verdict, back.verdict], ["higher", "lower"]);
  assertStringIncludes(there.text, "a (80.0 %) is higher than b (70.0 %) by 10.0 points");
  assertStringIncludes(back.text, "a (70.0 %) is lower than b (80.0 %) by 10.0 points");
});

Deno.test("a prediction's fate reads right for all nine pairs of expected and found", () => {
  const found = {
    higher: statement(counts("a", 800), counts("b", 700)),
    lower: statement(counts("a", 700), counts("b", 800)),
    "not distinguishable": statement(counts("a", 700), counts("b", 701)),
  };
  const fates: Record<Verdict, Record<Verdict, string>> = {
    higher: {
      higher: "held.",
      lower: "failed: the opposite holds.",
      "not distinguishable": "is undecided.",
    },
    lower: {
      higher: "failed: the opposite holds.",
      lower: "held.",
      "not distinguishable": "is undecided.",
    },
    "not distinguishable": {
      higher: "did not hold.",
      lower: "did not hold.",
      "not distinguishable": "held.",
    },
  };
  for (const expected of Object.keys(fates) as Verdict[]) {
    for (const verdict of Object.keys(found) as Verdict[]) {
      const { text, verdict: kept } = predicted("P1", expected, found[verdict]);
      assertEquals(kept, verdict);
      const fate = fates[expected][verdict];
      assertEquals(text, `**P1** (predicted: ${expected}) ${fate} ${found[verdict].text}`);
    }
  }
});

Deno.test("overlapping intervals allow no order", () => {
  const { verdict, text } = statement(counts("a", 76, 100), counts("b", 72, 100));
  assertEquals(verdict, "not distinguishable");
  assertStringIncludes(text, "a (76.0 %) and b (72.0 %) are not distinguishable");
});

Deno.test("Newcombe's interval equals the published example (56/70 against 48/80)", () => {
  // Newcombe 1998, table II, method 10, example (a).
  const { low, high } = newcombeInterval({ correct: 56, n: 70 }, { correct: 48, n: 80 });
  assertAlmostEquals(low, 0.0524, 5e-5);
  assertAlmostEquals(high, 0.3339, 5e-5);
});

Deno.test("swapping the two sides mirrors interval and verdict", () => {
  const side = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 500 }))
    .map(([n, k]) => ({ correct: Math.min(n, k), n }));
  fc.assert(fc.property(side, side, (first, second) => {
    const there = newcombeInterval(first, second);
    const back = newcombeInterval(second, first);
    assertAlmostEquals(there.low, -back.high, 1e-12);
    assertAlmostEquals(there.high, -back.low, 1e-12);
    const gap = first.correct / first.n - second.correct / second.n;
    assert(there.low <= gap + 1e-12 && gap <= there.high + 1e-12);
  }));
});

Deno.test("impossible counts and intervals are refused", () => {
  assertThrows(
    () => statement(counts("a", 11, 10), counts("b", 1, 10)),
    RangeError,
    "correct of a",
  );
  const sides = { first: { label: "a", value: 1 }, second: { label: "b", value: 0 } };
  const rest = { what: "x", unit: "number" } as const;
  assertThrows(
    () => differenceStatement({ ...sides, ...rest, low: 1, high: 0 }),
    RangeError,
    "low",
  );
  assertThrows(() => differenceStatement({ ...sides, ...rest, low: NaN, high: 0 }), RangeError);
});

Deno.test("runs on the same images are compared image by image, in both orders", () =>
  withFolder(async (folder) => {
    const good = await inventRun(`${folder}/a`, { id: "svhn-baseline", right: 70 });
    const bad = await inventRun(`${folder}/b`, { id: "svhn-no-bn", right: 60 });
    const there = await compareAccuracy(good, bad);
    assertEquals(there.verdict, "higher");
    assertStringIncludes(there.text, "svhn-baseline (87.5 %) is higher than svhn-no-bn (75.0 %)");
    assertEquals((await compareAccuracy(bad, good)).verdict, "lower");
    const same = await inventRun(`${folder}/c`, { id: "svhn-ls", right: 70 });
    assertEquals((await compareAccuracy(good, same)).verdict, "not distinguishable");
  }));

Deno.test("robustness is compared on the attacked images, and a missing attack is an error", () =>
  withFolder(async (folder) => {
    const base = await inventRun(`${folder}/a`, { id: "cifar-base", robust: 2 });
    const trained = await inventRun(`${folder}/b`, { id: "cifar-pgd-at", robust: 20 });
    assertEquals(compareRobustness(trained, base).verdict, "higher");
    assertEquals(compareRobustness(base, trained).verdict, "lower");
    assertThrows(
      () => compareRobustness(base, trained, { attack: "square" }),
      RangeError,
      "square at 8/255",
    );
  }));

Deno.test("of a calibration figure a difference within chance is no difference", () =>
  withFolder(async (folder) => {
    const good = await inventRun(`${folder}/a`, { id: "svhn-baseline", right: 78 });
    const bad = await inventRun(`${folder}/b`, { id: "svhn-ls", right: 30 });
    assertEquals((await compareMetric(bad, good, "nll")).verdict, "higher");
    assertEquals((await compareMetric(good, bad, "nll")).verdict, "lower");
    assertEquals((await compareMetric(good, good, "ece")).verdict, "not distinguishable");
  }));

Deno.test("with several seeds the comparison is over the seeds", () =>
  withFolder(async (folder) => {
    const seeds = [0, 1, 2];
    const runs = (id: string, right: number[]) =>
      Promise.all(
        seeds.map((seed) => inventRun(`${folder}/${id}${seed}`, { id, seed, right: right[seed]! })),
      );
    const good = await runs("svhn-baseline", [70, 71, 72]);
    const bad = await runs("svhn-no-bn", [50, 52, 51]);
    const { verdict, text } = await compareAccuracy(good, bad);
    assertEquals(verdict, "higher");
    // Gaps of 20, 19 and 21 of 80 images: 25 ± 4.303 * 1.25 / sqrt 3 points.
    assertEquals(
      text,
      "Test accuracy on 80 images, mean of 3 seeds: svhn-baseline (88.8 %) is higher than " +
        "svhn-no-bn (63.8 %) by 25.0 points (95 % t-interval of the difference, paired over the " +
        "3 seeds 0, 1, 2: 21.9 to 28.1 points).",
    );
    const wild = await runs("svhn-adam", [30, 79, 80]);
    const undecided = await compareAccuracy(good, wild);
    assertEquals(undecided.verdict, "not distinguishable");
    assertStringIncludes(undecided.text, "points; 3 seeds show large differences only).");
    assertEquals((await compareAccuracy([...good, ...good], bad)).text, text);
    const calibration = await compareMetric(bad, good, "nll");
    assertEquals(calibration.verdict, "higher");
    assertStringIncludes(calibration.text, "on 80 images, mean of 3 seeds: svhn-no-bn");
    assertStringIncludes(calibration.text, "paired over the 3 seeds 0, 1, 2:");
    await assertRejects(
      () => compareAccuracy([...good, ...bad], wild),
      RangeError,
      "seeds of one run",
    );
  }));

Deno.test("with one seed in common, or none, the images decide and the sentence names the seeds", () =>
  withFolder(async (folder) => {
    const [zero, one, two] = await Promise.all(
      [0, 1, 2].map((seed) =>
        inventRun(`${folder}/a${seed}`, { id: "svhn-baseline", seed, right: 70 + seed })
      ),
    );
    const [other, late] = await Promise.all(
      [1, 3].map((seed) => inventRun(`${folder}/b${seed}`, { id: "svhn-no-bn", seed, right: 50 })),
    );
    const shared = await compareAccuracy([zero!, one!, two!], [other!, late!]);
    assertStringIncludes(
      shared.text,
      "on 80 images, seed 1 (the only one that both have): svhn-baseline",
    );
    assertStringIncludes(shared.text, "(88.8 %)"); // 71 of 80
    const alone = await compareAccuracy(one!, other!);
    assertEquals(shared.text.replace(", seed 1 (the only one that both have)", ""), alone.text);
    const apart = await compareAccuracy([zero!, two!], late!);
    assertStringIncludes(apart.text, "on 80 images, seed 0 against seed 3: svhn-baseline (87.5 %)");
    const metric = await compareMetric(zero!, late!, "ece");
    assertStringIncludes(metric.text, "images, seed 0 against seed 3:");
    const robust = compareRobustness([zero!, one!], other!);
    assertStringIncludes(robust.text, "seed 1 (the only one that both have)");
  }));

Deno.test("the report's conclusions follow the results, not the expectation", () =>
  withFolder(async (folder) => {
    const report = async (name: string, base: number, trained: number) => {
      const runs = [
        await inventRun(`${folder}/${name}a`, { id: "cifar-base", robust: base }),
        await inventRun(`${folder}/${name}b`, { id: "cifar-pgd-at", robust: trained }),
      ];
      return (await conclusions(runs)).map(({ verdict }) => verdict);
    };
    assertEquals(await report("x", 2, 20), ["not distinguishable", "higher"]);
    assertEquals(await report("y", 20, 2), ["not distinguishable", "lower"]);
  }));

Deno.test("profiles and kinds of data are never compared", () =>
  withFolder(async (folder) => {
    const quick = await inventRun(`${folder}/a`);
    const standard = await inventRun(`${folder}/b`, { profile: "standard" });
    const real = await inventRun(`${folder}/c`, { source: "real" });
    await assertRejects(() => compareAccuracy(quick, standard), RangeError, "one profile");
    await assertRejects(() => compareAccuracy(quick, real), RangeError, "one kind of data");
  }));
