/** Checkpoints state their network, and files of networks made elsewhere are told by their tensors. */
import { join } from "node:path";
import { tf } from "../../lib/backend/tf.ts";
import { FileError } from "../../lib/files/file_error.ts";
import { makeNetwork } from "../../lib/nn/architectures.ts";
import { loadCheckpoint, saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { checkpointOptions } from "../../lib/nn/checkpoint_options.ts";
import { MODEL_NAMES, modelNamed } from "../../lib/nn/model_names.ts";
import { readSafetensors } from "../../lib/nn/read_safetensors.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from "../../lib/nn/safetensors.ts";
import { parseTrainFlags } from "../../lib/cli/train/flags.ts";
import { runHash } from "../../lib/experiments/runs/_hash.ts";
import { experimentMatrix } from "../../lib/experiments/specs/matrix.ts";
import { parseRunSpec } from "../../lib/experiments/specs/run_spec.ts";
import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";
import { warningsOf } from "../warnings.ts";

/** Writes a file anew, as a program without the lab's metadata would, with other names. */
async function foreign(path: string, change: (tensors: Map<string, StoredTensor>) => void) {
  const { tensors } = decodeSafetensors(await Deno.readFile(path));
  const changed = new Map(tensors);
  change(changed);
  await Deno.writeFile(path, encodeSafetensors(changed, () => ({})));
}

/** Puts a prefix before every name; the old names stay where `keep` is true. */
const prefixed = (prefix: string, keep = false) => (tensors: Map<string, StoredTensor>) => {
  for (const [name, tensor] of [...tensors]) {
    if (!keep) tensors.delete(name);
    tensors.set(prefix + name, tensor);
  }
};

for (const name of ["resnet20", "preactresnet18"]) {
  Deno.test(`a checkpoint of ${name} states its network, and without metadata its tensors tell`, () =>
    withFolder(async (folder) => {
      const path = join(folder, "model.safetensors");
      const own = name === "preactresnet18" ? { bnBeforeFc: true, outShortcut: true } : {};
      const saved = makeNetwork(name, { classes: 7, seed: 3, ...own });
      await saveCheckpoint(path, saved);
      const stated = checkpointOptions(path, await readSafetensors(path, "the checkpoint"));
      assertEquals([stated.architecture, stated.options.classes], [name, 7]);
      assertEquals(stated.revealed, "");

      await foreign(path, prefixed("module."));
      const told = checkpointOptions(path, await readSafetensors(path, "the checkpoint"));
      assertEquals([told.architecture, told.revealed], [name, "7 classes"]);
      assertEquals(told.options.bnBeforeFc, name === "preactresnet18" ? true : undefined);
      const loaded = makeNetwork(name, told.options);
      const said = await warningsOf(() => loadCheckpoint(path, loaded));
      assertEquals(said, [`${path}: its names are read without the prefix "module."`]);
      for (const [key, variable] of saved.parameters) {
        assertEquals(loaded.parameters.get(key)!.dataSync(), variable.dataSync(), key);
      }
      for (const model of [saved, loaded]) model.dispose();
    }));
}

Deno.test("a checkpoint of one network is refused by a model of another, which is named", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const [saved, other] = [makeNetwork("resnet20"), makeNetwork("resnet32")];
    await saveCheckpoint(path, saved);
    await assertRejects(
      () => loadCheckpoint(path, other),
      FileError,
      'a model with architecture "resnet20", this one has "resnet32"',
    );
    await foreign(path, () => {});
    const sentence = "it belongs to a ResNet-20 (basic blocks 3, 3, 3), the model is a ResNet-32";
    await assertRejects(() => loadCheckpoint(path, other), FileError, sentence);
    const content = await readSafetensors(path, "the checkpoint");
    assertThrows(
      () => checkpointOptions(path, content, { model: "resnet56" }),
      FileError,
      'model is "resnet20" by its tensors, not "resnet56"; leave out model',
    );
    assertThrows(
      () => checkpointOptions(path, content, { stem: "imagenet" }),
      FileError,
      "a ResNet-20 has one stem",
    );
    for (const model of [saved, other]) model.dispose();
  }));

Deno.test("any prefix before all names is understood; weights behind two are refused with a way out", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const saved = tinyClassifier(3);
    const expected = saved.parameters.get("hidden.weight")!.dataSync();
    for (const prefix of ["ema_model.", "student.", "1.", "ema.module.", "_orig_mod.module."]) {
      await saveCheckpoint(path, saved);
      await foreign(path, prefixed(prefix));
      const loaded = tinyClassifier(0);
      const said = await warningsOf(() => loadCheckpoint(path, loaded));
      assertEquals(said, [`${path}: its names are read without the prefix "${prefix}"`]);
      assertEquals(loaded.parameters.get("hidden.weight")!.dataSync(), expected);
      loaded.dispose();
    }
    await saveCheckpoint(path, saved);
    await foreign(path, (tensors) => {
      const names = [...tensors.keys()];
      prefixed("model.", true)(tensors);
      for (const name of names) {
        tensors.set(`ema_model.${name}`, tensors.get(name)!);
        tensors.delete(name);
      }
    });
    const loaded = tinyClassifier(0);
    const error = await assertRejects(() => loadCheckpoint(path, loaded), FileError);
    assertStringIncludes(error.message, 'behind "model." and "ema_model."');
    assertStringIncludes(error.message, 'name.removeprefix("model.")');
    await warningsOf(() => loadCheckpoint(path, loaded, { skip: /^ema_model\./ }));
    assertEquals(loaded.parameters.get("hidden.weight")!.dataSync(), expected);
    for (const model of [saved, loaded]) model.dispose();
  }));

Deno.test("ResNet-20's shortcuts take every second pixel, also of odd sides, and its training starts", () => {
  const model = makeNetwork("resnet20", { imageSize: [7, 10], classes: 3, channels: 1 });
  tf.tidy(() => {
    const x = tf.randomUniform([2, 7, 10, 1], 0, 1, "float32", 1) as tf.Tensor4D;
    const loss = () => tf.mean(tf.square(model.forward(x, { training: true }).logits)) as tf.Scalar;
    const { grads } = tf.variableGrads(loss, [...model.parameters.values()]);
    assertEquals(Object.keys(grads).length, model.parameters.size);
  });
  model.dispose();
});

Deno.test("--model names a network in any spelling, and takes no stem where it has one", () => {
  assertEquals(modelNamed("PreAct-ResNet-18"), "preactresnet18");
  assertEquals(MODEL_NAMES.map((name) => modelNamed(name.toUpperCase())), [...MODEL_NAMES]);
  assertEquals(parseTrainFlags(["--model", "ResNet-34"]).model, "resnet34");
  assertEquals(parseTrainFlags([]).model, undefined);
});

Deno.test("a run spec names its network; that of earlier runs keeps its hash", () => {
  const spec = experimentMatrix("quick")[0]!;
  const named = (architecture: string, model: object = {}) =>
    parseRunSpec({ ...spec, model: { ...spec.model, architecture, ...model } });
  const hash = (one: typeof spec) =>
    runHash({ spec: one, data: {}, encoder: null, numericsVersion: 1 });
  assertEquals(hash(named("resnet18")), hash(spec));
  assertNotEquals(hash(named("resnet34")), hash(spec));
  assertThrows(() => named("resnet50"), TypeError, "model.architecture");
  assertThrows(() => named("resnet20"), TypeError, "a ResNet-20 has the stem cifar");
  assertEquals(named("resnet20", { stem: "cifar" }).model.architecture, "resnet20");
});
