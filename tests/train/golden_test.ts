import { resnet18 } from "../../lib/nn/resnet18.ts";
import type { TrainOptions } from "../../lib/train/options.ts";
import { train } from "../../lib/train/train.ts";
import { assert } from "../../lib/assert/mod.ts";
import { fillWithFormula, formulaDataset } from "../golden/formula_weights.ts";
import golden from "../golden/train.json" with { type: "json" };

type Case = Omit<TrainOptions, "train" | "epochs">;

for (const { losses, ...options } of golden.cases) {
  const { schedule = "multistep", ...settings } = options as Case;
  Deno.test(`full-batch training follows PyTorch's losses: ${JSON.stringify(options)}`, async () => {
    const model = resnet18();
    fillWithFormula(model);
    const { epochs } = await train(model, {
      train: formulaDataset(golden.n),
      epochs: losses.length,
      batchSize: golden.n,
      ...{ ...settings, schedule },
      ...(schedule === "multistep" ? { milestones: [] } : {}),
    });
    model.dispose();
    for (const [step, expected] of losses.entries()) {
      const deviation = Math.abs(epochs[step]!.trainLoss - expected) / expected;
      const allowed = step < 3 ? 2e-3 : 2e-2;
      assert(
        deviation <= allowed,
        `step ${step + 1}: relative deviation ${deviation} of ${expected}`,
      );
    }
  });
}
