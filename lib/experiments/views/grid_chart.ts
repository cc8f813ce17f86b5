import type { Chart } from "../../plots/chart.ts";
import { exampleGrid } from "../../plots/example_grid.ts";
import { headings } from "./charts_of_evaluation.ts";
import type { Evaluation } from "../records/evaluation.ts";
import type { Examples } from "../runs/measure/examples.ts";
import { epsilonText } from "../../format/epsilon.ts";

/** Draws the first images clean, attacked and noisy, with the attack's perturbation magnified. */
export function drawGrid(evaluation: Evaluation, { rows, labels, epsilon }: Examples): Chart {
  const named = rows.map(({ name, pixels, predicted, confidences }, k) => ({
    name: k === 0 ? name : `${name}, ε = ${epsilonText(epsilon)}`,
    images: pixels,
    predicted,
    confidences,
  }));
  return exampleGrid({ rows: named, labels }, {
    ...headings(evaluation, "The first images"),
    classNames: evaluation.classNames,
    perturbation: named[1]!.name,
  });
}
