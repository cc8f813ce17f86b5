/** AutoAttack's parts, DeepFool and C&W beside torchattacks on one small model. */
import { tf } from "../../lib/backend/tf.ts";
import { targetedDlrObjective } from "../../lib/attacks/_dlr_loss.ts";
import { targetsByRank } from "../../lib/attacks/_target_classes.ts";
import { predict } from "../../lib/attacks/answers.ts";
import { searchApgd } from "../../lib/attacks/apgd.ts";
import { autoAttack } from "../../lib/attacks/auto_attack.ts";
import { carliniWagner } from "../../lib/attacks/carlini_wagner.ts";
import { deepFool } from "../../lib/attacks/deep_fool.ts";
import { fab } from "../../lib/attacks/fab.ts";
import { assert, assertAlmostEquals, assertEquals } from "../../lib/assert/mod.ts";
import { fillWithFormula, formulaUniform } from "../golden/formula_weights.ts";
import { ints } from "./_batch.ts";
import { convolutionalModel } from "./_convolutional_model.ts";

interface Golden {
  readonly shape: [number, number, number, number];
  readonly epsilon: number;
  readonly logits: readonly number[];
  readonly labels: readonly number[];
  readonly targets: readonly number[];
  readonly targetedRatio: {
    readonly losses: readonly number[];
    readonly gradient: readonly number[];
  };
  readonly apgdT: readonly {
    readonly rank: number;
    readonly steps: number;
    readonly losses: readonly number[];
    readonly correct: readonly number[];
  }[];
  readonly fab: readonly {
    readonly norm: "linf" | "l2";
    readonly epsilon: number;
    readonly steps: number;
    readonly fooled: readonly number[];
    readonly lengths: readonly number[];
    readonly images: readonly number[];
  }[];
  readonly deepFool: Record<
    "asTheyAre" | "greyer",
    { readonly images: readonly number[]; readonly lengths: readonly number[] }
  >;
  readonly carliniWagner: readonly {
    readonly options: Parameters<typeof carliniWagner>[3];
    readonly fooled: readonly number[];
    readonly lengths: readonly number[];
    readonly images: readonly number[];
  }[];
  readonly autoAttack: { readonly correct: readonly number[] };
}

const golden: Golden = JSON.parse(
  await Deno.readTextFile(new URL("../golden/auto_attack.json", import.meta.url)),
);
const [images, height, width, channels] = golden.shape;
const size = height * width * channels;

/** Uniform pixels; those of the top row are 0 or 1. */
function goldenPixels(): Float32Array {
  const values = Float32Array.from(formulaUniform("images", images * size));
  return values.map((value, k) => k % size < width * channels ? Number(value > 0.5) : value);
}

const model = convolutionalModel();
fillWithFormula(model);
const x = tf.tensor4d(goldenPixels(), golden.shape);
const y = ints(golden.labels);
const fooled = (attacked: tf.Tensor4D) =>
  [...predict(model, attacked)].map((k, image) => Number(k !== golden.labels[image]));

/** The lengths of each image's change. */
function lengths(attacked: tf.Tensor4D, from: tf.Tensor4D, norm: "linf" | "l2"): number[] {
  const [a, b] = [attacked.dataSync(), from.dataSync()];
  return Array.from({ length: images }, (_, image) => {
    const change = Array.from(
      { length: size },
      (_, k) => a[image * size + k]! - b[image * size + k]!,
    );
    return norm === "l2" ? Math.hypot(...change) : Math.max(...change.map(Math.abs));
  });
}

function assertNear(
  actual: readonly number[],
  expected: readonly number[],
  { relative, absolute }: { relative: number; absolute: number },
): void {
  for (const [k, value] of expected.entries()) {
    assertAlmostEquals(actual[k]!, value, absolute + relative * Math.abs(value), `number ${k}`);
  }
}

/** The largest difference from the expected pixels, of some of them. */
function farthest(
  actual: tf.Tensor,
  expected: readonly number[],
  of = (_k: number) => true,
): number {
  const values = actual.dataSync();
  const differences = expected.map((pixel, k) => of(k) ? Math.abs(pixel - values[k]!) : 0);
  return Math.max(...differences);
}

Deno.test("the small model's logits are PyTorch's", () => {
  assertNear([...model.forward(x).logits.dataSync()], golden.logits, {
    relative: 0,
    absolute: 1e-5,
  });
});

Deno.test("the targeted difference of logits ratio and its gradient are torchattacks'", () => {
  const logits = tf.tensor2d([...golden.logits], [images, 10]);
  const objective = targetedDlrObjective(golden.labels, golden.targets);
  const { value, grad } = tf.valueAndGrad((z: tf.Tensor) => objective(z as tf.Tensor2D))(logits);
  const close = { relative: 1e-5, absolute: 1e-5 };
  assertNear([...value.dataSync()], golden.targetedRatio.losses, close);
  assertNear([...grad.dataSync()], golden.targetedRatio.gradient, close);
});

for (const { rank, steps, losses, correct } of golden.apgdT) {
  Deno.test(`APGD-T towards the wrong class of rank ${rank} reaches torchattacks' losses from its start`, () => {
    const n = losses.length;
    const rows = tf.slice(x, [0, 0, 0, 0], [n, -1, -1, -1]);
    const labels = Int32Array.from(golden.labels.slice(0, n));
    const best = new Float32Array(n).fill(-Infinity);
    const stands = new Uint8Array(n).fill(1);
    let looks = 0;
    const positions = losses.map((_, image) => image);
    const targets = targetsByRank(model, rows, labels)[rank]!;
    const loss = "dlr-targeted" as const;
    const settings = { epsilon: golden.epsilon, norm: "linf" as const, steps, loss, seed: 0 };
    tf.tidy(() =>
      searchApgd(
        model,
        rows,
        labels,
        { ...settings, positions, draw: 0, targets },
        (_x, z, found) => {
          if (looks++ === 0) return undefined; // x itself is no point of torchattacks' run
          found.dataSync().forEach((value, k) => best[k] = Math.max(best[k]!, value));
          tf.argMax(z, 1).dataSync().forEach((k, image) => {
            if (k !== labels[image]) stands[image] = 0;
          });
          return undefined;
        },
      )
    );
    assertEquals([...stands], [...correct]);
    assertNear([...best], losses, { relative: 0.01, absolute: 1e-3 });
  });
}

for (const { norm, epsilon, steps, ...expected } of golden.fab) {
  Deno.test(`FAB-T in ${norm} within ${epsilon} finds torchattacks' images`, () => {
    const attacked = fab(model, x, y, { norm, epsilon, steps });
    assertEquals(fooled(attacked), [...expected.fooled]);
    assertNear(lengths(attacked, x, norm), expected.lengths, { relative: 0.01, absolute: 1e-6 });
    const apart = farthest(attacked, expected.images);
    assert(apart < 1e-3, `${apart} apart`);
  });
}

Deno.test("DeepFool's images are torchattacks'", () => {
  const greyer = tf.add<tf.Tensor4D>(tf.mul(x, 0.8), 0.1);
  for (
    const [from, expected] of [
      [x, golden.deepFool.asTheyAre],
      [greyer, golden.deepFool.greyer],
    ] as const
  ) {
    const attacked = deepFool(model, from, y);
    const apart = farthest(attacked, expected.images);
    assert(apart < 1e-4, `${apart} apart`);
    assertNear(lengths(attacked, from, "l2"), expected.lengths, { relative: 1e-3, absolute: 1e-6 });
  }
  assertEquals(fooled(deepFool(model, greyer, y)), Array(images).fill(1));
});

for (const { options = {}, ...expected } of golden.carliniWagner) {
  Deno.test(`C&W's images are torchattacks' with ${JSON.stringify(options)}`, () => {
    const attacked = carliniWagner(model, x, y, options);
    assertEquals(fooled(attacked), [...expected.fooled]);
    assertNear(lengths(attacked, x, "l2"), expected.lengths, { relative: 0.02, absolute: 1e-6 });
    // The model does not see the last row and column: Adam turns rounding there into whole steps.
    const seen = (k: number) =>
      k % (width * channels) < 7 * channels && k % size < 7 * width * channels;
    const apart = farthest(attacked, expected.images, seen);
    assert(apart < 1e-3, `${apart} apart`);
  });
}

Deno.test("AutoAttack leaves the images standing that torchattacks leaves", () => {
  const { correct } = golden.autoAttack;
  const result = autoAttack(model, x, y, { epsilon: golden.epsilon });
  assertEquals([...result.correct], [...correct]);
  assertEquals(fooled(result.adversarial), correct.map((stands) => 1 - stands));
});
