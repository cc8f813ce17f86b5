/**
 * Robust accuracy of a checkpoint under our attacks, to hold against torchattacks' on the same images:
 *
 * 1. deno run -A tests/golden/robust_accuracy.ts --checkpoint best.safetensors --dataset cifar10 \
 *      --data DIR --limit 500 --epsilon 8/255 --out COMPARISON
 * 2. python tests/golden/robust_accuracy.py COMPARISON        (torch, torchvision, torchattacks)
 *
 * `--attacks apgd-ce,autoattack` makes these attacks alone. Step 1 writes images.bin, labels.bin and
 * ours.json to COMPARISON; step 2 reads the checkpoint and the budgets from ours.json, writes
 * theirs.json and prints both side by side.
 */
import { parseArgs } from "node:util";
import { attackSweep, type AttackSweepOptions } from "../../lib/attacks/attack_sweep.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { writeAtomically } from "../../lib/files/write_atomically.ts";
import { loadCheckpoint } from "../../lib/nn/checkpoint.ts";
import { resnet18, type ResNet18Options } from "../../lib/nn/resnet18.ts";

/** The options that the checkpoint's model was made with, from the file's header. */
async function modelOptions(path: string): Promise<ResNet18Options> {
  const bytes = await Deno.readFile(path);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  return JSON.parse(header.__metadata__["lab.model"]);
}

function fraction(text: string): number {
  const [numerator, denominator = "1"] = text.split("/");
  return Number(numerator) / Number(denominator);
}

const { values: flags } = parseArgs({
  args: Deno.args,
  options: {
    checkpoint: { type: "string" },
    dataset: { type: "string", default: "cifar10" },
    data: { type: "string" },
    out: { type: "string" },
    limit: { type: "string", default: "500" },
    epsilon: { type: "string", default: "8/255" },
    "pgd-steps": { type: "string", default: "20" },
    "apgd-steps": { type: "string", default: "100" },
    queries: { type: "string", default: "1000" },
    seed: { type: "string", default: "0" },
    attacks: {
      type: "string",
      default: "clean,noise,fgsm,pgd,apgd-ce,apgd-dlr,fab,square,autoattack",
    },
  },
});
if (!flags.checkpoint || !flags.out || !flags.data) {
  console.error("Give --checkpoint FILE, --data DIR and --out DIR; see the top of this file.");
  Deno.exit(1);
}

const limit = Number(flags.limit);
const epsilon = fraction(flags.epsilon);
const budgets = {
  pgdSteps: Number(flags["pgd-steps"]),
  apgdSteps: Number(flags["apgd-steps"]),
  queries: Number(flags.queries),
};
const seed = Number(flags.seed);
const name = flags.dataset as "mnist" | "svhn" | "cifar10";
const data = await loadDataset(name, "test", { directory: flags.data, source: "real", limit });
const options = await modelOptions(flags.checkpoint);
const model = resnet18(options);
await loadCheckpoint(flags.checkpoint, model);

const runs: Record<string, Omit<AttackSweepOptions, "epsilons">> = {
  clean: { attacks: ["clean"] },
  noise: { attacks: ["noise"] },
  fgsm: { attacks: ["fgsm"] },
  pgd: { attacks: ["pgd"], steps: budgets.pgdSteps },
  "apgd-ce": { attacks: ["apgd"], steps: budgets.apgdSteps },
  "apgd-dlr": { attacks: ["apgd"], steps: budgets.apgdSteps, apgdLoss: "dlr" },
  fab: { attacks: ["fab"], steps: budgets.apgdSteps },
  square: { attacks: ["square"], queries: budgets.queries },
  autoattack: { attacks: ["autoattack"] },
};
const chosen = flags.attacks.split(",");
const unknown = chosen.filter((attack) => !(attack in runs));
if (unknown.length > 0) {
  console.error(`No attack ${unknown.join(", ")}: give some of ${Object.keys(runs).join(",")}`);
  Deno.exit(1);
}
const results: Record<string, { accuracy: number; seconds: number; correct: number[] }> = {};
for (const attack of chosen) {
  const settings = runs[attack]!;
  const start = performance.now();
  const [result] = await attackSweep(model, data, { ...settings, epsilons: [epsilon], seed });
  const seconds = (performance.now() - start) / 1000;
  results[attack] = { accuracy: result!.accuracy, seconds, correct: [...result!.correct] };
  console.log(`${attack.padEnd(10)} ${(100 * result!.accuracy).toFixed(1)} %  ${seconds.toFixed(1)} s`);
}
await writeAtomically(`${flags.out}/images.bin`, data.images);
await writeAtomically(`${flags.out}/labels.bin`, data.labels);
await writeAtomically(
  `${flags.out}/ours.json`,
  JSON.stringify({
    checkpoint: await Deno.realPath(flags.checkpoint),
    model: options,
    images: data.describe(),
    epsilon,
    seed,
    ...budgets,
    results,
  }),
);
