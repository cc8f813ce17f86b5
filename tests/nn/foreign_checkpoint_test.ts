/** Files that other programs made: understood and said, or named for what they are. */
import { join } from "node:path";
import { tf } from "../../lib/backend/tf.ts";
import { FileError } from "../../lib/files/file_error.ts";
import { otherArchitecture, revealedOptions } from "../../lib/nn/_architecture.ts";
import { loadCheckpoint, saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from "../../lib/nn/safetensors.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import golden from "../golden/foreign_files.json" with { type: "json" };
import model from "../golden/model.json" with { type: "json" };
import { fillWithFormula, formulaPixels } from "../golden/formula_weights.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";
import { warningsOf } from "../warnings.ts";

type Shapes = ReadonlyMap<string, readonly number[]>;
const networks = new Map(
  Object.entries(golden.networks).map(([name, shapes]) =>
    [name, new Map(Object.entries(shapes)) as Shapes] as const
  ),
);

/** A file of tensors given by bytes, in the order of their names here. */
function fileOf(
  tensors: Readonly<Record<string, [dtype: string, shape: number[], bytes: number[]]>>,
) {
  let end = 0;
  const header = Object.entries(tensors).map(([name, [dtype, shape, bytes]]) => {
    const data_offsets = [end, end += bytes.length];
    return [name, { dtype, shape, data_offsets }];
  });
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer);
  return Uint8Array.from([
    ...length,
    ...text,
    ...Object.values(tensors).flatMap(([, , bytes]) => bytes),
  ]);
}

/** The bytes of a tiny classifier's file without the lab's metadata, with other tensors and names. */
async function foreignTiny(
  path: string,
  change: (tensors: Map<string, StoredTensor>) => Map<string, StoredTensor>,
) {
  const tiny = tinyClassifier(3);
  await saveCheckpoint(path, tiny);
  tiny.dispose();
  const { tensors } = decodeSafetensors(await Deno.readFile(path));
  await Deno.writeFile(path, encodeSafetensors(change(tensors), () => ({})));
}

const renamedBy = (rename: (name: string) => string) => (tensors: Map<string, StoredTensor>) =>
  new Map([...tensors].map(([name, tensor]) => [rename(name), tensor]));

Deno.test("a DataParallel file with kuangliu's names gives torchvision's logits, and says so", () =>
  withFolder(async (folder) => {
    const path = join(folder, "ckpt.safetensors");
    const settings = { stem: "cifar", mean: model.mean, std: model.std } as const;
    const [filled, loaded] = [resnet18(settings), resnet18({ ...settings, seed: 3 })];
    fillWithFormula(filled);
    await saveCheckpoint(path, filled);
    const { tensors } = decodeSafetensors(await Deno.readFile(path));
    const theirs = renamedBy((name) =>
      `module.${name.replace("downsample", "shortcut").replace(/^fc/, "linear")}`
    );
    await Deno.writeFile(path, encodeSafetensors(theirs(tensors), () => ({})));
    const said = await warningsOf(() => loadCheckpoint(path, loaded));
    assertEquals(said.length, 3);
    for (const part of ['"module."', '"shortcut."', '"linear."', path]) {
      assertStringIncludes(said.join(), part);
    }
    const x = formulaPixels(model.n);
    const { logits, features } = loaded.forward(x);
    const { evalLogits } = model.cases.find(({ variant }) => variant === "cifar")!;
    const worst = Math.max(...logits.dataSync().map((z, k) => Math.abs(z - evalLogits[k]!)));
    assert(worst <= 1e-3, `largest difference ${worst}`);
    tf.dispose([x, logits, features]);
    for (const one of [filled, loaded]) one.dispose();
  }));

Deno.test("prefixes of wrappers are understood, also stacked, and never where a model has them", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const saved = tinyClassifier(3);
    const expected = saved.parameters.get("hidden.weight")!.dataSync();
    for (const prefix of ["module.", "model.", "_orig_mod.", "model._orig_mod.module."]) {
      await foreignTiny(path, renamedBy((name) => prefix + name));
      const loaded = tinyClassifier(0);
      const said = await warningsOf(() => loadCheckpoint(path, loaded));
      assertEquals(said, [`${path}: its names are read without the prefix "${prefix}"`]);
      assertEquals(loaded.parameters.get("hidden.weight")!.dataSync(), expected);
      loaded.dispose();
    }
    const own = { ...saved, parameters: renamedVariables(saved.parameters), buffers: new Map() };
    await saveCheckpoint(path, own);
    assertEquals(await warningsOf(() => loadCheckpoint(path, own)), []);
    saved.dispose();
  }));

const renamedVariables = (variables: ReadonlyMap<string, tf.Variable>) =>
  new Map([...variables].map(([name, variable]) => [`model.linear.${name}`, variable]));

Deno.test("a name that a file has twice, once behind a prefix, is refused", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    await foreignTiny(path, (tensors) => {
      const prefixed = renamedBy((name) => `module.${name}`)(tensors);
      return prefixed.set("fc.bias", tensors.get("fc.bias")!);
    });
    const tiny = tinyClassifier(0);
    await assertRejects(() => loadCheckpoint(path, tiny), FileError, "fc.bias twice");
    tiny.dispose();
  }));

const named: Readonly<Record<string, string>> = {
  resnet34: "a ResNet-34 (basic blocks 3, 4, 6, 3)",
  resnet50: "a ResNet-50 (bottleneck blocks 3, 4, 6, 3)",
  resnet101: "a ResNet-101 (bottleneck blocks 3, 4, 23, 3)",
  wide_resnet50_2: "a wide ResNet-50 (bottleneck blocks 3, 4, 6, 3)",
  resnext50_32x4d: "a ResNeXt-like ResNet-50 (bottleneck blocks 3, 4, 6, 3)",
  alexnet: "a VGG or AlexNet",
  vgg11_bn: "a VGG or AlexNet",
  densenet121: "a DenseNet",
  mobilenet_v2: "a MobileNet or EfficientNet",
  efficientnet_b0: "a MobileNet or EfficientNet",
  vit_b_16: "a vision transformer",
  convnext_tiny: "a ConvNeXt",
};

Deno.test("torchvision's networks are told by the names and shapes of their tensors", () => {
  for (const [name, shapes] of networks) {
    assertEquals(otherArchitecture(shapes), name === "resnet18" ? undefined : named[name], name);
  }
  assertEquals([...networks.keys()].toSorted(), ["resnet18", ...Object.keys(named)].toSorted());
});

Deno.test("a file for another network is named as such, and nothing changes", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const ours = resnet18();
    const before = ours.parameters.get("fc.weight")!.dataSync();
    for (const [name, network] of Object.entries(named)) {
      const tensors = [...networks.get(name)!.keys()]
        .map((key) => [key, { shape: [0], values: new Float32Array() }] as const);
      await Deno.writeFile(path, encodeSafetensors(new Map(tensors), () => ({})));
      const { message } = await assertRejects(() => loadCheckpoint(path, ours), FileError);
      // The flavour hangs on shapes, which are not those of the network here.
      const says = network.replace(/^a (?:wide|ResNeXt-like) /, "a ");
      assertStringIncludes(message, `${path}: it belongs to ${says}, the model is a ResNet-18`);
      const loose = await assertRejects(
        () => loadCheckpoint(path, ours, { strict: false }),
        FileError,
      );
      assertStringIncludes(loose.message, "none of its");
    }
    assertEquals(ours.parameters.get("fc.weight")!.dataSync(), before);
    ours.dispose();
  }));

Deno.test("stem, batch norm and classes are read from torchvision's shapes", () => {
  const shapes = new Map(networks.get("resnet18")!);
  assertEquals(revealedOptions(shapes), { stem: "imagenet", batchNorm: true, classes: 1000 });
  shapes.set("conv1.weight", [64, 3, 3, 3]).set("fc.weight", [100, 512]);
  assertEquals(revealedOptions(shapes), { stem: "cifar", batchNorm: true, classes: 100 });
});

const texts: Readonly<Record<string, string>> = {
  "web page": "<!DOCTYPE html>\n<html><head><title>404</title></head></html>",
  "Git LFS pointer":
    "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 46827520\n",
  "JSON text": '{"metadata": {"total_size": 1}, "weight_map": {}}',
  "it is empty": "",
  "it is a web page": "<!-- a proxy's page -->\n<!DOCTYPE html>\n<html></html>",
  "it is text without a header": "Access denied: sign in, grüß Gott\r\n",
  "it is of an unknown format without a header": "\n\u0020\n\u0004conv\u0012\u0005Const\0\0\0",
};

Deno.test("a file of another format is named in one sentence that says how to convert it", () =>
  withFolder(async (folder) => {
    const path = join(folder, "resnet18.pt");
    const files: (readonly [kind: string, bytes: Uint8Array])[] = [
      ...golden.pickles.map((data) =>
        ["it is a Python pickle", Uint8Array.fromBase64(data)] as const
      ),
      ...Object.entries(golden.files).map(([kind, data]) =>
        [kind, Uint8Array.fromBase64(data)] as const
      ),
      ...Object.entries(texts).map(([kind, text]) =>
        [kind, new TextEncoder().encode(text)] as const
      ),
    ];
    const tiny = tinyClassifier(0);
    for (const [kind, bytes] of files) {
      await Deno.writeFile(path, bytes);
      const { message } = await assertRejects(() => loadCheckpoint(path, tiny), FileError);
      assertStringIncludes(message, path);
      assertStringIncludes(message, kind);
      assertStringIncludes(message, "not safetensors; ");
      assertEquals(message.split("\n").length, 1);
      if (/PyTorch file|pickle/.test(kind)) {
        assertStringIncludes(
          message,
          `torch.load("${path}", map_location="cpu", weights_only=True)`,
        );
        assertStringIncludes(message, "safetensors.torch.save_file(");
      }
    }
    tiny.dispose();
  }));

Deno.test("strict: false on another network, or with little loaded, warns with the counts", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const ours = resnet18();
    await saveCheckpoint(path, ours);
    const { tensors } = decodeSafetensors(await Deno.readFile(path));
    const block = (name: string) => name.replace("layer1.1.", "layer1.2.");
    const deeper = new Map([...tensors, ...renamedBy(block)(tensors)]);
    await Deno.writeFile(path, encodeSafetensors(deeper, () => ({})));
    const lenient = () => loadCheckpoint(path, ours, { strict: false });
    assertEquals(await warningsOf(lenient), [
      `${path}: it belongs to a ResNet-20 (basic blocks 3, 2, 2, 2), the model is a ResNet-18; ` +
      "102 of the model's 102 and of the file's 112 tensors were loaded, since strict is false",
    ]);
    const few = new Map([...tensors].filter(([name]) => /^fc\./.test(name)));
    await Deno.writeFile(path, encodeSafetensors(few, () => ({})));
    assertEquals(await warningsOf(lenient), [
      `${path}: 2 of the model's 102 and of the file's 2 tensors were loaded, since strict is false`,
    ]);
    const most = new Map([...tensors].filter(([name]) => !/^fc\./.test(name)));
    await Deno.writeFile(path, encodeSafetensors(most, () => ({})));
    assertEquals(await warningsOf(lenient), []);
    ours.dispose();
  }));

Deno.test("strict: false with nothing loaded is an error, and so is a skip that leaves nothing", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    await foreignTiny(path, renamedBy((name) => `${name}_other`));
    const tiny = tinyClassifier(0);
    const loose = await assertRejects(
      () => loadCheckpoint(path, tiny, { strict: false }),
      FileError,
    );
    assertStringIncludes(loose.message, "none of its 5 tensors was loaded");
    await foreignTiny(path, (tensors) => tensors);
    await assertRejects(() => loadCheckpoint(path, tiny, { skip: /./ }), FileError, "skip");
    tiny.dispose();
  }));

const float32 = (values: number[]) => [...new Uint8Array(Float32Array.from(values).buffer)];

/** A classifier's file in one type for the weights of a linear layer of 2 x 1. */
function linear(dtype: string, bytes: number[]) {
  return {
    "fc.weight": [dtype, [1, 2], bytes] as [string, number[], number[]],
    "fc.bias": ["F32", [1], float32([0.5])] as [string, number[], number[]],
  };
}

function linearModel() {
  const parameters = new Map([
    ["fc.weight", tf.variable(tf.zeros([2, 1]))],
    ["fc.bias", tf.variable(tf.zeros([1]))],
  ]);
  const buffers = new Map<string, tf.Variable>();
  const forward = () => ({
    logits: tf.zeros<tf.Rank.R2>([1, 1]),
    features: tf.zeros<tf.Rank.R2>([1, 2]),
  });
  const dispose = () => tf.dispose([...parameters.values()]);
  return { inputShape: [1, 1, 2] as const, classes: 1, parameters, buffers, forward, dispose };
}

Deno.test("weights of every float type load; whole numbers for a float weight are named", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const small = linearModel();
    // 1 and -2 by the layouts of IEEE 754 and bfloat16.
    const bytes: Readonly<Record<string, number[]>> = {
      F32: float32([1, -2]),
      F64: [...new Uint8Array(Float64Array.of(1, -2).buffer)],
      F16: [0x00, 0x3c, 0x00, 0xc0],
      BF16: [0x80, 0x3f, 0x00, 0xc0],
    };
    for (const [dtype, one] of Object.entries(bytes)) {
      small.parameters.get("fc.weight")!.assign(tf.zeros([2, 1]));
      await Deno.writeFile(path, fileOf(linear(dtype, one)));
      await loadCheckpoint(path, small);
      assertEquals([...small.parameters.get("fc.weight")!.dataSync()], [1, -2], dtype);
    }
    await Deno.writeFile(path, fileOf(linear("I8", [1, 254])));
    await assertRejects(
      () => loadCheckpoint(path, small),
      FileError,
      "type I8, the model's is float32",
    );
    small.dispose();
  }));

Deno.test("tensors of other types that are surplus or skipped do not block a file", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const small = linearModel();
    const sizes = { BOOL: 1, U8: 1, I8: 1, I16: 2, U16: 2, I32: 4, U32: 4, I64: 8, F8_E4M3: 1 };
    for (const [dtype, size] of Object.entries(sizes)) {
      const mask: [string, number[], number[]] = [dtype, [1], Array(size).fill(1)];
      await Deno.writeFile(path, fileOf({ ...linear("F32", float32([1, 2])), mask }));
      assertEquals((await loadCheckpoint(path, small)).skipped, ["mask"], dtype);
      assertEquals((await loadCheckpoint(path, small, { strict: false })).skipped, ["mask"]);
      assertEquals((await loadCheckpoint(path, small, { skip: /^mask$/ })).skipped, []);
      await Deno.writeFile(path, fileOf({ ...linear("F32", float32([1, 2])), "fc.bias": mask }));
      assertEquals((await loadCheckpoint(path, small, { skip: /bias/ })).skipped, ["fc.bias"]);
    }
    // Not-a-number where nothing is read from.
    const mask: [string, number[], number[]] = ["F32", [1], float32([NaN])];
    await Deno.writeFile(path, fileOf({ ...linear("F32", float32([1, 2])), mask }));
    assertEquals((await loadCheckpoint(path, small, { strict: false })).skipped, ["mask"]);
    small.dispose();
  }));

Deno.test("control characters of a file reach no terminal", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const small = linearModel();
    const evil = "fc.\u001b[2J\u009b\u202e\nweight";
    const tensor: [string, number[], number[]] = ["F32", [1], float32([1])];
    await Deno.writeFile(path, fileOf({ ...linear("F32", float32([1, 2])), [evil]: tensor }));
    const error = await assertRejects(() => loadCheckpoint(path, small), FileError);
    assertStringIncludes(error.message, "fc.\\u{1b}[2J\\u{9b}\\u{202e}\\u{a}weight");
    await Deno.writeFile(
      path,
      fileOf({ ...linear("F32", float32([1, 2])), [evil]: ["F9", [1], [1]] }),
    );
    const unknown = await assertRejects(() => loadCheckpoint(path, small), FileError);
    // deno-lint-ignore no-control-regex -- these are what must not be there
    for (const { message } of [error, unknown]) assert(!/[\x00-\x1f\x7f-\x9f\u202e]/.test(message));
    small.dispose();
  }));
