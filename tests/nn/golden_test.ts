import { tf } from "../../lib/backend/tf.ts";
import { type ResNet18, resnet18, type ResNet18Options } from "../../lib/nn/resnet18.ts";
import { assert } from "../../lib/assert/mod.ts";
import golden from "../golden/model.json" with { type: "json" };
import { fillWithFormula, formulaPixels } from "../golden/formula_weights.ts";

const VARIANTS: Record<string, ResNet18Options> = {
  imagenet: {},
  cifar: { stem: "cifar" },
  "no-bn": { batchNorm: false },
};

function formulaModel(variant: string): ResNet18 {
  const model = resnet18({ ...VARIANTS[variant]!, mean: golden.mean, std: golden.std, seed: 9 });
  fillWithFormula(model);
  return model;
}

function assertClose(
  actual: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
): void {
  let worst = actual.length === expected.length ? 0 : Infinity;
  for (const [k, value] of expected.entries()) {
    worst = Math.max(worst, Math.abs(actual[k]! - value));
  }
  assert(worst <= tolerance, `largest difference ${worst} exceeds ${tolerance}`);
}

for (const { variant, evalLogits, evalFeatures, trainLogits, statistics } of golden.cases) {
  Deno.test(`${variant} ResNet-18 in eval mode gives torchvision's logits and features`, () => {
    const model = formulaModel(variant);
    const x = formulaPixels(golden.n);
    const { logits, features } = model.forward(x);
    const first = tf.slice(features, [0, 0], [golden.n, 16]);
    assertClose(logits.dataSync(), evalLogits, 1e-3);
    assertClose(first.dataSync(), evalFeatures, 1e-3);
    tf.dispose([x, logits, features, first]);
    model.dispose();
  });

  if (trainLogits === undefined) continue;
  Deno.test(`${variant} ResNet-18 in train mode gives torchvision's logits and running statistics`, () => {
    const model = formulaModel(variant);
    const x = formulaPixels(golden.n);
    const { logits, features } = model.forward(x, { training: true });
    assertClose(logits.dataSync(), trainLogits, 1e-3);
    for (const [name, expected] of Object.entries(statistics!)) {
      assertClose(model.buffers.get(name)!.dataSync().slice(0, 64), expected, 1e-4);
    }
    tf.dispose([x, logits, features]);
    model.dispose();
  });
}
