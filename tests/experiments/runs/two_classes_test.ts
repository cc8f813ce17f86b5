import { createDataset } from "../../../lib/data/dataset.ts";
import { evaluateModel } from "../../../lib/experiments/runs/evaluate_model.ts";
import { specById } from "../../../lib/experiments/specs/matrix.ts";
import { linearClassifier } from "../../../lib/nn/linear_classifier.ts";
import { assertEquals, assertStringIncludes } from "../../../lib/assert/mod.ts";
import { warningsOf } from "../../warnings.ts";

/** The names of the strong attacks on a linear model of dark and bright images, and what is said. */
async function strongAttacksOn(classes: number) {
  const shade = (label: number) => Math.round(255 * (label + 0.5) / classes);
  const labels = Uint8Array.from({ length: 6 }, (_, image) => image % classes);
  const data = createDataset({
    name: "shades",
    split: "test",
    imageShape: [2, 2, 1],
    images: Uint8Array.from({ length: 24 }, (_, k) => shade(labels[Math.floor(k / 4)]!)),
    labels,
    classNames: Array.from({ length: classes }, (_, label) => `shade ${label}`),
  });
  const centres = Array.from({ length: classes }, (_, label) => (label + 0.5) / classes);
  const model = linearClassifier(centres.map((centre) => Array<number>(4).fill(2 * centre)), {
    inputShape: [2, 2, 1],
    bias: centres.map((centre) => -4 * centre ** 2),
  });
  const options = {
    ...specById("quick", "svhn-baseline").evaluation,
    attacks: ["fgsm"] as ["fgsm"],
    epsilon: 0.5,
    epsilons: [0.5],
    attackSteps: 4,
    attackImages: 6,
    iterationImages: 0,
    strongImages: 6,
    apgdSteps: 2,
    squareQueries: 2,
    maskingImages: 0,
    mapImages: 0,
    gridImages: 0,
  };
  const provenance = {} as Parameters<typeof evaluateModel>[2]["provenance"];
  const settings = { run: "a", seed: 0, options, attacked: true, provenance };
  let evaluation: Awaited<ReturnType<typeof evaluateModel>>["evaluation"];
  const said = await warningsOf(async () => {
    ({ evaluation } = await evaluateModel(model, data, settings));
  });
  model.dispose();
  return {
    said,
    attacks: evaluation!.strongAttacks.map(({ attack }) => attack),
    worstCase: evaluation!.worstCase.at(-1)!,
  };
}

Deno.test("a model of two classes is evaluated without the attack that needs three, which is said", async () => {
  const { said, attacks, worstCase } = await strongAttacksOn(2);
  assertEquals(attacks, ["apgd-ce", "square"]);
  assertEquals(worstCase.attacks, ["fgsm", "apgd-ce", "square"]);
  // Shades 1/4 and 3/4: half a unit moves every image past the border at 1/2.
  assertEquals(worstCase.accuracy, 0);
  assertEquals(said.length, 1);
  assertStringIncludes(said[0]!, "APGD-DLR is left out: it needs a model of at least 3 classes");
});

Deno.test("a model of three classes is evaluated with every strong attack", async () => {
  const { said, attacks } = await strongAttacksOn(3);
  assertEquals(attacks, ["apgd-ce", "apgd-dlr", "square"]);
  assertEquals(said, []);
});
