import { tf } from "../../lib/backend/tf.ts";
import { predict } from "../../lib/attacks/answers.ts";
import { imagesAt } from "../../lib/attacks/_dataset_images.ts";
import { type AttackName, attackSweep } from "../../lib/attacks/attack_sweep.ts";
import { fgsm } from "../../lib/attacks/fgsm.ts";
import { iterationSweep } from "../../lib/attacks/iteration_sweep.ts";
import { pgd } from "../../lib/attacks/pgd.ts";
import { assert, assertEquals, assertRejects } from "../../lib/assert/mod.ts";
import { counting, labelledByModel } from "./_batch.ts";
import { convolutionalModel, seededWeights } from "./_convolutional_model.ts";

const model = convolutionalModel(seededWeights(3));
const WRONG = 5;
const data = labelledByModel(model, 30, { seed: 4, wrong: WRONG });
const EVERY: readonly AttackName[] = ["clean", "noise", "fgsm", "pgd", "apgd", "fab", "square"];
const epsilons = [0, 0.01, 0.03];
const settings = { epsilons, steps: 5, queries: 30, seed: 3 };
const plain = (sweep: Awaited<ReturnType<typeof attackSweep>>) =>
  sweep.map(({ attack, epsilon, accuracy, correct }) => [attack, epsilon, accuracy, [...correct]]);

Deno.test("a sweep has one result for each attack and epsilon, in the order given", async () => {
  const sweep = await attackSweep(model, data, { ...settings, attacks: EVERY });
  const expected = EVERY.flatMap((attack) => epsilons.map((epsilon) => [attack, epsilon]));
  assertEquals(sweep.map(({ attack, epsilon }) => [attack, epsilon]), expected);
  for (const { accuracy, n, correct } of sweep) {
    assertEquals([n, correct.length], [30, 30]);
    assertEquals(accuracy, correct.filter((flag) => flag === 1).length / 30);
  }
});

Deno.test("images that are wrong unharmed count as wrong under every attack", async () => {
  const sweep = await attackSweep(model, data, { ...settings, attacks: EVERY });
  for (const { correct, epsilon, attack, accuracy } of sweep) {
    assertEquals([...correct.slice(0, WRONG)], Array(WRONG).fill(0));
    if (epsilon === 0 || attack === "clean") assertEquals(accuracy, 25 / 30);
  }
});

Deno.test("images that are wrong unharmed are not attacked", async () => {
  const calls: number[] = [];
  await attackSweep(counting(model, calls), data, { attacks: ["fgsm"], epsilons: [0.01] });
  const images = calls.reduce((sum, n) => sum + n, 0);
  assertEquals(images, 30 + 2 * 25); // the clean pass, then gradient and answer on 25 images
});

Deno.test("results do not depend on the batch size, nor on the attacks and budgets beside them", async () => {
  const together = await attackSweep(model, data, { ...settings, attacks: EVERY });
  for (const batchSize of [1, 7]) {
    const other = await attackSweep(model, data, { ...settings, attacks: EVERY, batchSize });
    assertEquals(plain(other), plain(together));
  }
  for (const attack of EVERY) {
    const one = { ...settings, attacks: [attack], epsilons: [0.03] };
    const found = together.filter((row) => row.attack === attack && row.epsilon === 0.03);
    assertEquals(plain(await attackSweep(model, data, one)), plain(found));
  }
});

Deno.test("a sweep's fates are those of the attacks called by hand", async () => {
  const sweep = await attackSweep(model, data, { ...settings, attacks: ["fgsm", "pgd"] });
  const all = Int32Array.from({ length: 30 }, (_, image) => image);
  const { x, y } = imagesAt(data, all, model.inputShape);
  for (const { attack, epsilon, correct } of sweep) {
    const attacked = attack === "fgsm"
      ? fgsm(model, x, y, { epsilon })
      : pgd(model, x, y, { epsilon, steps: 5, seed: 3 });
    const predicted = predict(model, attacked);
    const clean = predict(model, x);
    const fates = [...all].map((k) =>
      Number(predicted[k] === data.labels[k] && clean[k] === data.labels[k])
    );
    assertEquals([...correct], fates);
  }
});

Deno.test("stronger attacks and larger budgets leave less", async () => {
  const sweep = await attackSweep(model, data, {
    ...settings,
    attacks: ["noise", "fgsm", "apgd"],
    epsilons: [0.01, 0.1],
  });
  const [noise, , fgsmSmall, fgsmLarge, apgdSmall] = sweep.map(({ accuracy }) => accuracy);
  assert(noise! > fgsmSmall! && fgsmSmall! > fgsmLarge! && apgdSmall! <= fgsmSmall!);
});

Deno.test("limit takes the first images; progress is told after each combination", async () => {
  const told: string[] = [];
  const sweep = await attackSweep(model, data, {
    attacks: ["clean", "fgsm"],
    epsilons: [0.01],
    limit: 8,
    onProgress: ({ attack, done, total }) => told.push(`${attack} ${done}/${total}`),
  });
  assertEquals(told, ["clean 1/2", "fgsm 2/2"]);
  assertEquals([...sweep[0]!.correct], [0, 0, 0, 0, 0, 1, 1, 1]);
});

Deno.test("a sweep leaves the event loop its turn, obeys its signal and drops no tensor", async () => {
  const before = tf.memory().numTensors;
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 1);
  const options = { ...settings, attacks: EVERY, batchSize: 2, signal: controller.signal };
  const error = await assertRejects(() => attackSweep(model, data, options));
  assertEquals(error.name, "AbortError");
  await attackSweep(model, data, { ...settings, attacks: EVERY, batchSize: 16 });
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a sweep refuses what it cannot mean", async () => {
  const refused = (options: object, text: string) =>
    assertRejects(
      () => attackSweep(model, data, { attacks: ["fgsm"], epsilons: [0.1], ...options }),
      RangeError,
      text,
    );
  await refused({ attacks: ["deepfool"] }, "attacks");
  await refused({ attacks: [] }, "attacks");
  await refused({ epsilons: [] }, "epsilons");
  await refused({ epsilons: [8] }, "epsilon");
  await refused({ steps: 0 }, "steps");
  await refused({ batchSize: 0 }, "batchSize");
  await refused({ limit: 0 }, "limit");
  const other = { ...data, images: data.images.subarray(1) };
  await assertRejects(
    () => attackSweep(model, other, { attacks: ["fgsm"], epsilons: [0.1] }),
    RangeError,
    "data.images",
  );
  const stranger = { ...data, labels: data.labels.map(() => 10) };
  await assertRejects(
    () => attackSweep(model, stranger, { attacks: ["fgsm"], epsilons: [0.1] }),
    RangeError,
    "data.labels[0]",
  );
});

Deno.test("an iteration sweep gives PGD's result for each number of steps", async () => {
  const options = { epsilon: 0.02, stepSize: 0.005, seed: 7 };
  const steps = [0, 5, 1, 12];
  const sweep = await iterationSweep(model, data, { ...options, steps, batchSize: 8 });
  assertEquals(sweep.map((one) => one.steps), steps);
  const all = Int32Array.from({ length: 30 }, (_, image) => image);
  const { x, y } = imagesAt(data, all, model.inputShape);
  const clean = predict(model, x);
  for (const { steps: count, correct, accuracy } of sweep) {
    const attacked = count === 0 ? x : pgd(model, x, y, { ...options, steps: count });
    const predicted = predict(model, attacked);
    const fates = [...all].map((k) =>
      Number(predicted[k] === data.labels[k] && clean[k] === data.labels[k])
    );
    assertEquals([...correct], fates);
    assertEquals(accuracy, fates.reduce((sum, one) => sum + one) / 30);
  }
  assert(sweep[3]!.accuracy < sweep[2]!.accuracy && sweep[2]!.accuracy < sweep[0]!.accuracy);
});

Deno.test("an iteration sweep at epsilon 0 is clean, drops no tensor and refuses bad options", async () => {
  const before = tf.memory().numTensors;
  const sweep = await iterationSweep(model, data, { epsilon: 0, steps: [3] });
  assertEquals(sweep[0]!.accuracy, 25 / 30);
  await iterationSweep(model, data, { epsilon: 0.1, steps: [1, 2], batchSize: 8 });
  assertEquals(tf.memory().numTensors, before);
  const refused = (options: object, text: string) =>
    assertRejects(
      () => iterationSweep(model, data, { epsilon: 0.1, steps: [1], ...options }),
      RangeError,
      text,
    );
  await refused({ steps: [] }, "steps");
  await refused({ steps: [-1] }, "steps");
  await refused({ epsilon: 2 }, "epsilon");
});
