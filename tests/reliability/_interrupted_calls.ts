/** Long calls, each interrupted after a while; says how each ended and that a variable is still known. */
import * as lab from "../../lib/mod.ts";
import { constantImages } from "../data/fixtures.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";

const model = tinyClassifier(1);
const data = constantImages(256);
const epsilon = 0.1;
const forever = 1_000_000;

const calls: Readonly<Record<string, () => Promise<unknown>>> = {
  train: () => lab.train(model, { train: data, epochs: forever }),
  "train in short epochs": () =>
    lab.train(model, { train: constantImages(8), epochs: forever, batchSize: 8 }),
  collectPredictions: () =>
    lab.collectPredictions(model, data, { batchSize: 1, perturb: (x) => slowed(x) }),
  attackSweep: () =>
    lab.attackSweep(model, data, { attacks: ["pgd"], epsilons: Array(forever).fill(epsilon) }),
  iterationSweep: () => lab.iterationSweep(model, data, { epsilon, steps: [2000], batchSize: 1 }),
  gradientMaskingChecks: () =>
    lab.gradientMaskingChecks(model, data, { epsilon, queries: 200, batchSize: 1 }),
};

/** A copy of the images, after 20 ms. */
function slowed(x: lab.Tensor4D): lab.Tensor4D {
  const end = performance.now() + 20;
  while (performance.now() < end);
  return x.clone();
}

for (const [name, call] of Object.entries(calls)) {
  setTimeout(() => Deno.kill(Deno.pid, "SIGINT"), 400);
  const ended = await call().then(() => "not stopped", (error) => `${error.name} ${error.message}`);
  console.log(`${name}: ${ended} ${data.length} images are still known`);
}
