/** One or two sample calls of every chart, with made-up but plausible data. */
import { predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import * as plots from "../../lib/plots/mod.ts";
import { generator } from "../../lib/random/generator.ts";

export const CLASSES = [
  ...["airplane", "automobile", "bird", "cat", "deer"],
  ...["dog", "frog", "horse", "ship", "truck"],
];
const SUBTITLE = "CIFAR-10 subset, 1,000 test images, real (subset) · seed 0";

/** A history whose learning rate falls at 50 % and 75 %. */
export function history(epochs: number, speed = 0.4, robust = false): plots.TrainingCurvesInput {
  return {
    bestEpoch: Math.max(1, epochs - 1),
    epochs: Array.from({ length: epochs }, (_, index) => {
      const fade = Math.exp(-index * speed);
      return {
        epoch: index + 1,
        trainLoss: 0.3 + 2 * fade,
        trainAccuracy: 0.95 * (1 - 0.8 * fade),
        validationLoss: 0.5 + 2 * fade + 0.02 * index,
        validationAccuracy: 0.89 * (1 - 0.8 * fade),
        ...(robust ? { robustAccuracy: 0.4 * (1 - fade) } : {}),
        learningRate: index < epochs / 2 ? 0.01 : index < epochs * 0.75 ? 0.001 : 0.0001,
      };
    }),
  };
}

/** Predictions of an overconfident model on n images. */
export function predictions(n: number, scale = 3, seed = 1) {
  const random = generator(seed);
  const logits = new Float32Array(n * 10);
  const labels = Array.from({ length: n }, (_, image) => {
    const label = random.integer(10);
    const signal = 4 * (1 - 0.9 * random.uniform());
    for (let k = 0; k < 10; k++) {
      logits[image * 10 + k] = scale * (random.normal() + (k === label ? signal : 0));
    }
    return label;
  });
  return predictionsFromLogits(logits, labels, 10);
}

/** K x K counts. */
export const CONFUSION = Array.from(
  { length: 10 },
  (_, i) => Array.from({ length: 10 }, (_, j) => i === j ? 80 - 3 * i : (i * 7 + j * 3) % 5),
);

/** Rows of an attack sweep. */
export function sweep(strength: number, attacks = ["noise", "fgsm", "pgd", "apgd"]) {
  const decay: Record<string, number> = { noise: 0.005, fgsm: 0.2, pgd: 0.35, apgd: 0.42 };
  return attacks.flatMap((attack) =>
    [0, 1, 2, 4, 8, 16].map((epsilon) => ({
      attack,
      epsilon: epsilon / 255,
      n: 500,
      accuracy: Math.round(500 * 0.55 * Math.exp(-epsilon * decay[attack]! * strength)) / 500,
    }))
  );
}

function cloud(n: number): plots.FeatureMapCoordinates {
  const random = generator(2);
  const labels = Array.from({ length: n }, (_, index) => index % 10);
  const coordinates = labels.flatMap((label) => [
    6 * Math.cos(label) + random.normal(),
    6 * Math.sin(label) + random.normal(),
  ]);
  return { coordinates, labels, method: "UMAP, 15 neighbours, seed 0" };
}

/** Six flat images and two changed versions. */
export function gridInput(): plots.ExampleGridInput {
  const random = generator(3);
  const images = Uint8Array.from(
    { length: 6 * 32 * 32 * 3 },
    (_, index) => 40 + 30 * Math.floor(index / 3072) + 20 * (index % 3),
  );
  const change = (step: () => number) => Float32Array.from(images, (one) => one / 255 + step());
  const budget = 8 / 255;
  const adversarial = change(() => random.uniform() < 0.5 ? -budget : budget);
  const noise = change(() => (2 * random.uniform() - 1) * budget);
  const labels = [0, 1, 3, 5, 8, 9];
  const confidences = [0.99, 0.87, 0.5, 0.6, 0.9, 1];
  return {
    labels,
    rows: [
      { name: "clean", images, predicted: labels, confidences },
      { name: "PGD-20, epsilon 8/255", images: adversarial, predicted: [1, 9, 5, 3, 0, 1] },
      { name: "noise, epsilon 8/255", images: noise, predicted: [0, 1, 5, 5, 8, 9], confidences },
    ],
  };
}

const steps = (factor: number) =>
  [1, 2, 3, 5, 7, 10, 20, 50].map((one) => ({
    steps: one,
    n: 500,
    accuracy: Math.round(500 * factor * (0.04 + 0.2 / one)) / 500,
  }));

const budgets = (shift: number) =>
  Array.from({ length: 100 }, (_, i) => [0, 1, 2, 4, 8, 16, Infinity][(i * i + shift) % 7]! / 255);

const learning = (start: number, slope: number) =>
  [250, 1000, 4000].map((size, i) => {
    const accuracy = start + slope * i;
    return { size, accuracy, low: accuracy - 0.02, high: accuracy + 0.02 };
  });

const models = (strength: number[]) =>
  Object.fromEntries(strength.map((one, i) => [["cifar-base", "cifar-pgd-at"][i]!, sweep(one)]));

/** Every chart, by snapshot name. */
export const SAMPLES: Readonly<Record<string, () => plots.Chart>> = {
  training_curves: () => plots.trainingCurves(history(12, 0.4, true), { subtitle: SUBTITLE }),
  training_curves_several: () =>
    plots.trainingCurves(
      {
        "svhn-baseline": history(12),
        "svhn-no-bn": history(12, 0.15),
        "svhn-adam": history(12, 0.6),
      },
      { subtitle: SUBTITLE },
    ),
  feature_map: () => plots.featureMap(cloud(120), { subtitle: SUBTITLE, classNames: CLASSES }),
  feature_map_domains: () =>
    plots.featureMap(
      {
        ...cloud(120),
        domains: Array.from({ length: 120 }, (_, index) => index % 3 === 0 ? 1 : 0),
      },
      { subtitle: SUBTITLE, domainNames: ["SVHN test", "MNIST test"] },
    ),
  example_grid: () =>
    plots.exampleGrid(gridInput(), {
      classNames: CLASSES,
      perturbation: "PGD-20, epsilon 8/255",
      subtitle: SUBTITLE,
    }),
  confusion_heatmap: () =>
    plots.confusionHeatmap(CONFUSION, { classNames: CLASSES, subtitle: SUBTITLE }),
  per_class_bars: () => plots.perClassBars(CONFUSION, { classNames: CLASSES, subtitle: SUBTITLE }),
  per_class_bars_several: () =>
    plots.perClassBars({ "cifar-base": CONFUSION, "cifar-circle": CONFUSION }, {
      classNames: CLASSES,
      subtitle: SUBTITLE,
    }),
  reliability_diagram: () => plots.reliabilityDiagram(predictions(500), { subtitle: SUBTITLE }),
  reliability_diagram_two: () =>
    plots.reliabilityDiagram(
      { "before (T = 1)": predictions(500), "after temperature scaling": predictions(500, 1.5) },
      { subtitle: SUBTITLE },
    ),
  confidence_coverage: () =>
    plots.confidenceCoverage(
      { "svhn-baseline": predictions(500), "svhn-ls": predictions(500, 1.5, 2) },
      { subtitle: SUBTITLE },
    ),
  robustness_curve: () => plots.robustnessCurve(sweep(1), { subtitle: SUBTITLE }),
  robustness_curve_models: () => plots.robustnessCurve(models([1, 0.3]), { subtitle: SUBTITLE }),
  iteration_curve: () =>
    plots.iterationCurve({
      points: steps(1),
      references: { clean: 0.549, noise: 0.541, fgsm: 0.17 },
      epsilon: 8 / 255,
    }, { subtitle: SUBTITLE }),
  minimum_epsilon_distribution: () =>
    plots.minimumEpsilonDistribution(
      { "cifar-base, PGD": budgets(0), "cifar-pgd-at, PGD": budgets(3) },
      { subtitle: SUBTITLE },
    ),
  learning_curve: () =>
    plots.learningCurve(
      { probe: learning(0.3, 0.05), finetune: learning(0.32, 0.2), scratch: learning(0.2, 0.24) },
      { subtitle: SUBTITLE },
    ),
  bars_with_intervals: () =>
    plots.barsWithIntervals(
      ["svhn-baseline", "svhn-no-bn", "mnist-to-svhn-finetune-n1000"].map((name, i) => {
        const value = 0.83 - 0.03 * i;
        return { name, value, low: value - 0.02, high: value + 0.02 };
      }),
      { label: "Test accuracy (95 % interval)", title: "Runs on SVHN", subtitle: SUBTITLE },
    ),
  bars_with_intervals_series: () =>
    plots.barsWithIntervals(
      ["cifar-base", "cifar-pgd-at"].flatMap((name, i) =>
        ["clean", "FGSM", "PGD-20"].map((series, k) => ({
          name,
          series,
          value: 0.55 - 0.2 * k + 0.05 * i * k,
        }))
      ),
      { label: "Accuracy under attack, epsilon 8/255", form: "bars", subtitle: SUBTITLE },
    ),
  checks_table: () =>
    plots.checksTable([
      { name: "PGD is not weaker than FGSM", passed: true, detail: "PGD-20 3.8 %, FGSM 17.0 %." },
      {
        name: "gradients do not vanish",
        passed: false,
        detail: "43 % of the images have a zero input gradient. Remedy: attack with APGD-DLR, " +
          "which is free of the logits' scale, and report the black-box accuracy beside it.",
      },
    ], { subtitle: SUBTITLE }),
};
