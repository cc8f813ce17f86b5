/** A ResNet-18 with weights by a formula under attack: the same code here and in a browser. */
import { predict, readLogits } from "../../lib/attacks/answers.ts";
import { fgsm } from "../../lib/attacks/fgsm.ts";
import { randomNoise } from "../../lib/attacks/noise.ts";
import { pgd } from "../../lib/attacks/pgd.ts";
import { tf } from "../../lib/backend/tf.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { fillWithFormula, formulaPixels } from "../golden/formula_weights.ts";
import golden from "../golden/model.json" with { type: "json" };

/** What the attacks found. */
export interface Found {
  /** [n, classes] of the clean images. */
  readonly logits: readonly number[];
  readonly fgsm: readonly number[];
  readonly noise: readonly number[];
  /** By norm: whether each attacked image gets another answer than the clean one. */
  readonly fooled: Readonly<Record<"linf" | "l2", readonly boolean[]>>;
}

const EPSILON = { linf: 1 / 255, l2: 0.1 } as const;

/** Attacks the network of the golden file's first case on a few images. */
export function attackResNet(images = 4): Found {
  const model = resnet18({ mean: golden.mean, std: golden.std });
  fillWithFormula(model);
  const x = formulaPixels(images);
  const clean = predict(model, x);
  const y = tf.tensor1d([...clean], "int32");
  const fooled = (norm: "linf" | "l2") => {
    const attacked = pgd(model, x, y, { norm, epsilon: EPSILON[norm], steps: 5, seed: 7 });
    return [...predict(model, attacked)].map((answer, k) => answer !== clean[k]);
  };
  const found = {
    logits: [...readLogits(model, x)],
    fgsm: [...fgsm(model, x, y, { epsilon: EPSILON.linf }).dataSync()],
    noise: [...randomNoise(x, { epsilon: EPSILON.linf, seed: 3 }).dataSync()],
    fooled: { linf: fooled("linf"), l2: fooled("l2") },
  };
  model.dispose();
  return found;
}
