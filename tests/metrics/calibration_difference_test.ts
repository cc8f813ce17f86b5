/** The interval of an ECE difference in simulations with a known truth. */
import { calibrationError } from "../../lib/metrics/calibration_error.ts";
import { pairedMetricDifference } from "../../lib/metrics/paired_metric_difference.ts";
import { predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { generator } from "../../lib/random/generator.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { biasBound, debiasedSize, remainingBias } from "../../lib/metrics/_debiased_size.ts";
import { simulate, type SimulatedModel, trueCalibrationError } from "./_evidence_model.ts";

interface Setting {
  readonly models: readonly [SimulatedModel, SimulatedModel];
  readonly classes: number;
  /** Correlation of the models' noise; undefined: the models see different images. */
  readonly shared?: number;
}

/** Overconfident by ten points between 50 % and 70 %, calibrated elsewhere. */
const bump = (p: number) => p > 0.5 && p < 0.7 ? p + 0.1 : p;

const calibrated: Record<string, Setting> = {
  "equally sure": { models: [{ sharpness: 2.5 }, { sharpness: 2.5 }], classes: 10, shared: 0.5 },
  "unsure and sure": { models: [{ sharpness: 1.5 }, { sharpness: 4 }], classes: 10, shared: 0.5 },
  "unsure and sure, two classes": {
    models: [{ sharpness: 1 }, { sharpness: 4 }],
    classes: 2,
    shared: 0.8,
  },
  "on different images": { models: [{ sharpness: 1.5 }, { sharpness: 4 }], classes: 10 },
};

const miscalibrated: Record<string, Setting> = {
  "sharpened a little": {
    models: [{ sharpness: 2.5 }, { sharpness: 2.5, scale: 1.3 }],
    classes: 10,
    shared: 1,
  },
  "sharpened to twice the logits": {
    models: [{ sharpness: 1.5 }, { sharpness: 1.5, scale: 2 }],
    classes: 2,
    shared: 1,
  },
  "underconfident, nearly always right": {
    models: [{ sharpness: 4 }, { sharpness: 4, scale: 0.5 }],
    classes: 10,
    shared: 1,
  },
  "over and under": {
    models: [{ sharpness: 2.5, scale: 1.5 }, { sharpness: 2.5, scale: 0.7 }],
    classes: 10,
    shared: 0.8,
  },
  "wrong in two bins only": {
    models: [{ sharpness: 2.5, distort: bump }, { sharpness: 2.5 }],
    classes: 10,
    shared: 0.7,
  },
};

/** Shares of simulations in which the interval covers the true difference and leaves out 0. */
function measure({ models, classes, shared }: Setting, n: number, runs: number) {
  const drawn = generator(17, n);
  const draw = (size: number) => simulate(drawn, models, { n: size, classes, shared: shared ?? 0 });
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const truth = mean(Array.from({ length: 4 }, () => {
    const [a, b] = draw(5000).map(trueCalibrationError);
    return a! - b!;
  }));
  let [covered, different] = [0, 0];
  for (let seed = 0; seed < runs; seed++) {
    const [a, b] = draw(n);
    const other = shared === undefined ? draw(n)[1]! : b!;
    const { low, high } = pairedMetricDifference(a!.p, other.p, "ece", { seed, samples: 60 });
    if (low <= truth && truth <= high) covered++;
    if (low > 0 || high < 0) different++;
  }
  return { truth, coverage: covered / runs, different: different / runs };
}

const sizes = [[256, 50], [1000, 40], [2000, 25]] as const;

for (const [n, runs] of sizes) {
  Deno.test(`two calibrated models of ${n} images are called different in 8 % at most`, () => {
    for (const [name, setting] of Object.entries(calibrated)) {
      const { different } = measure(setting, n, runs);
      assert(different <= 0.08, `${name}: ${different}`);
    }
  });

  Deno.test(`intervals over ${n} images cover the difference of the true errors in 90 %`, () => {
    for (const [name, setting] of Object.entries(miscalibrated)) {
      const { coverage, truth } = measure(setting, n, runs);
      assert(coverage >= 0.9, `${name}: ${coverage} of ${truth}`);
    }
  });
}

Deno.test("a model sharpened to twice its logits is called worse", () => {
  const models = [{ sharpness: 2.5 }, { sharpness: 2.5, scale: 2 }] as const;
  const { different } = measure({ models, classes: 10, shared: 1 }, 1000, 20);
  assert(different >= 0.9, String(different));
});

Deno.test("a percentile bootstrap of the plain ECE fails the same simulation", () => {
  const draw = generator(5);
  let alarms = 0;
  for (let seed = 0; seed < 20; seed++) {
    const options = { n: 1000, classes: 10, shared: 0.5 };
    const [a, b] = simulate(draw, [{ sharpness: 1.5 }, { sharpness: 4 }], options);
    const { low, high } = pairedMetricDifference(a!.p, b!.p, (p) => calibrationError(p), {
      ...{ seed, samples: 60 },
    });
    if (low > 0 || high < 0) alarms++;
  }
  assert(alarms > 0.3 * 20, `${alarms} of 20`);
});

Deno.test("Brier score, NLL and AURC keep their level with the percentile bootstrap", () => {
  for (const metric of ["brier", "nll", "aurc"] as const) {
    const draw = generator(9);
    let alarms = 0;
    for (let seed = 0; seed < 40; seed++) {
      const options = { n: 256, classes: 10, shared: 0.5 };
      const [a, b] = simulate(draw, [{ sharpness: 2.5 }, { sharpness: 2.5 }], options);
      const { low, high } = pairedMetricDifference(a!.p, b!.p, metric, { seed, samples: 100 });
      if (low > 0 || high < 0) alarms++;
    }
    assert(alarms <= 0.1 * 40, `${metric}: ${alarms} of 40`);
  }
});

Deno.test("the difference is that of the debiased errors and lies in its interval", () => {
  const draw = generator(2);
  for (let seed = 0; seed < 20; seed++) {
    const [a, b] = simulate(draw, [{ sharpness: 3 }, { sharpness: 1, scale: 1.2 }], {
      ...{ n: 5 + 20 * seed, classes: 3, shared: 0.5 },
    });
    const { difference, low, high } = pairedMetricDifference(a!.p, b!.p, "ece", { samples: 30 });
    const [first, second] = [a!.p, b!.p].map((p) => calibrationError(p, { debiased: true }));
    assertEquals(difference, first! - second!);
    assert(-1 <= low && low <= difference && difference <= high && high <= 1);
  }
});

Deno.test("the interval turns with its models, widens with the level and is seeded", () => {
  const [a, b] = simulate(generator(4), [{ sharpness: 2 }, { sharpness: 3, scale: 1.5 }], {
    ...{ n: 300, classes: 10, shared: 0.5 },
  }).map(({ p }) => p);
  const forth = pairedMetricDifference(a!, b!, "ece", { seed: 1 });
  const back = pairedMetricDifference(b!, a!, "ece", { seed: 1 });
  assertEquals(forth, {
    difference: -back.difference,
    low: -back.high,
    high: -back.low,
    pValue: back.pValue,
  });
  assertEquals(forth, pairedMetricDifference(a!, b!, "ece", { seed: 1 }));
  const wide = pairedMetricDifference(a!, b!, "ece", { seed: 1, level: 0.99 });
  assert(wide.low < forth.low && wide.high > forth.high);
});

Deno.test("a model that is never wrong is not called better for it", () => {
  // 200 images at 99 %: no error at all has a chance of 13 %.
  const logits = Float32Array.from({ length: 400 }, (_, j) => j % 2 === 0 ? Math.log(99) : 0);
  const never = predictionsFromLogits(logits, new Uint8Array(200), 2);
  const certain = predictionsFromLogits(
    Float32Array.from({ length: 400 }, (_, j) => j % 2 === 0 ? 200 : 0),
    new Uint8Array(200),
    2,
  );
  const { low, high } = pairedMetricDifference(never, certain, "ece");
  assert(low <= 0 && high >= 0);
});

/** Mean of f(d + Z) by the trapezoidal rule. */
function normalMean(f: (x: number) => number, d: number): number {
  let sum = 0;
  for (let z = -9; z <= 9; z += 1e-3) sum += f(d + z) * Math.exp(-z * z / 2) * 1e-3;
  return sum / Math.sqrt(2 * Math.PI);
}

Deno.test("the debiased size's bias is what its formula says, and within its bound", () => {
  for (const d of [0, 0.3, 1, 1.2, 2, 4]) {
    const bias = normalMean(debiasedSize, d) - d;
    assert(Math.abs(bias - remainingBias(d)) < 1e-6, `${d}: ${bias}`);
    for (const near of [d - 2, d - 1, d, d + 1, d + 2]) {
      assert(Math.abs(bias) <= biasBound(near, 1) + 1e-5, `${d} seen as ${near}`);
    }
  }
  for (let d = 0; d < 10; d += 0.01) assert(Math.abs(remainingBias(d)) <= 0.268);
});
