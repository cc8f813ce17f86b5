/**
 * `deno task soak`, first part: 300 short epochs of adversarial training of a ResNet-18 with all its
 * files, then rounds of attacks, evaluation and charts, with memory and tensors over time. Writes
 * data/results/soak.json and fails if anything grows.
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { attackSweep } from "../../lib/attacks/attack_sweep.ts";
import { tf } from "../../lib/backend/tf.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { splitDataset } from "../../lib/data/split_dataset.ts";
import { withScratchFolder } from "../../lib/files/scratch_folder.ts";
import { writeAtomically } from "../../lib/files/write_atomically.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { collectPredictions } from "../../lib/train/collect_predictions.ts";
import { train } from "../../lib/train/train.ts";
import { confusionHeatmap } from "../../lib/plots/confusion_heatmap.ts";

/** Memory's line may rise by so many MB once warm: caches, heaps between collections. */
const SLACK_MB = 150;

interface Sample {
  readonly stage: "training" | "evaluation";
  /** Epoch or round. */
  readonly step: number;
  readonly seconds: number;
  readonly residentMegabytes: number;
  readonly tensors: number;
}

const { values } = parseArgs({
  options: {
    epochs: { type: "string", default: "300" },
    rounds: { type: "string", default: "30" },
    out: { type: "string", default: "data/results/soak.json" },
  },
});
const [epochs, rounds] = [Number(values.epochs), Number(values.rounds)];
const start = performance.now();
const samples: Sample[] = [];

function sample(stage: Sample["stage"], step: number): void {
  const taken = {
    stage,
    step,
    seconds: Math.round((performance.now() - start) / 1000),
    residentMegabytes: Math.round(Deno.memoryUsage().rss / 2 ** 20),
    tensors: tf.memory().numTensors,
  };
  samples.push(taken);
  console.log(
    `${stage} ${step}: ${taken.residentMegabytes} MB, ${taken.tensors} tensors, ${taken.seconds} s`,
  );
}

/** After a warm-up of a tenth: what was added, and the memory's least-squares line. */
function growth(stage: Sample["stage"]) {
  const own = samples.filter((one) => one.stage === stage);
  const warm = own.slice(Math.floor(own.length / 10));
  const mean = (value: (one: Sample) => number) =>
    warm.reduce((sum, one) => sum + value(one), 0) / warm.length;
  const [steps, memory] = [mean(({ step }) => step), mean((one) => one.residentMegabytes)];
  const covariance = mean((one) => (one.step - steps) * (one.residentMegabytes - memory));
  const slope = covariance / mean(({ step }) => (step - steps) ** 2);
  const [first, last] = [warm[0]!, warm.at(-1)!];
  return {
    megabytesPerStep: Number(slope.toFixed(3)),
    megabytes: Math.round(slope * (last.step - first.step)),
    tensors: last.tensors - first.tensors,
  };
}

/** Trains, then attacks, evaluates and draws, with samples. */
async function soak(directory: string): Promise<void> {
  const data = await loadDataset("cifar10", "train", { source: "procedural", limit: 192 });
  const [training, validation] = splitDataset(data, 1 / 3, 0);
  const model = resnet18();
  await train(model, {
    train: training,
    validation,
    epochs,
    batchSize: 64,
    augment: "standard",
    adversarial: { attack: "pgd", epsilon: 8 / 255, steps: 2, probability: 0.5 },
    directory: `${directory}/run`,
    onEpoch({ epochs: { length } }) {
      if (length === 1 || length % Math.ceil(epochs / 30) === 0) sample("training", length);
    },
  });
  for (let round = 1; round <= rounds; round++) {
    const predictions = await collectPredictions(model, validation, { features: true });
    await attackSweep(model, validation, {
      attacks: ["clean", "noise", "fgsm", "pgd", "apgd", "square"],
      epsilons: [8 / 255],
      steps: 3,
      queries: 5,
      limit: 32,
    });
    const chart = confusionHeatmap(predictions, {
      classNames: validation.classNames,
      title: "Soak",
      subtitle: validation.describe(),
    });
    await chart.save(`${directory}/chart`);
    sample("evaluation", round);
  }
  model.dispose();
}

await withScratchFolder(dirname(values.out), soak);
const grown = { training: growth("training"), evaluation: growth("evaluation") };
const result = { schema: 1, date: new Date().toISOString(), epochs, rounds, grown, samples };
await writeAtomically(values.out, JSON.stringify(result, null, 1) + "\n");
console.log(JSON.stringify(grown), values.out);
for (const [stage, { megabytes, tensors }] of Object.entries(grown)) {
  if (tensors !== 0 || !(megabytes <= SLACK_MB)) {
    console.error(`${stage} grows: ${megabytes} MB and ${tensors} tensors`);
    Deno.exit(1);
  }
}
