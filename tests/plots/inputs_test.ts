import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import { wilsonInterval } from "../../lib/metrics/wilson_interval.ts";
import { attackStyle, attackStyles } from "../../lib/plots/_attack_names.ts";
import { classStyle } from "../../lib/plots/_palette.ts";
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
  [
    "two accuracies of one attack at one budget",
    () => plots.robustnessCurve([...sweep(1, ["pgd"]), ...sweep(0.5, ["pgd"])]),
    "epsilons of the model's pgd",
  ],
  [
    "two accuracies after as many steps",
    () =>
      plots.iterationCurve({
        points: [{ steps: 5, accuracy: 0.5, n: 9 }, { steps: 5, accuracy: 0.4, n: 9 }],
      }),
    "steps",
  ],
  [
    "two accuracies of one method with as many images",
    () =>
      plots.learningCurve({
        probe: [0.4, 0.5].map((accuracy) => ({ size: 10, accuracy, low: 0.3, high: 0.6 })),
      }),
    "sizes of probe",
  ],
  [
    "a class name of two lines",
    () => plots.confusionHeatmap(CONFUSION, { classNames: ["a\nb", ..."bcdefghij"] }),
    "classNames[0]",
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
  [
    "a class without a letter",
    () => plots.confusionHeatmap([[1, 2], [3, 4]], { classNames: ["cat", ""] }),
    "classNames[1]",
  ],
  [
    "a blank class name beside bars",
    () => plots.perClassBars([[1, 2], [3, 4]], { classNames: [" ", "cat"] }),
    "classNames[0]",
  ],
  [
    "a model without a name beside others",
    () => plots.robustnessCurve({ base: sweep(1), "": sweep(1) }),
    "names of the sweeps[1]",
  ],
  [
    "a control character in a class name",
    () => plots.confusionHeatmap([[1, 2], [3, 4]], { classNames: ["cat", "d\u0007g"] }),
    'U+0007 in "d',
  ],
  [
    "a control character in a title",
    () => plots.confidenceCoverage(predictions(9), { title: "a\u001b[31m" }),
    "U+001B",
  ],
  [
    "half a surrogate pair in a run's name",
    () => plots.trainingCurves({ ok: history(2), "\ud83d": history(2) }),
    "U+D83D",
  ],
  [
    "more classes than colours and symbols",
    () =>
      plots.featureMap({
        coordinates: new Float32Array(202),
        labels: Array.from({ length: 101 }, (_, label) => label),
        method: "PCA",
      }),
    "101",
  ],
  [
    "epochs that fall",
    () =>
      plots.trainingCurves({
        epochs: [{ ...epoch, epoch: 7 }, { ...epoch, epoch: 6 }],
        bestEpoch: 7,
      }),
    "found 6 at index 1",
  ],
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

Deno.test("a rate lowered at milestones has lines, one that falls along a cosine has a word", () => {
  const rated = (rates: readonly number[]) =>
    plots.trainingCurves({
      epochs: rates.map((learningRate, k) => ({ ...epoch, epoch: k + 1, learningRate })),
      bestEpoch: 1,
    });
  const cosine = Array.from({ length: 8 }, (_, k) => (1 + Math.cos(Math.PI * k / 8)) / 20);
  const steps = rated([0.05, 0.1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001]); // with warm-up
  assertStringIncludes(steps.svg, "learning rate lowered");
  assert(!steps.summary.includes("learning rate"));
  const smooth = rated(cosine);
  assert(!smooth.svg.includes(">learning rate lowered<"));
  assertStringIncludes(smooth.summary, "learning rate lowered from epoch to epoch");
});

Deno.test("the ring of a best epoch stands on the curve that chose it", () => {
  const epochs = [1, 2].map((number) => ({
    ...epoch,
    epoch: number,
    validationAccuracy: 0.25 * number,
    robustAccuracy: 0.5 / number,
  }));
  const ringsOf = (selectBy?: "robustAccuracy") =>
    [
      ...plots.trainingCurves({ epochs, bestEpoch: 1, selectBy }).svg.matchAll(
        /<circle r="7"[^>]*cy="([\d.]+)"/g,
      ),
    ]
      .map(([, y]) => Number(y));
  const [usual, robust] = [ringsOf(), ringsOf("robustAccuracy")];
  assertEquals(usual[0], robust[0]); // the losses have one curve of validation alone
  assert(robust[1]! < usual[1]!, "robust accuracy of 50 % lies above validation accuracy of 25 %");
  const { svg, summary } = plots.trainingCurves({
    epochs,
    bestEpoch: 1,
    selectBy: "robustAccuracy",
  });
  assertStringIncludes(svg, "best epoch by accuracy under attack");
  assertStringIncludes(summary, "best epoch 1 of 2 by accuracy under attack");
});

const hundred = Array.from(
  { length: 100 },
  (_, i) => Array.from({ length: 100 }, (_, j) => i === j ? 9 : +(i + j === 40)),
);
const thousand = Array.from(
  { length: 1000 },
  (_, i) => Array.from({ length: 1000 }, (_, j) => i === j ? 9 : +(i + j === 400)),
);
const late = history(40).epochs.map((one) => ({ ...one, epoch: one.epoch + 160 }));

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
  "a run resumed at epoch 161": () =>
    plots.trainingCurves({ late: { epochs: late, bestEpoch: 180 }, early: history(3) }),
  "a hundred classes": () => plots.confusionHeatmap(hundred),
  "bars of a hundred classes": () => plots.perClassBars(hundred),
  "a thousand classes": () => plots.confusionHeatmap(thousand),
  "bars of a thousand classes": () => plots.perClassBars(thousand),
  "a map of a hundred classes": () =>
    plots.featureMap({
      coordinates: Array.from({ length: 400 }, (_, k) => Math.sin(k * k)),
      labels: Array.from({ length: 200 }, (_, k) => k % 100),
      method: "PCA",
    }),
  "budgets of a millionth": () =>
    plots.robustnessCurve([0, 1e-6, 2e-6, 4e-6].map((epsilon) => ({
      attack: "pgd",
      epsilon,
      accuracy: 0.5,
      n: 9,
    }))),
  "smallest budgets of a millionth": () =>
    plots.minimumEpsilonDistribution([0, 1e-6, 2e-6, 4e-6, Infinity]),
  "coverage with nothing but ties": () => plots.confidenceCoverage(tied(0)),
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

/** Forty answers, of which the first is surer than the others by `more`; one in four is wrong. */
function tied(more: number) {
  const logits = Float32Array.from(
    { length: 80 },
    (_, k) => k % 2 === 1 ? 0 : k === 0 ? 3 + more : 3,
  );
  return predictionsFromLogits(logits, Array.from({ length: 40 }, (_, k) => +(k % 4 === 3)), 2);
}

/** Points of the solid line of a coverage chart, in SVG units. */
function coverageLine(svg: string): [number, number][] {
  const [, path] = /<path d="([^"]*)"[^>]*stroke-width="2.4"/.exec(svg) ??
    /stroke-width="2.4"[^>]*>\s*<path d="([^"]*)"/.exec(svg)!;
  return path!.slice(1).split("L").map((pair) => pair.split(",").map(Number) as [number, number]);
}

Deno.test("a coverage curve of ties alone is level from its start on, at the risk of all", () => {
  const line = coverageLine(plots.confidenceCoverage(tied(0)).svg);
  assertEquals(line.length, 2);
  assertEquals(line[0]![1], line[1]![1]);
  // 2 % and 100 % of a frame that is 560 - 54 - 14 wide.
  assert(Math.abs(line[1]![0] - line[0]![0] - 0.98 * 492) < 0.1, `${line}`);
});

Deno.test("a coverage curve is level up to its first operating point of two percent", () => {
  // 2.5 % of the answers are surer than the others and right: no risk there, then 25 % for all.
  const [start, first, last] = coverageLine(plots.confidenceCoverage(tied(1)).svg);
  assertEquals(start![1], first![1]);
  assert(last![1] < first![1], "the risk does not rise");
});

Deno.test("equal class names keep their rows and columns", () => {
  const counts = [[5, 1, 2], [0, 7, 3], [2, 2, 9]];
  const { svg, summary } = plots.confusionHeatmap(counts, { classNames: ["cat", "cat", "dog"] });
  assertEquals(
    svg.match(/<rect [^>]*x="/g)!.length - svg.match(/<rect [^>]*height="14"/g)!.length,
    9,
  );
  assertStringIncludes(summary, "21 of 31 images right");
  assertStringIncludes(summary, "cat taken for dog (3 images");
});

Deno.test("a curve of one budget shows its interval as a whisker", () => {
  const row = { attack: "pgd", epsilon: 8 / 255, accuracy: 0.5, n: 9 };
  const whisker = / d="M[\d.]+,([\d.]+)h8M[\d.]+,([\d.]+)h8M/;
  const one = whisker.exec(plots.robustnessCurve([row]).svg);
  // Wilson's interval of 5 (4.5 rounded) of 9 is [26.7 %, 81.1 %]: 54.4 % of a frame 340 - 8 - 42 high.
  const { low, high } = wilsonInterval(5, 9);
  assert(Math.abs(Number(one![1]) - Number(one![2]) - 290 * (high - low)) < 0.1, one![0]);
  assert(!whisker.test(plots.robustnessCurve([row, { ...row, epsilon: 0 }]).svg));
  assert(whisker.test(plots.iterationCurve({ points: [{ steps: 10, accuracy: 0.5, n: 9 }] }).svg));
});

Deno.test("each of a hundred classes has a colour and symbol of its own", () => {
  const looks = Array.from({ length: 100 }, (_, label) => {
    const { color, symbol } = classStyle(label);
    return `${color} ${symbol}`;
  });
  assertEquals(new Set(looks).size, 100);
});

Deno.test("a text that the PNG's font lacks is refused by name, and nothing is saved", async () => {
  const chart = plots.confusionHeatmap([[1, 2], [3, 4]], { classNames: ["dog", "猫"] });
  assertStringIncludes(chart.svg, "猫");
  const error = await assertRejects(() => chart.png(), RangeError, "U+732B");
  assertStringIncludes((error as Error).message, '"猫"');
  for (const classNames of [["Katze", "Hündin"], ["кошка", "σκύλος"]]) {
    assert((await plots.confusionHeatmap([[1, 2], [3, 4]], { classNames }).png()).length > 1000);
  }
});

Deno.test("no two attacks of a chart look alike", () => {
  const names = [
    "worst",
    "mine",
    "clean",
    "noise",
    "fgsm",
    "pgd",
    "apgd",
    "apgd-ce",
    "square",
    "own",
  ];
  const looks = [...attackStyles(names).values()].map(({ color, dash }) => `${color} ${dash}`);
  assertEquals(new Set(looks).size, names.length);
  assertEquals(attackStyles(names).get("pgd"), attackStyle("pgd", 0));
});

Deno.test("bars of a thousand bins are drawn with a width", () => {
  const { svg } = plots.reliabilityDiagram(predictions(200), { bins: 1000 });
  const widths = [...svg.matchAll(/<rect [^>]*?width="([\d.]+)"/g)].map(([, width]) =>
    Number(width)
  );
  assert(widths.length > 100 && widths.every((width) => width > 0), `${widths.slice(0, 9)}`);
});
