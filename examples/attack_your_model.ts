/**
 * Attacks a model: how many test images survive FGSM and PGD at each budget, and a picture of them.
 *
 *     deno run -P=compute examples/attack_your_model.ts --checkpoint data/runs/.../best.safetensors
 *
 * Without a checkpoint it trains a small model for a few seconds. Data are the real images in data/raw
 * where they are there (`deno task download`), else procedural stand-ins; the output says which. With
 * `--out DIR` the curve of accuracies is saved as DIR/attacked.svg and .png; the default is
 * data/reports/examples, which git ignores.
 */
import { parseArgs } from "node:util";
import {
  attackSweep,
  type Dataset,
  type DatasetName,
  loadCheckpoint,
  loadDataset,
  type ResNet18,
  resnet18,
  type ResNet18Options,
  robustnessCurve,
  splitDataset,
  train,
} from "../lib/mod.ts";

const { values: flags } = parseArgs({
  options: {
    checkpoint: { type: "string" },
    dataset: { type: "string", default: "mnist" },
    images: { type: "string", default: "100" },
    out: { type: "string", default: "data/reports/examples" },
  },
});
const dataset = flags.dataset as DatasetName; // loadDataset refuses any other name
const images = Number(flags.images);

/** The model's options as a checkpoint of the lab keeps them; torchvision's files have none. */
async function storedOptions(path: string): Promise<ResNet18Options> {
  const bytes = await Deno.readFile(path);
  // A safetensors file starts with the length of its JSON header.
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  return JSON.parse(header.__metadata__?.["lab.model"] ?? "{}");
}

async function openModel(path: string): Promise<ResNet18> {
  const model = resnet18(await storedOptions(path));
  await loadCheckpoint(path, model);
  return model;
}

async function trainModel(): Promise<ResNet18> {
  const data = await loadDataset(dataset, "train", { limit: 1000 });
  const [training, validation] = splitDataset(data, 0.1, 0);
  const model = resnet18({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
  await train(model, { train: training, validation, epochs: 2, batchSize: 32 });
  return model;
}

const model = await (flags.checkpoint ? openModel(flags.checkpoint) : trainModel());
const test: Dataset = await loadDataset(dataset, "test", { limit: images });
const sweep = await attackSweep(model, test, {
  attacks: ["fgsm", "pgd"],
  epsilons: [0, 1 / 255, 2 / 255, 4 / 255, 8 / 255],
  steps: 10,
});
model.dispose();

console.log(test.describe());
for (const { attack, epsilon, accuracy, n } of sweep) {
  const budget = `${Math.round(255 * epsilon)}/255`;
  console.log(
    `${attack.padEnd(5)} ${budget.padStart(5)}  ${(100 * accuracy).toFixed(1)} % of ${n}`,
  );
}
await robustnessCurve(sweep).save(`${flags.out}/attacked`);
console.log(`Saved ${flags.out}/attacked.svg and .png`);
