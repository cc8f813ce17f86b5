import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../lib/assert/mod.ts";
import * as plots from "../../lib/plots/mod.ts";
import { CONFUSION, gridInput, history, predictions, sweep } from "./samples.ts";
import { overlaps, textBoxes } from "./_text_boxes.ts";

const epoch = history(1).epochs[0]!;
const grid = gridInput();

/** Calls that must be refused, and the argument that the error must name. */
const REFUSED: [name: string, call: () => unknown, named: string][] = [
  ["no run", () => plots.trainingCurves({}), "runs"],
  ["no epoch", () => plots.trainingCurves({ epochs: [], bestEpoch: 0 }), "history.epochs"],
  [
    "a loss that is no number",
    () => plots.trainingCurves({ epochs: [{ ...epoch, trainLoss: NaN }], bestEpoch: 1 }),
    "trainLoss",
  ],
  [
    "an accuracy in percent",
    () => plots.trainingCurves({ a: { epochs: [{ ...epoch, trainAccuracy: 83 }], bestEpoch: 1 } }),
    "a trainAccuracy",
  ],
  [
    "a best epoch that is none",
    () => plots.trainingCurves({ epochs: [epoch], bestEpoch: 7 }),
    "bestEpoch",
  ],
  ["no point", () => plots.featureMap({ features: [], labels: [] }), "labels"],
  ["missing features", () => plots.featureMap(predictions(20) as never), "features: true"],
  [
    "features that do not divide",
    () => plots.featureMap({ features: [1, 2, 3], labels: [0, 1] }),
    "features",
  ],
  [
    "too few coordinates",
    () => plots.featureMap({ coordinates: [1, 2, 3], labels: [0, 1], method: "PCA" }),
    "coordinates",
  ],
  [
    "a coordinate that is no number",
    () => plots.featureMap({ coordinates: [1, 2, 3, NaN], labels: [0, 1], method: "PCA" }),
    "coordinates",
  ],
  [
    "a class without a name",
    () =>
      plots.featureMap({ features: [1, 2, 3, 4], labels: [0, 1] }, { classNames: ["only one"] }),
    "labels",
  ],
  [
    "too few domains",
    () => plots.featureMap({ features: [1, 2, 3, 4], labels: [0, 1], domains: [0] }),
    "domains",
  ],
  ["an empty matrix", () => plots.confusionHeatmap([]), "matrix"],
  ["a matrix that is not square", () => plots.confusionHeatmap([[1, 2], [3]]), "matrix row 1"],
  ["a negative count", () => plots.confusionHeatmap([[1, -2], [3, 4]]), "matrix row 0"],
  ["a matrix without images", () => plots.confusionHeatmap([[0, 0], [0, 0]]), "matrix"],
  [
    "too few names",
    () => plots.confusionHeatmap(CONFUSION, { classNames: ["cat"] }),
    "classNames",
  ],
  ["classes without images", () => plots.perClassBars([[0, 0], [0, 0]]), "input"],
  [
    "models measured on different images",
    () => plots.perClassBars({ a: [[1, 0], [0, 1]], b: [[2, 0], [0, 1]] }),
    "same images",
  ],
  ["no predictions", () => plots.reliabilityDiagram({}), "predictions"],
  ["no bins", () => plots.reliabilityDiagram(predictions(9), { bins: 0 }), "bins"],
  ["no model", () => plots.confidenceCoverage({}), "predictions"],
  ["an empty sweep", () => plots.robustnessCurve([]), "sweep"],
  [
    "an accuracy above 1",
    () => plots.robustnessCurve([{ attack: "pgd", epsilon: 0, accuracy: 55, n: 9 }]),
    "pgd accuracy",
  ],
  [
    "a negative epsilon",
    () => plots.robustnessCurve([{ attack: "pgd", epsilon: -1, accuracy: 0.5, n: 9 }]),
    "epsilon",
  ],
  ["no steps", () => plots.iterationCurve({ points: [] }), "points"],
  [
    "half a step",
    () => plots.iterationCurve({ points: [{ steps: 0.5, accuracy: 0.5, n: 9 }] }),
    "steps",
  ],
  [
    "a reference above 1",
    () =>
      plots.iterationCurve({
        points: [{ steps: 1, accuracy: 0.5, n: 9 }],
        references: { fgsm: 17 },
      }),
    "reference fgsm",
  ],
  ["no epsilons", () => plots.minimumEpsilonDistribution([]), "values"],
  ["an epsilon that is no number", () => plots.minimumEpsilonDistribution([0, NaN]), "values"],
  ["no method", () => plots.learningCurve({}), "curves"],
  [
    "an interval beside its value",
    () => plots.learningCurve({ probe: [{ size: 9, accuracy: 0.5, low: 0.6, high: 0.7 }] }),
    "probe",
  ],
  [
    "a seed's accuracy in percent",
    () =>
      plots.learningCurve({
        probe: [{ size: 9, accuracy: 0.5, low: 0.4, high: 0.7, points: [0.5, 50] }],
      }),
    "probe's points at size 9",
  ],
  ["no row", () => plots.barsWithIntervals([], { label: "x" }), "rows"],
  [
    "a point that is no number",
    () => plots.barsWithIntervals([{ name: "a", value: 1, points: [1, NaN] }], { label: "x" }),
    "a's points",
  ],
  [
    "a row that is no number",
    () => plots.barsWithIntervals([{ name: "svhn-ls", value: NaN }], { label: "x" }),
    "svhn-ls",
  ],
  [
    "a row twice",
    () =>
      plots.barsWithIntervals([{ name: "a", value: 1 }, { name: "a", value: 1 }], { label: "x" }),
    '"a"',
  ],
  ["no examples", () => plots.exampleGrid({ rows: [], labels: [0] }), "rows"],
  ["too few labels", () => plots.exampleGrid({ ...grid, labels: [0] }), "clean images"],
  [
    "a perturbation of an unknown row",
    () => plots.exampleGrid(grid, { perturbation: "apgd" }),
    "perturbation",
  ],
  ["no checks", () => plots.checksTable([]), "checks"],
  ["an SVG without xmlns", () => plots.createChart("<svg></svg>", "x"), "xmlns"],
  [
    "a summary of two lines",
    () => plots.createChart('<svg xmlns="http://www.w3.org/2000/svg"/>', "a\nb"),
    "summary",
  ],
];

for (const [name, call, named] of REFUSED) {
  Deno.test(`${name}: an error that names ${named}`, () => {
    assertThrows(call, RangeError, named);
  });
}

/** Calls at the edge of what is allowed. */
const ALLOWED: Record<string, () => plots.Chart> = {
  "one epoch without validation": () =>
    plots.trainingCurves({
      epochs: [{ epoch: 1, trainLoss: 2.3, trainAccuracy: 0.1, learningRate: 0.01 }],
      bestEpoch: 1,
    }),
  "eighty epochs": () => plots.trainingCurves(history(80, 0.1, true)),
  "losses over three decades": () =>
    plots.trainingCurves({ fast: history(30, 1), slow: history(2) }),
  "a loss of zero": () =>
    plots.trainingCurves({ epochs: [{ ...epoch, trainLoss: 0, validationLoss: 0 }], bestEpoch: 1 }),
  "a fine-tuning run resumed at epoch 5": () =>
    plots.trainingCurves({ epochs: [{ ...epoch, epoch: 5 }], bestEpoch: 5 }),
  "validation written as null": () =>
    plots.trainingCurves({ epochs: [{ ...epoch, validationLoss: null }], bestEpoch: 1 }),
  "two points in one place": () =>
    plots.featureMap({ coordinates: [1, 1, 1, 1], labels: [0, 1], method: "PCA" }),
  "names with XML in them": () =>
    plots.confusionHeatmap([[1, 2], [3, 4]], { classNames: ["<a>", "&"] }),
  "a class without images": () => plots.confusionHeatmap([[1, 2], [0, 0]]),
  "thirty classes": () =>
    plots.confusionHeatmap(
      Array.from({ length: 30 }, (_, i) => Array.from({ length: 30 }, (_, j) => i === j ? 9 : 1)),
    ),
  "bars of a class without images": () => plots.perClassBars([[1, 2], [0, 0]]),
  "one image": () => plots.reliabilityDiagram(predictions(1)),
  "three models": () =>
    plots.reliabilityDiagram({ a: predictions(50), b: predictions(50), c: predictions(50) }),
  "coverage of one image": () => plots.confidenceCoverage(predictions(1)),
  "ten thousand images": () => plots.confidenceCoverage(predictions(10_000)),
  "one epsilon": () => plots.robustnessCurve([{ attack: "pgd", epsilon: 0, accuracy: 0.5, n: 9 }]),
  "models under one attack share a panel": () =>
    plots.robustnessCurve({ base: sweep(1, ["pgd"]), robust: sweep(0.3, ["pgd"]) }),
  "one number of steps": () => plots.iterationCurve({ points: [{ steps: 10, accuracy: 0, n: 9 }] }),
  "images that are never fooled": () => plots.minimumEpsilonDistribution([Infinity, Infinity]),
  "very long run names": () =>
    plots.barsWithIntervals(
      ["a".repeat(70), "mnist-to-svhn-finetune-n4000-of-the-standard-profile"].map((name) => ({
        name,
        value: 0.5,
      })),
      { label: "A long label that says at length what is measured here, and on which images" },
    ),
  "negative numbers": () =>
    plots.barsWithIntervals([{ name: "a", value: -0.5 }, { name: "b", value: 0.25 }], {
      label: "Silhouette",
      unit: "number",
      form: "bars",
    }),
  "twenty examples": () =>
    plots.exampleGrid({
      rows: [{ name: "clean", images: new Uint8Array(20 * 3072), predicted: new Uint8Array(20) }],
      labels: new Uint8Array(20),
    }),
};

for (const [name, call] of Object.entries(ALLOWED)) {
  Deno.test(`${name} is drawn without overlap`, () => {
    const { svg } = call();
    const { boxes, width, height } = textBoxes(svg);
    assertEquals(overlaps(boxes), []);
    for (const box of boxes) {
      assert(box.left >= 2 && box.right <= width - 2 && box.bottom <= height - 2, box.text);
    }
    assert(!svg.includes("NaN") && !svg.includes("Infinity"));
    assert(svg.length < 300_000);
  });
}

Deno.test("numbers in summaries are those of the metrics", () => {
  assertStringIncludes(plots.trainingCurves(history(3)).summary, "best epoch 2 of 3");
  assertStringIncludes(
    plots.robustnessCurve({ base: sweep(1, ["pgd"]), robust: sweep(0.3, ["pgd"]) }).summary,
    "base: PGD 55.0 % at 0",
  );
  const summary = plots.confusionHeatmap([[5, 0], [0, 5]]).summary;
  assertStringIncludes(summary, "10 of 10 images right (100.0 %); no confusion");
});

Deno.test("the perturbation is magnified by the largest factor that keeps it in range", () => {
  const { svg } = plots.exampleGrid(grid, { perturbation: "PGD-20, epsilon 8/255" });
  // 0.5 / (8 / 255) = 15.9
  assertStringIncludes(svg, "× 15 (largest: 8/255)");
});
