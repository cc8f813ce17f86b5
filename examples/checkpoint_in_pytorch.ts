/**
 * Writes a checkpoint for checkpoint_in_pytorch.py, which opens it in PyTorch and compares the answers:
 *
 *     deno run -P=compute examples/checkpoint_in_pytorch.ts --out data/reports/examples
 *     python examples/checkpoint_in_pytorch.py data/reports/examples
 *
 * The model is trained for a few seconds on stand-ins, so that its running statistics are not those of
 * a new one. Beside model.safetensors lies pytorch.json with two images and the model's logits.
 */
import { parseArgs } from "node:util";
import {
  batches,
  loadDataset,
  resnet18,
  saveCheckpoint,
  selectImages,
  tf,
  train,
} from "../lib/mod.ts";

const { values: flags } = parseArgs({
  options: { out: { type: "string", default: "data/reports/examples" } },
});
const normalisation = { mean: [0.45, 0.45, 0.45], std: [0.25, 0.25, 0.25] };

const data = await loadDataset("mnist", "train", { source: "procedural", limit: 256 });
const model = resnet18(normalisation);
await train(model, { train: data, epochs: 1, batchSize: 64 });

const [batch] = batches(selectImages(data, [0, 1]));
const { x, y } = batch!;
const { logits, features } = model.forward(x);
await Deno.mkdir(flags.out, { recursive: true });
await saveCheckpoint(`${flags.out}/model.safetensors`, model);
await Deno.writeTextFile(
  `${flags.out}/pytorch.json`,
  JSON.stringify({
    ...normalisation,
    shape: x.shape, // images, height, width, channels; pixels in [0, 1]
    pixels: [...x.dataSync()],
    logits: [...logits.dataSync()],
  }),
);
tf.dispose([x, y, logits, features]);
model.dispose();
console.log(`Wrote ${flags.out}/model.safetensors and pytorch.json`);
