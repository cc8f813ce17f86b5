import { attackSweep } from "../../../lib/attacks/attack_sweep.ts";
import { loadDataset } from "../../../lib/data/load_dataset.ts";
import { pickImages, traceImages } from "../../../lib/experiments/runs/measure/trace_images.ts";
import { specById } from "../../../lib/experiments/specs/matrix.ts";
import { predictionsFromLogits } from "../../../lib/metrics/predictions.ts";
import { resnet18 } from "../../../lib/nn/resnet18.ts";
import { collectPredictions } from "../../../lib/train/collect_predictions.ts";
import { assert, assertAlmostEquals, assertEquals } from "../../../lib/assert/mod.ts";

Deno.test("of each class the first right and the first wrong answer are picked, then others at random", () => {
  // Images 0 to 5 of class 0, 6 to 11 of class 1; the odd ones are answered wrong.
  const labels = Int32Array.from({ length: 12 }, (_, i) => i < 6 ? 0 : 1);
  const logits = Float32Array.from({ length: 24 }, (_, k) => {
    const [image, label] = [k >> 1, k & 1];
    const answer = image % 2 === 0 ? labels[image]! : 1 - labels[image]!;
    return label === answer ? 1 : 0;
  });
  const p = predictionsFromLogits(logits, labels, 2);
  const picked = pickImages(p, 0);
  assertEquals(picked.slice(0, 4), [0, 1, 6, 7]);
  assertEquals(picked.length, 8);
  assertEquals(new Set(picked).size, 8);
  assertEquals(pickImages(p, 0), picked);
  assert([1, 2, 3].some((seed) => pickImages(p, seed).join() !== picked.join()));
});

Deno.test("traces are the answers that the sweep counts", async () => {
  const data = await loadDataset("svhn", "test", { source: "procedural", limit: 12 });
  const model = resnet18({ seed: 1 });
  try {
    const p = await collectPredictions(model, data);
    const { evaluation } = specById("quick", "cifar-base");
    const options = { ...evaluation, epsilons: [0, 8 / 255], attackSteps: 2 };
    const { indices, probabilities } = traceImages(model, data, p, { options, seed: 5 });
    assertEquals([...probabilities.keys()], ["fgsm", "pgd"]);
    const sweep = await attackSweep(model, data, {
      attacks: ["fgsm", "pgd"],
      epsilons: options.epsilons,
      steps: 2,
      seed: 5,
    });
    for (const [attack, values] of probabilities) {
      assertEquals(values.length, 2 * indices.length * 10);
      indices.forEach((image, k) => {
        const clean = values.subarray(k * 10, k * 10 + 10);
        clean.forEach((value, label) =>
          assertAlmostEquals(value, p.probabilities[image * 10 + label]!, 1e-5)
        );
        const start = (indices.length + k) * 10;
        const attacked = values.subarray(start, start + 10);
        const answer = attacked.indexOf(Math.max(...attacked));
        const fate = sweep.find((one) => one.attack === attack && one.epsilon > 0)!;
        // The sweep leaves out what is wrong unharmed.
        const right = answer === data.labels[image] && clean.indexOf(Math.max(...clean)) === answer;
        assertEquals(fate.correct[image], right ? 1 : 0);
      });
    }
  } finally {
    model.dispose();
  }
});
