/** The charts of a judgement: all that need no model. */
import { confusionShare, frequentConfusions } from "../../../metrics/frequent_confusions.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import { applyTemperature } from "../../../metrics/temperature.ts";
import { INTERVAL_95 } from "../../../format/percent.ts";
import { barsWithIntervals } from "../../../plots/bars_with_intervals.ts";
import type { Chart } from "../../../plots/chart.ts";
import { confidenceCoverage } from "../../../plots/confidence_coverage.ts";
import { confusionHeatmap } from "../../../plots/confusion_heatmap.ts";
import { perClassBars } from "../../../plots/per_class_bars.ts";
import { reliabilityDiagram } from "../../../plots/reliability_diagram.ts";
import type { Judgement } from "./judge_predictions.ts";

/** A model whose predictions were judged. */
export interface JudgedModel {
  readonly name: string;
  readonly predictions: Predictions;
  readonly judgement: Judgement;
}

/** What the charts of a judgement share. */
export interface ChartTexts {
  readonly classNames: readonly string[];
  /** The data, e.g. "1,000 images, 100 classes". */
  readonly subtitle: string;
}

/** A chart, the start of its file names, and what to look at. */
export interface JudgementChart {
  readonly name: string;
  readonly chart: Chart;
  readonly caption: string;
}

/** A heat map of more classes does not say its numbers. */
const MOST_NUMBERED = 12;
/** Rows of the chart of confusions. */
const MOST_CONFUSIONS = 20;

function confusionCharts(
  { name, judgement: { confusion } }: JudgedModel,
  prefix: string,
  { classNames, subtitle }: ChartTexts,
): JudgementChart[] {
  const charts = [{
    name: `${prefix}confusion`,
    chart: confusionHeatmap(confusion, { title: `Confusion: ${name}`, subtitle, classNames }),
    caption: "Rows are true classes, columns what they were taken for. Off the diagonal, colour " +
      "follows the square root of the share, so that rare confusions show.",
  }];
  const confusions = frequentConfusions(confusion).slice(0, MOST_CONFUSIONS);
  if (classNames.length <= MOST_NUMBERED || confusions.length === 0) return charts;
  const rows = confusions.map((one) => ({
    name: `${classNames[one.truth]} → ${classNames[one.predicted]}: ${one.count} of ${one.of}`,
    ...confusionShare(one),
  }));
  return [...charts, {
    name: `${prefix}confusions`,
    chart: barsWithIntervals(rows, {
      title: `Most frequent confusions: ${name}`,
      subtitle,
      label: `Share of the true class (${INTERVAL_95})`,
      form: "bars",
    }),
    caption: "True class → what it was taken for, by number of images.",
  }];
}

/** The models by name, before and after the temperature where one was fitted. */
function reliabilities(models: readonly JudgedModel[]): Record<string, Predictions> {
  return Object.fromEntries(models.flatMap(({ name, predictions, judgement }) => {
    const temperature = judgement.temperatureScaling?.temperature;
    return temperature === undefined ? [[name, predictions]] : [
      [name, predictions],
      [
        `${name}, temperature ${Number(temperature.toPrecision(3))}`,
        applyTemperature(predictions, temperature),
      ],
    ];
  }));
}

/** One model's part by itself, several by name. */
function byName<T>(models: readonly JudgedModel[], part: (model: JudgedModel) => T) {
  return models.length === 1
    ? part(models[0]!)
    : Object.fromEntries(models.map((model) => [model.name, part(model)]));
}

/**
 * Draws a judgement of one model, or of two side by side.
 *
 * @param models One or two, of the same images, by different names.
 */
export function judgementCharts(
  models: readonly JudgedModel[],
  texts: ChartTexts,
): JudgementChart[] {
  const { classNames, subtitle } = texts;
  const names = models.map(({ name }) => name).join(" and ");
  const [first, second] = models;
  return [
    {
      name: "per_class",
      chart: perClassBars(byName(models, ({ judgement }) => judgement.confusion), {
        title: `Accuracy by class: ${names}`,
        subtitle,
        classNames,
      }),
      caption: "A class of few images has a wide interval: compare intervals, not bars.",
    },
    ...confusionCharts(first!, "", texts),
    ...(second === undefined ? [] : confusionCharts(second, "compared.", texts)),
    {
      name: "calibration",
      chart: reliabilityDiagram(reliabilities(models), {
        title: `Reliability: ${names}`,
        subtitle,
        bins: first!.judgement.bins,
      }),
      caption:
        "Bars below the diagonal: more confident than right. An ECE below the 95th percentile " +
        "of its floor is no evidence of miscalibration.",
    },
    {
      name: "confidence_coverage",
      chart: confidenceCoverage(byName(models, ({ predictions }) => predictions), {
        title: `Risk and coverage: ${names}`,
        subtitle,
      }),
      caption: "The error rate that is left if only the most confident images are answered.",
    },
  ];
}
