/** Which of the eight charts an evaluation has. */
import type { Chart } from "../plots/chart.ts";
import {
  drawConfusion,
  drawCoverage,
  drawIterations,
  drawMap,
  drawPerClass,
  drawReliability,
  drawRobustness,
} from "./charts_of_evaluation.ts";
import type { ModelEvaluation } from "./evaluate_model.ts";
import { drawGrid } from "./grid_chart.ts";
import type { ChartName } from "./run_paths.ts";

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
