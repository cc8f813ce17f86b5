import { tf } from "../../lib/backend/tf.ts";
import { randomUniform } from "../../lib/backend/random.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import {
  loadCheckpoint,
  readExtraTensors,
  saveCheckpoint,
  writeCheckpoint,
} from "../../lib/nn/checkpoint.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from "../../lib/nn/safetensors.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../lib/assert/mod.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** A classifier of a few numbers, so that the tests are quick. */
function tiny(fill = 1, options: object = { classes: 2, stem: "imagenet" }): Classifier {
  const parameters = new Map([
    ["conv1.weight", tf.variable(tf.mul(randomUniform([2, 1, 3, 4], 5), fill))],
    ["fc.weight", tf.variable(tf.fill([4, 2], fill))],
    ["fc.bias", tf.variable(tf.fill([2], fill))],
  ]);
  const buffers = new Map([["bn1.running_mean", tf.variable(tf.fill([4], fill), false)]]);
  return {
    inputShape: [2, 1, 3],
    classes: 2,
    parameters,
    buffers,
    options,
    forward: () => ({ logits: tf.zeros([1, 2]), features: tf.zeros([1, 4]) }),
    dispose: () => tf.dispose([...parameters.values(), ...buffers.values()]),
  };
}

const values = (model: Classifier) =>
  [...model.parameters, ...model.buffers].map(([, variable]) => variable.dataSync());

async function temporaryFile(): Promise<string> {
  return `${await temporaryFolder()}/model.safetensors`;
}

async function rewritten(
  change: (tensors: Map<string, StoredTensor>) => void,
): Promise<string> {
  const path = await temporaryFile();
  await saveCheckpoint(path, tiny(2, {}));
  const { tensors } = decodeSafetensors(await Deno.readFile(path));
  change(tensors);
  await Deno.writeFile(path, encodeSafetensors(tensors, () => ({})));
  return path;
}

Deno.test("a checkpoint brings every weight back, with torchvision's layouts on disk", async () => {
  const path = await temporaryFile();
  const model = tiny(3);
  await saveCheckpoint(path, model, { epoch: "7" });
  const { tensors } = decodeSafetensors(await Deno.readFile(path));
  assertEquals(tensors.get("conv1.weight")!.shape, [4, 3, 2, 1]); // OIHW
  assertEquals(tensors.get("fc.weight")!.shape, [2, 4]); // [out, in]
  const hwio = model.parameters.get("conv1.weight")!.dataSync();
  // element [h=1, w=0, i=2, o=3] of HWIO is [3, 2, 1, 0] of OIHW
  assertEquals(
    tensors.get("conv1.weight")!.values[((3 * 3 + 2) * 2 + 1) * 1],
    hwio[(1 * 3 + 2) * 4 + 3],
  );
  const other = tiny(1);
  const { loaded, skipped, metadata } = await loadCheckpoint(path, other);
  assertEquals(values(other), values(model));
  assertEquals([loaded.length, skipped, metadata.epoch], [4, [], "7"]);
});

Deno.test("resnet18 gives the same logits after a round trip", async () => {
  const path = await temporaryFile();
  const [a, b] = [resnet18({ seed: 1 }), resnet18({ seed: 2 })];
  const x = randomUniform([2, 32, 32, 3], 1) as tf.Tensor4D;
  await saveCheckpoint(path, a);
  await loadCheckpoint(path, b);
  assertEquals(b.forward(x).logits.dataSync(), a.forward(x).logits.dataSync());
  await assertRejects(() => loadCheckpoint(path, resnet18({ stem: "cifar" })), Error, "stem");
  await assertRejects(() => loadCheckpoint(path, resnet18({ mean: [0.5, 0, 0] })), Error, "mean");
});

Deno.test("damage of any kind is named with the file, and changes nothing", async () => {
  const path = await temporaryFile();
  await saveCheckpoint(path, tiny(2));
  const good = await Deno.readFile(path);
  const flipped = good.slice();
  flipped[flipped.length - 3]! ^= 0x40;
  const headerless = good.slice();
  headerless[0] = 0xff;
  headerless[6] = 0xff;
  const cases: [Uint8Array, string][] = [
    [good.subarray(0, good.length - 5), "truncated"],
    [good.subarray(0, 4), "too short"],
    [new Uint8Array(), "too short"],
    [flipped, "SHA-256"],
    [headerless, "header"],
    [new TextEncoder().encode("not a checkpoint at all, sorry"), "header"],
  ];
  for (const [bytes, message] of cases) {
    await Deno.writeFile(path, bytes);
    const model = tiny(1);
    const before = values(model);
    const error = await assertRejects(() => loadCheckpoint(path, model), Error, message);
    assert(error.message.includes(path));
    assertEquals(values(model), before);
  }
  await assertRejects(() => loadCheckpoint(`${path}.none`, tiny()), Error, "no such file");
});

Deno.test("strict refuses missing, extra and misshapen tensors; not strict leaves them", async () => {
  const extra = { shape: [1], values: Float32Array.of(1) };
  const cases: [string, (tensors: Map<string, StoredTensor>) => void, string][] = [
    ["fc.bias is missing", (tensors) => tensors.delete("fc.bias"), "fc.bias"],
    ["the model has no head.x", (tensors) => tensors.set("head.x", extra), "head.x"],
    ["fc.bias has shape", (tensors) => tensors.set("fc.bias", extra), "fc.bias"],
  ];
  for (const [message, change, name] of cases) {
    const path = await rewritten(change);
    const model = tiny(1);
    const before = values(model);
    await assertRejects(() => loadCheckpoint(path, model), Error, message);
    assertEquals(values(model), before);
    const { skipped } = await loadCheckpoint(path, model, { strict: false });
    assertEquals(skipped, [name]);
    assertEquals(model.parameters.get("fc.weight")!.dataSync()[0], 2);
  }
});

Deno.test("skip leaves the named tensors, also with other options of the head", async () => {
  const path = await temporaryFile();
  await saveCheckpoint(path, tiny(2, { classes: 5 }));
  const model = tiny(1);
  await assertRejects(() => loadCheckpoint(path, model), Error, "classes");
  const { skipped } = await loadCheckpoint(path, model, { skip: /^fc\./g });
  assertEquals(skipped, ["fc.weight", "fc.bias"]);
  assertEquals(model.parameters.get("fc.bias")!.dataSync()[0], 1);
});

Deno.test("model options that are no JSON are named with the file", async () => {
  const path = await temporaryFile();
  await saveCheckpoint(path, tiny(2, {}));
  const { tensors } = decodeSafetensors(await Deno.readFile(path));
  await Deno.writeFile(path, encodeSafetensors(tensors, () => ({ "lab.model": "{" })));
  await assertRejects(() => loadCheckpoint(path, tiny()), Error, path);
});

Deno.test("torchvision's batch counters are accepted, other integers are not", async () => {
  const path = await rewritten((tensors) =>
    tensors.set("bn1.num_batches_tracked", { shape: [1], values: Float32Array.of(3) })
  );
  const { skipped } = await loadCheckpoint(path, tiny(1));
  assertEquals(skipped, []);
});

Deno.test("NaN and infinity are refused on the way in and out", async () => {
  for (const bad of [NaN, Infinity]) {
    const path = await rewritten((tensors) =>
      tensors.set("fc.bias", { shape: [2], values: Float32Array.of(1, bad) })
    );
    await assertRejects(() => loadCheckpoint(path, tiny()), Error, "fc.bias is not finite");
    const model = tiny();
    model.parameters.get("fc.bias")!.assign(tf.tensor1d([bad, 0]));
    const target = await temporaryFile();
    await assertRejects(() => saveCheckpoint(target, model), Error, "not finite");
    await assertRejects(() => Deno.stat(target));
  }
});

Deno.test("optimizer state lies beside the weights and surprises no strict load", async () => {
  const path = await temporaryFile();
  const tensor = { shape: [2], values: Float32Array.of(1, 2) };
  await writeCheckpoint(path, tiny(2), { extraTensors: new Map([["optimizer.step", tensor]]) });
  assertEquals((await loadCheckpoint(path, tiny(1))).skipped, []);
  assertEquals([...await readExtraTensors(path, "optimizer.")], [["optimizer.step", tensor]]);
  await assertRejects(
    () => writeCheckpoint(path, tiny(), { extraTensors: new Map([["other", tensor]]) }),
    RangeError,
    "optimizer.",
  );
});

Deno.test("half, bfloat16 and double tensors are read as float32", () => {
  const header = JSON.stringify({
    half: { dtype: "F16", shape: [3], data_offsets: [0, 6] },
    brain: { dtype: "BF16", shape: [1], data_offsets: [6, 8] },
    double: { dtype: "F64", shape: [1], data_offsets: [8, 16] },
  });
  const file = new Uint8Array(8 + header.length + 16);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(header.length), true);
  file.set(new TextEncoder().encode(header), 8);
  const at = 8 + header.length;
  [0x3c00, 0xc000, 0x0001].forEach((bits, k) => view.setUint16(at + 2 * k, bits, true));
  view.setUint16(at + 6, 0x4049, true);
  view.setFloat64(at + 8, 0.25, true);
  const { tensors } = decodeSafetensors(file);
  assertEquals([...tensors.get("half")!.values], [1, -2, Math.fround(2 ** -24)]);
  assertEquals([...tensors.get("brain")!.values], [3.140625]);
  assertEquals([...tensors.get("double")!.values], [0.25]);
});

Deno.test("a shape that does not fit its values is refused before writing", () => {
  const tensors = new Map([["a", { shape: [3], values: Float32Array.of(1) }]]);
  assertThrows(() => encodeSafetensors(tensors, () => ({})), RangeError, "a to hold 3");
});
