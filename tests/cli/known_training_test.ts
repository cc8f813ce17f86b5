/** What `eval` learns from the config.json beside a checkpoint, of whichever program wrote it. */
import { join } from "node:path";
import { knownTraining } from "../../lib/cli/eval/_known_training.ts";
import { configOf } from "../../lib/experiments/runs/run_config.ts";
import { identityOf } from "../../lib/experiments/runs/identify_run.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { readConfig } from "../../lib/experiments/records/record.ts";
import { parseRunSpec } from "../../lib/experiments/specs/run_spec.ts";
import { isTraining, trainingSpec } from "../../lib/experiments/specs/training_spec.ts";
import { configDigest, identifyData } from "../../lib/train/run_directory.ts";
import { train } from "../../lib/train/train.ts";
import { assert, assertEquals, assertRejects } from "../../lib/assert/mod.ts";
import { constantImages } from "../data/fixtures.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";

const images = constantImages(20);
const parts = {
  dataset: "svhn",
  seed: 4,
  profile: "standard",
  data: { source: "procedural", trainLimit: 40, validationFraction: 0.1 },
  model: { stem: "cifar", batchNorm: true, dropout: 0.5 },
} as const;

function configOfTraining(knobs: Parameters<typeof trainingSpec>[0]["knobs"]) {
  const identity = { train: identifyData(images), test: identifyData(images) };
  const data = {
    train: images,
    validation: images,
    test: images,
    transfer: undefined,
    outside: [],
    identity,
  };
  const spec = trainingSpec({ ...parts, knobs });
  return configOf(spec, identityOf(spec, data, null), null);
}

Deno.test("a training's config.json is read as a run's of the matrix is, and hashed as one", () =>
  withFolder(async (folder) => {
    const config = configOfTraining({ epochs: 3 });
    await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify(config));
    assertEquals(await readConfig(folder), config);
    const known = await knownTraining(join(folder, "best.safetensors"));
    assertEquals(known, {
      seed: 4,
      configDigest: configDigest(config),
      dataset: "svhn",
      trainedOn: images.describe(),
      heldOut: { whole: 20, fraction: 0.1, sha256: { whole: config.data["train"]!.sha256 } },
      cached: false,
    });
    assertEquals(configOfTraining({ epochs: 3 }).hash, config.hash);
    assert(configOfTraining({ epochs: 4 }).hash !== config.hash);
    // A knob at its default is no other setting.
    assertEquals(configOfTraining({ epochs: 3, momentum: 0.9 }).hash, config.hash);
  }));

Deno.test("every kind of knob stands in a training's spec as in the matrix's", () => {
  const { train } = trainingSpec({
    ...parts,
    knobs: {
      epochs: 2,
      optimizer: "adam",
      freeze: "^layer1",
      circle: { weight: 0.1 },
      adversarial: { attack: "pgd", epsilon: 8 / 255, steps: 2 },
    },
  });
  assertEquals([train.optimizer, train.learningRate, train.freeze], ["adam", 0.001, "^layer1"]);
  assertEquals([train.circle?.weight, train.adversarial?.steps], [0.1, 2]);
  const spec = trainingSpec({ ...parts, knobs: { epochs: 2 } });
  assertEquals(parseRunSpec(JSON.parse(JSON.stringify(spec))), spec);
  assertEquals([spec.train.adversarial, spec.train.freeze], [undefined, undefined]);
});

Deno.test("a run of the matrix is known by its id, and its folder is its cache", async () => {
  const folder = join(checkoutRoot(), "data", "results", "runs", "svhn-baseline-s0");
  const known = await knownTraining(join(folder, "best.safetensors"));
  const config = (await readConfig(folder))!;
  assertEquals([known?.id, known?.seed, known?.dataset, known?.cached], [
    "svhn-baseline",
    0,
    "svhn",
    true,
  ]);
  assertEquals(known?.heldOut?.sha256, { whole: config.data["train"]!.sha256 });
  assertEquals(isTraining(config.spec), false);
});

Deno.test("what the library's train writes beside its checkpoints is read too", () =>
  withFolder(async (folder) => {
    const model = tinyClassifier(1);
    const directory = join(folder, "run");
    await train(model, { train: images, validation: images, epochs: 1, seed: 7, directory });
    model.dispose();
    const { name, sha256 } = identifyData(images);
    const config = JSON.parse(await Deno.readTextFile(join(directory, "config.json")));
    assertEquals(await knownTraining(join(directory, "best.safetensors")), {
      seed: 7,
      configDigest: configDigest(config),
      dataset: name,
      trainedOn: name,
      heldOut: { whole: 40, fraction: 0.1, sha256: { part: sha256 } },
      cached: false,
    });
    assertEquals(await knownTraining(join(folder, "best.safetensors")), undefined);
    await Deno.writeTextFile(join(folder, "config.json"), "{");
    await assertRejects(() => knownTraining(join(folder, "a.safetensors")), Error, "config.json");
  }));
