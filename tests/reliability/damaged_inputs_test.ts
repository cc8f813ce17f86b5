/** Thousands of damaged files: every one is refused by a sentence that names it and the place in it. */
import { assert } from "../../lib/assert/mod.ts";
import { newTally, summary, type Tally } from "./_attempts.ts";
import * as datasets from "./_damaged_datasets.ts";
import { foreignCheckpoints } from "./_damaged_foreign.ts";
import * as results from "./_damaged_results.ts";
import * as tensors from "./_damaged_tensors.ts";

const tally = newTally();

const subjects: Readonly<Record<string, (tally: Tally) => Promise<void>>> = {
  "MNIST files": datasets.mnist,
  "SVHN files": datasets.svhn,
  "CIFAR-10 files": datasets.cifar10,
  archives: datasets.archives,
  checkpoints: tensors.checkpoints,
  "foreign checkpoints": foreignCheckpoints,
  predictions: tensors.predictions,
  "sealed results": results.sealedResults,
  "results without digests": results.unsealedResults,
  "lists of images": results.imageLists,
};

for (const [name, damage] of Object.entries(subjects)) {
  Deno.test(`damaged ${name} are refused`, () => damage(tally));
}

Deno.test("the damage that was tried, by parser", () => {
  const { text, total, least } = summary(tally);
  const { counts, memory: { first, most }, slowest } = tally;
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  console.log(
    `${text}\n${total} damaged inputs to ${counts.size} parsers: 0 crashes, 0 hangs, 0 taken for ` +
      `something else; slowest ${Math.round(slowest)} ms; resident memory at most ` +
      `${megabytes(most)} MB, ${megabytes(most - first)} MB more than before the first`,
  );
  assert(total >= 2000, `only ${total} damaged inputs were tried`);
  assert(least >= 300, `only ${least} damaged inputs were tried on one parser`);
  // The growth: other tests may have filled the memory of this process before.
  assert(megabytes(most - first) < 1000, `the memory grew by ${megabytes(most - first)} MB`);
});
