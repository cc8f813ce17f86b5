/** The Deno half of torchvision_round_trip.py. */
import { tf } from "../../lib/backend/tf.ts";
import { loadCheckpoint, saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";

const [mode, path, logitsPath] = Deno.args;
const x = tf.tidy(() =>
  tf.reshape(tf.add(tf.mul(tf.sin(tf.range(0, 2 * 32 * 32 * 3)), 0.5), 0.5), [2, 32, 32, 3])
) as tf.Tensor4D;
const model = resnet18({ seed: 3 });
if (mode === "write") {
  model.forward(tf.randomUniform([16, 32, 32, 3], 0, 1, "float32", 1), { training: true });
  const logits = JSON.stringify([...model.forward(x).logits.dataSync()]);
  await saveCheckpoint(path!, model, { logits });
} else {
  const { loaded, skipped } = await loadCheckpoint(path!, model);
  const expected = JSON.parse(await Deno.readTextFile(logitsPath!)) as number[];
  const own = model.forward(x).logits.dataSync();
  const difference = Math.max(...expected.map((value, k) => Math.abs(value - own[k]!)));
  console.log(`${loaded.length} tensors loaded, ${skipped.length} skipped`);
  console.log("largest difference of logits:", difference);
}
