import fc from "fast-check";
import { learningRateAt, type Schedule } from "../../lib/train/_schedule.ts";
import { assert, assertAlmostEquals, assertThrows } from "../../lib/assert/mod.ts";
import golden from "../golden/optimizers.json" with { type: "json" };

const base = { learningRate: 0.1, epochs: 8, milestones: [0.5, 0.75], decay: 0.1 };

Deno.test("the rate drops after half and after three quarters of the epochs", () => {
  const rates = [1, 4, 5, 6, 7, 8].map((epoch) => learningRateAt(epoch, base));
  for (const [k, expected] of [0.1, 0.1, 0.01, 0.01, 0.001, 0.001].entries()) {
    assertAlmostEquals(rates[k]!, expected, 1e-12);
  }
});

Deno.test("an odd number of epochs rounds a milestone up", () => {
  const odd = { ...base, epochs: 5 }; // milestones at 2.5 and 3.75 finished epochs
  assertAlmostEquals(learningRateAt(3, odd), 0.1, 1e-12);
  assertAlmostEquals(learningRateAt(4, odd), 0.01, 1e-12);
  assertAlmostEquals(learningRateAt(5, odd), 0.001, 1e-12);
});

Deno.test("a product that rounding lifts above a whole number does not delay its milestone", () => {
  const schedule = { ...base, epochs: 20, milestones: [0.55] }; // 0.55 * 20 = 11.000000000000002
  assertAlmostEquals(learningRateAt(12, schedule), 0.01, 1e-12);
});

Deno.test("equal milestones decay twice, a milestone of 0 decays the first epoch", () => {
  assertAlmostEquals(learningRateAt(1, { ...base, milestones: [0, 0] }), 0.001, 1e-12);
  assertAlmostEquals(learningRateAt(8, { ...base, milestones: [1] }), 0.1, 1e-12);
});

Deno.test("with a decay below one the rate never rises", () => {
  fc.assert(fc.property(
    fc.integer({ min: 2, max: 100 }),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
    (epochs, milestones) => {
      const schedule = { learningRate: 1, epochs, milestones, decay: 0.5 };
      for (let epoch = 2; epoch <= epochs; epoch++) {
        assert(learningRateAt(epoch, schedule) <= learningRateAt(epoch - 1, schedule));
      }
    },
  ));
});

for (const { rates, ...options } of golden.schedules) {
  Deno.test(`PyTorch's schedulers give the rates of ${JSON.stringify(options)}`, () => {
    const { schedule, warmupEpochs } = options as Pick<Schedule, "schedule" | "warmupEpochs">;
    const { epochs, learningRate } = golden;
    rates.forEach((rate, k) => {
      const asked = {
        ...base,
        epochs,
        learningRate,
        schedule: schedule!,
        warmupEpochs: warmupEpochs!,
      };
      assertAlmostEquals(learningRateAt(k + 1, asked), rate, 1e-12);
    });
  });
}

Deno.test("after warm-up the whole rate is there, and a milestone within it counts at its end", () => {
  const warm = { ...base, warmupEpochs: 5 }; // milestones after 4 and 6 of 8 epochs
  const rates = [1, 2, 5, 6, 7].map((epoch) => learningRateAt(epoch, warm));
  [0.02, 0.04, 0.1, 0.01, 0.001].forEach((rate, k) => assertAlmostEquals(rates[k]!, rate, 1e-12));
});

Deno.test("a cosine falls in every epoch and never to 0", () => {
  fc.assert(fc.property(
    fc.integer({ min: 2, max: 200 }).chain((epochs) =>
      fc.tuple(fc.constant(epochs), fc.integer({ min: 0, max: epochs - 1 }))
    ),
    ([epochs, warmupEpochs]) => {
      const asked = { ...base, epochs, warmupEpochs, schedule: "cosine" } as const;
      const rate = (epoch: number) => learningRateAt(epoch, asked);
      assertAlmostEquals(rate(warmupEpochs + 1), 0.1, 1e-12);
      for (let epoch = warmupEpochs + 2; epoch <= epochs; epoch++) {
        assert(rate(epoch) > 0 && rate(epoch) < rate(epoch - 1));
      }
    },
  ));
});

Deno.test("warm-up that leaves no epoch is refused", () => {
  assertThrows(() => learningRateAt(1, { ...base, warmupEpochs: 8 }), RangeError, "warmupEpochs");
});

Deno.test("an epoch outside the run is refused", () => {
  assertThrows(() => learningRateAt(0, base), RangeError, "epoch");
  assertThrows(() => learningRateAt(9, base), RangeError, "epoch");
});
