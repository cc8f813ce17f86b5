/** Which of the eight charts an evaluation has. */
import { join } from "node:path";
import type { Chart } from "../../plots/chart.ts";
import {
  drawConfusion,
  drawCoverage,
  drawIterations,
  drawMap,
  drawPerClass,
  drawReliability,
  drawRobustness,
} from "./charts_of_evaluation.ts";
import type { ModelEvaluation } from "../runs/evaluate_model.ts";
import { drawGrid } from "./grid_chart.ts";
import { type ChartName, chartNames } from "../records/run_paths.ts";

/**
 * Draws every chart that an evaluation has figures for.
 *
 * @returns Charts by the last part of their file names.
 */
export function evaluationCharts(result: ModelEvaluation): [ChartName, Chart][] {
  const { evaluation, content, examples } = result;
  const charts: [ChartName, (() => Chart) | undefined][] = [
    ["umap", content.map && (() => drawMap(result))],
    ["grid", examples && (() => drawGrid(evaluation, examples))],
    ["confusion", () => drawConfusion(result)],
    ["per_class", () => drawPerClass(result)],
    [
      "calibration",
      () => drawReliability(result, { scaled: evaluation.temperatureScaling !== null }),
    ],
    ["confidence_coverage", () => drawCoverage(result)],
    [
      "robustness_sweep",
      evaluation.robustnessSweep.length > 0 ? () => drawRobustness(result) : undefined,
    ],
    [
      "pgd_iter_sweep",
      evaluation.pgdIterationSweep.length > 0 ? () => drawIterations(result) : undefined,
    ],
  ];
  return charts.flatMap(([name, draw]): [ChartName, Chart][] => draw ? [[name, draw()]] : []);
}

/**
 * Draws the charts of an evaluation into a directory, as `<evaluation>.<chart>.svg` and `.png`.
 *
 * @param only Names of the charts wanted. Default: all.
 * @throws {Error} Naming the file, if it cannot be written.
 */
export async function writeCharts(
  directory: string,
  result: ModelEvaluation,
  only: readonly string[] = chartNames,
): Promise<void> {
  for (const [name, chart] of evaluationCharts(result)) {
    if (only.includes(name)) await chart.save(join(directory, `${result.evaluation.name}.${name}`));
  }
}
