import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { tf } from "../../lib/backend/tf.ts";
import { type ExampleParts, loadExamples, saveExamples } from "../../lib/data/examples.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const originals = Uint8Array.from({ length: 3 * 4 * 2 * 3 }, (_, k) => (k * 37) % 256);
const epsilon = 8 / 255;
const moved = Float32Array.from(
  originals,
  (byte, k) => Math.min(1, Math.max(0, byte / 255 + (k % 2 ? epsilon : -epsilon))),
);
const shape = [3, 4, 2, 3] as [number, number, number, number];

function parts(changes: Partial<ExampleParts> = {}): ExampleParts {
  return {
    images: tf.tensor4d(moved, shape),
    labels: [0, 1, 2],
    predictions: tf.tensor1d([1, 1, 0], "int32"),
    epsilon,
    norm: "linf",
    attack: "pgd",
    checkpoint: "runs/a/best.safetensors",
    originals,
    ...changes,
  };
}

async function saved(changes: Partial<ExampleParts> = {}): Promise<string> {
  const path = `${await temporaryFolder()}/examples.safetensors`;
  await saveExamples(path, parts(changes));
  return path;
}

Deno.test("examples come back bit for bit, with all that was said of them", async () => {
  const loaded = await loadExamples(await saved());
  assertEquals(loaded.images.shape, shape);
  assertEquals(loaded.images.dataSync(), moved);
  const { images, ...rest } = loaded;
  images.dispose();
  assertEquals(rest, {
    labels: Int32Array.of(0, 1, 2),
    predictions: Int32Array.of(1, 1, 0),
    epsilon,
    norm: "linf",
    attack: "pgd",
    checkpoint: "runs/a/best.safetensors",
    originals,
  });
});

Deno.test("originals are optional", async () => {
  const loaded = await loadExamples(await saved({ originals: undefined }));
  assert(!("originals" in loaded));
  loaded.images.dispose();
});

Deno.test("what does not fit is refused before anything is written", async () => {
  const cases: readonly [Partial<Record<keyof ExampleParts, unknown>>, string][] = [
    [{ images: tf.tensor4d(moved.map((v) => v * 2), shape) }, "pixels in [0, 1]"],
    [{ images: tf.tensor4d(moved.map(() => NaN), shape) }, "found NaN"],
    [{ images: tf.tensor2d([[0]]) }, "float32 tensor [n, height, width, channels]"],
    [{ images: moved }, "float32 tensor"],
    [{ labels: [0, 1] }, "labels to hold a class for each of 3 images"],
    [{ labels: [0, 1, -1] }, "labels[2]"],
    [{ predictions: [0, 1, 0.5] }, "predictions[2]"],
    [{ epsilon: NaN }, "epsilon"],
    [{ norm: "l1" }, "norm"],
    [{ attack: " " }, "attack"],
    [{ checkpoint: 3 }, "checkpoint"],
    [{ originals: originals.slice(1) }, "originals to hold 72 bytes"],
    [{ epsilon: 4 / 255 }, "within epsilon"],
    [{ norm: "l2", epsilon: 0.05 }, "(l2)"],
  ];
  for (const [changes, says] of cases) {
    const path = `${await temporaryFolder()}/examples.safetensors`;
    const error = await assertRejects(() =>
      saveExamples(path, parts(changes as Partial<ExampleParts>))
    );
    assertStringIncludes((error as Error).message, says);
    await assertRejects(() => Deno.stat(path));
  }
});

Deno.test("damaged files and other files are refused by name, and leave no tensor", async () => {
  const path = await saved();
  const good = await Deno.readFile(path);
  const before = tf.memory().numTensors;
  const attempt = async (bytes: Uint8Array) => {
    await Deno.writeFile(path, bytes);
    const error = await assertRejects(() => loadExamples(path));
    assertStringIncludes((error as Error).message, path);
    return (error as Error).message;
  };
  for (let at = 0; at < good.length; at += 61) {
    const bytes = good.slice();
    bytes[at]! ^= 16;
    await attempt(bytes);
  }
  await attempt(good.slice(0, -1));
  await attempt(new Uint8Array());
  await attempt(new TextEncoder().encode("no examples"));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test({
  name: "PyTorch reads the file, and what PyTorch writes is read",
  // Where Python with PyTorch and safetensors is at hand.
  ignore: Deno.env.get("LAB_PYTHON") === undefined,
  fn: async () => {
    const path = await saved();
    const program = `
import sys, torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
path = sys.argv[1]
t = load_file(path)
with safe_open(path, "pt") as f: m = f.metadata()
assert t["images"].dtype == torch.float32 and t["images"].shape == (3, 4, 2, 3)
assert t["labels"].tolist() == [0, 1, 2] and t["predictions"].tolist() == [1, 1, 0]
distance = (t["images"] - t["originals"].float() / 255).abs().max().item()
assert distance <= float(m["epsilon"]) + 1e-7, distance
keep = {k: m[k] for k in ("epsilon", "norm", "attack", "checkpoint")}
save_file({"images": t["images"], "labels": t["labels"].long(), "predictions": t["predictions"].long()}, path, keep)
`;
    const { success, stderr } = await new Deno.Command(Deno.env.get("LAB_PYTHON")!, {
      args: ["-c", program, path],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const loaded = await loadExamples(path);
    assertEquals(loaded.images.dataSync(), moved);
    assertEquals([...loaded.labels], [0, 1, 2]);
    loaded.images.dispose();
  },
});
