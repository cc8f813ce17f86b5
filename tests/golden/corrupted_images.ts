/**
 * Corrupts images of CIFAR-10 with every kind and severity, for corrupted_images.py to compare.
 *
 * LAB_DATA=DATA deno run -A tests/golden/corrupted_images.ts FOLDER [IMAGES]
 * python tests/golden/corrupted_images.py FOLDER
 */
import { join } from "node:path";
import { corrupt, corruptionNames, loadDataset } from "../../lib/mod.ts";

const [folder, count = "1000"] = Deno.args;
if (folder === undefined) throw new TypeError("Expected a folder to write to but found none");
const data = await loadDataset("cifar10", "test", { limit: Number(count) });
await Deno.mkdir(folder, { recursive: true });
await Deno.writeFile(join(folder, "clean"), data.images);
for (const kind of corruptionNames) {
  for (const severity of [1, 2, 3, 4, 5] as const) {
    const { images } = corrupt(data, { kind, severity });
    await Deno.writeFile(join(folder, `${kind}-${severity}`), images);
  }
}
console.log(data.describe());
