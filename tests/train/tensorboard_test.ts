import { tf } from "../../lib/backend/tf.ts";
import { openTensorBoard } from "../../lib/train/_tensorboard.ts";
import { train } from "../../lib/train/train.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { crc32c, readRecords, readScalars } from "./_event_file.ts";
import { tileDataset, tinyClassifier } from "./tiny_classifier.ts";
import { temporaryFolder } from "../temporary_folder.ts";

function eventFiles(directory: string): Uint8Array[] {
  return [...Deno.readDirSync(directory)]
    .map(({ name }) => name).filter((name) => name.startsWith("events.out.tfevents.")).sort()
    .map((name) => Deno.readFileSync(`${directory}/${name}`));
}

const record = {
  epoch: 1,
  trainLoss: 1.25,
  trainAccuracy: 0.5,
  learningRate: 0.01,
  seconds: 2,
  imagesPerSecond: 64,
};

Deno.test("the checksum of the reader is CRC-32C", () => {
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
});

Deno.test("a run's scalars are in its event file, one an epoch and tag, with right checksums", async () => {
  const directory = `${await temporaryFolder()}/run`;
  const options = {
    train: tileDataset(64),
    validation: tileDataset(32, 5),
    epochs: 3,
    batchSize: 32,
  };
  const { epochs } = await train(tinyClassifier(1), {
    ...options,
    directory,
    adversarial: { attack: "fgsm", epsilon: 0.01 },
  });
  const files = eventFiles(directory);
  assertEquals(files.length, 1);
  const scalars = readScalars(files[0]!);
  const expected: Record<string, (number | undefined)[]> = {
    "loss/train": epochs.map(({ trainLoss }) => trainLoss),
    "loss/validation": epochs.map(({ validationLoss }) => validationLoss),
    "accuracy/train": epochs.map(({ trainAccuracy }) => trainAccuracy),
    "accuracy/validation": epochs.map(({ validationAccuracy }) => validationAccuracy),
    "accuracy/robust": epochs.map(({ robustAccuracy }) => robustAccuracy),
    "learning_rate": epochs.map(({ learningRate }) => learningRate),
  };
  for (const [tag, values] of Object.entries(expected)) {
    const found = scalars.filter((scalar) => scalar.tag === tag);
    assertEquals(found.map(({ step }) => step), [1, 2, 3]);
    found.forEach(({ value }, k) => assertAlmostEquals(value, values[k]!, 1e-6, tag));
  }
});

Deno.test("each opening appends its own file, also after the folder was made anew", async () => {
  const directory = await temporaryFolder();
  openTensorBoard(directory).write(record);
  openTensorBoard(directory).write({ ...record, epoch: 2 });
  assertEquals(
    eventFiles(directory).flatMap(readScalars).filter(({ tag }) => tag === "loss/train")
      .map(({ step }) => step).sort(),
    [1, 2],
  );
  await Deno.remove(directory, { recursive: true });
  await Deno.mkdir(directory);
  openTensorBoard(directory).write({ ...record, epoch: 3 });
  assertEquals(readScalars(eventFiles(directory)[0]!)[0], {
    tag: "loss/train",
    step: 3,
    value: 1.25,
  });
});

Deno.test("the reader finds a flipped bit", async () => {
  const directory = await temporaryFolder();
  openTensorBoard(directory).write(record);
  const [file] = eventFiles(directory);
  assert(readRecords(file!).length > 1);
  file![file!.length - 8]! ^= 1;
  assertThrows(() => readRecords(file!), Error, "checksum");
});

Deno.test("a log that is closed leaves no tensor behind", async () => {
  const directory = await temporaryFolder();
  const before = tf.memory().numTensors;
  const log = openTensorBoard(directory);
  log.write(record);
  log.close();
  assertEquals(tf.memory().numTensors, before);
});
