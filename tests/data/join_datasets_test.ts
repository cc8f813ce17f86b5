import { createDataset } from "../../lib/data/dataset.ts";
import { joinDatasets } from "../../lib/data/join_datasets.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { runContext } from "../../lib/experiments/runs/run_context.ts";
import { specById } from "../../lib/experiments/specs/matrix.ts";
import { assertEquals, assertThrows } from "../../lib/assert/mod.ts";

const stand = (name: "svhn" | "mnist", limit: number) =>
  loadDataset(name, "train", { source: "procedural", limit });

Deno.test("joined data holds the images and labels of both, in order", async () => {
  const [street, written] = [await stand("svhn", 7), await stand("mnist", 5)];
  const joint = joinDatasets(street, written);
  assertEquals([joint.length, joint.source, joint.split], [12, "procedural", "train"]);
  assertEquals([...joint.labels], [...street.labels, ...written.labels]);
  assertEquals(joint.images.subarray(7 * 3072), written.images);
});

Deno.test("shapes and classes have to agree", async () => {
  const street = await stand("svhn", 7);
  const part = { name: "own", labels: [0], images: new Uint8Array(3072) };
  const two = createDataset({ ...part, classNames: ["a", "b"] });
  assertThrows(() => joinDatasets(street, two), RangeError, "10 and 2");
  const grey = createDataset({
    ...part,
    classNames: street.classNames,
    images: new Uint8Array(4),
    imageShape: [2, 2, 1],
  });
  assertThrows(() => joinDatasets(street, grey), RangeError, "one shape");
});

Deno.test("the joint run trains on both and is tested on each", async () => {
  const spec = specById("standard", "digits-joint");
  const data = { ...spec.data, source: "procedural", trainLimit: 60, testLimit: 20 } as const;
  const { train, validation, test, transfer, identity } = await runContext({}).data.load({
    ...spec,
    data,
  });
  assertEquals([train.length + validation.length, test.name, transfer?.name], [
    120,
    "svhn",
    "mnist",
  ]);
  assertEquals(identity["train"]!.name, "svhn+mnist");
});
