/** The tables of a judgement. */
import { INTERVAL_95, percent, points } from "../../../format/percent.ts";
import { signed } from "../../../format/signed.ts";
import { thousands } from "../../../format/thousands.ts";
import type { Interval } from "../../../metrics/quantile.ts";
import { temperatureText } from "../../../metrics/temperature_text.ts";
import { buildTable, type Column, type Table } from "../../views/table.ts";
import type { JudgedModel } from "./_judgement_charts.ts";
import type { JudgedDifference, JudgedDifferences } from "./judge_difference.ts";
import type { Judgement } from "./judge_predictions.ts";

/** How a metric is shown. */
interface Shown {
  readonly title: string;
  readonly percent: boolean;
  /** Whether a larger value is better; undefined where neither is. */
  readonly higher?: boolean;
  readonly says: string;
  readonly value: (judgement: Judgement) => number | null;
  readonly interval?: (judgement: Judgement) => Interval | null;
  readonly difference?: keyof JudgedDifferences;
}

/** The metrics in the order of the table. */
const METRICS: readonly Shown[] = [
  {
    title: "Accuracy",
    percent: true,
    higher: true,
    says: "share of images whose class is right",
    value: ({ accuracy }) => accuracy,
    interval: ({ intervals }) => intervals.accuracy,
    difference: "accuracy",
  },
  {
    title: "Balanced accuracy",
    percent: true,
    higher: true,
    says: "mean of the classes' accuracies, each class alike",
    value: ({ balancedAccuracy }) => balancedAccuracy,
    interval: ({ intervals }) => intervals.balancedAccuracy,
    difference: "balancedAccuracy",
  },
  {
    title: "Cohen's kappa",
    percent: false,
    higher: true,
    says: "agreement beyond chance; 0 is guessing",
    value: ({ cohenKappa }) => cohenKappa,
    interval: ({ intervals }) => intervals.cohenKappa,
  },
  {
    title: "ECE",
    percent: true,
    higher: false,
    says: "mean gap of confidence and accuracy; read it beside its floor",
    value: ({ ece }) => ece,
  },
  {
    title: "ECE's floor",
    percent: true,
    says: "ECE of a perfectly calibrated model by chance alone; its 95th percentile follows",
    value: ({ eceFloor }) => eceFloor.mean,
  },
  {
    title: "ECE's floor, 95th percentile",
    percent: true,
    says: "an ECE above it is evidence of miscalibration",
    value: ({ eceFloor }) => eceFloor.high,
  },
  {
    title: "ECE, debiased",
    percent: true,
    higher: false,
    says: "the ECE less what chance adds; differences compare this one",
    value: ({ eceDebiased }) => eceDebiased,
    difference: "ece",
  },
  {
    title: "ECE, bins of equal mass",
    percent: true,
    higher: false,
    says: "the same over bins with equal numbers of images",
    value: ({ eceMass }) => eceMass,
  },
  {
    title: "Maximum calibration error",
    percent: true,
    higher: false,
    says: "the largest gap of a bin, however few its images",
    value: ({ maximumCalibrationError }) => maximumCalibrationError,
  },
  {
    title: "Classwise ECE",
    percent: true,
    higher: false,
    says: "the gap of every class's probability, not only the largest",
    value: ({ classwiseEce }) => classwiseEce,
  },
  {
    title: "Brier score",
    percent: false,
    higher: false,
    says: "squared distance of the probabilities to the truth, 0 to 2",
    value: ({ brier }) => brier,
    interval: ({ intervals }) => intervals.brier,
    difference: "brier",
  },
  {
    title: "NLL",
    percent: false,
    higher: false,
    says: "mean negative log-likelihood of the labels, in nats",
    value: ({ nll }) => nll,
    interval: ({ intervals }) => intervals.nll,
    difference: "nll",
  },
  {
    title: "AURC",
    percent: false,
    higher: false,
    says: "error rate among the answered images, averaged over coverages",
    value: ({ aurc }) => aurc,
    interval: ({ intervals }) => intervals.aurc,
    difference: "aurc",
  },
  {
    title: "Excess AURC",
    percent: false,
    higher: false,
    says: "AURC less that of a perfect ranking",
    value: ({ excessAurc }) => excessAurc,
    interval: ({ intervals }) => intervals.excessAurc,
  },
  {
    title: "AUGRC",
    percent: false,
    higher: false,
    says: "risk of a wrong answer, averaged over coverages, 0 to 1/2",
    value: ({ augrc }) => augrc,
    interval: ({ intervals }) => intervals.augrc,
    difference: "augrc",
  },
  {
    title: "Accuracy of the surest 90 %",
    percent: true,
    higher: true,
    says: "if the least confident tenth is not answered",
    value: ({ selectiveAccuracy90 }) => selectiveAccuracy90,
    interval: ({ intervals }) => intervals.selectiveAccuracy90,
  },
  {
    title: "Accuracy of the surest 80 %",
    percent: true,
    higher: true,
    says: "if the least confident fifth is not answered",
    value: ({ selectiveAccuracy80 }) => selectiveAccuracy80,
    interval: ({ intervals }) => intervals.selectiveAccuracy80,
  },
];

const MISSING = "–";

function numberText(value: number, isPercent: boolean): string {
  return isPercent ? points(value, 2) : value.toFixed(4);
}

function cell({ value, interval, percent: isPercent }: Shown, judgement: Judgement): string {
  const found = value(judgement);
  if (found === null) return MISSING;
  const around = interval?.(judgement);
  const text = numberText(found, isPercent);
  return around
    ? `${text} [${numberText(around.low, isPercent)}, ${numberText(around.high, isPercent)}]`
    : text;
}

function titleOf({ title, percent: isPercent }: Shown): string {
  return isPercent ? `${title}, %` : title;
}

function textColumn<T>(title: string, value: (item: T) => string): Column<T> {
  return { key: title, title, kind: "text", value };
}

function writtenColumn<T>(title: string, value: (item: T) => string): Column<T> {
  return { key: title, title, kind: "written", value };
}

const rowsOf = <T>(items: readonly T[]): T[][] => items.map((item) => [item]);

/** Every metric of one model, or of two side by side. */
export function metricTable(models: readonly JudgedModel[]): Table {
  const { n, bins, resamples } = models[0]!.judgement;
  return buildTable<Shown>(
    `${
      thousands(n)
    } images. In brackets: ${INTERVAL_95} over images, Wilson's of the accuracy, else by ` +
      `bootstrap with ${resamples} resamples. Calibration errors have ${bins} bins.`,
    [
      textColumn("Metric", titleOf),
      ...models.map(({ name, judgement }) =>
        writtenColumn<Shown>(
          models.length === 1 ? "Value" : name,
          (metric) => cell(metric, judgement),
        )
      ),
      textColumn(
        "Better",
        ({ higher }) => higher === undefined ? "" : higher ? "higher" : "lower",
      ),
      textColumn("What it says", ({ says }) => says),
    ],
    rowsOf(METRICS),
  );
}

/** Which model a difference speaks for; "" where its interval holds 0. */
function better(
  { low, high }: JudgedDifference,
  higher: boolean,
  names: readonly string[],
): string {
  if (low <= 0 && high >= 0) return "";
  return names[(low > 0) === higher ? 0 : 1]!;
}

/** The paired differences of two models. */
export function differenceTable(
  differences: JudgedDifferences,
  names: readonly [string, string],
): Table {
  const text = (value: number, isPercent: boolean) =>
    signed(isPercent ? 100 * value : value, isPercent ? 2 : 4);
  const compared = METRICS.filter((one) => one.difference !== undefined);
  return buildTable<Shown>(
    `${names[0]} less ${
      names[1]
    }, with the ${INTERVAL_95} over images that are drawn alike for both. ` +
      "Where the interval holds 0, neither model is called better.",
    [
      textColumn("Metric", titleOf),
      writtenColumn("Difference", ({ difference: name, percent: isPercent }) => {
        const { difference, low, high } = differences[name!];
        return `${text(difference, isPercent)} [${text(low, isPercent)}, ${text(high, isPercent)}]`;
      }),
      textColumn(
        "Better",
        ({ difference, higher }) =>
          better(differences[difference!], higher!, names) || "not decided",
      ),
    ],
    rowsOf(compared),
  );
}

/** What a temperature changes. */
export function temperatureTable({ judgement }: JudgedModel): Table | undefined {
  const { temperatureScaling: scaled } = judgement;
  if (scaled === null) return undefined;
  const rows = [
    { name: "as they are", ...judgement },
    { name: `divided by ${temperatureText(scaled.temperature, 3)}`, ...scaled },
  ];
  return buildTable<typeof rows[number]>(
    `The temperature is fitted on ${thousands(scaled.fittedImages)} calibration images, and all ` +
      "numbers are of the test images. It changes no predicted class.",
    [
      textColumn("Logits", ({ name }) => name),
      writtenColumn("ECE, %", ({ ece }) => points(ece, 2)),
      writtenColumn(
        "Floor, % (95th percentile)",
        ({ eceFloor: { mean, high } }) => `${points(mean, 2)} (${points(high, 2)})`,
      ),
      writtenColumn("Brier score", ({ brier }) => brier.toFixed(4)),
      writtenColumn("NLL", ({ nll }) => nll.toFixed(4)),
      writtenColumn("AURC", ({ aurc }) => aurc.toFixed(4)),
    ],
    rowsOf(rows),
  );
}

const SETS: Readonly<Record<string, string>> = {
  lac: "LAC: the smallest sets",
  aps: "APS: sets grow with an image's difficulty",
  raps: "RAPS: APS with fewer very large sets",
};

/** What prediction sets hold. */
export function setTable({ judgement: { conformal, temperatureScaling } }: JudgedModel) {
  if (conformal === null) return undefined;
  const promised = percent(1 - conformal[0]!.alpha, 0);
  return buildTable<typeof conformal[number]>(
    `Sets of classes that hold the label of ${promised} of new images drawn as the ` +
      `${thousands(temperatureScaling!.fittedImages)} calibration images were.`,
    [
      textColumn("Score", ({ score }) => SETS[score]!),
      writtenColumn(
        `Coverage, % (promised: ${promised})`,
        ({ coverage, coverageInterval: { low, high } }) =>
          `${points(coverage, 2)} [${points(low, 2)}, ${points(high, 2)}]`,
      ),
      writtenColumn("Mean number of classes", ({ meanSize }) => meanSize.toFixed(2)),
      writtenColumn("Empty sets, %", ({ empty }) => points(empty, 2)),
      writtenColumn("Threshold", ({ value }) => value === null ? "none" : value.toFixed(4)),
    ],
    rowsOf(conformal),
  );
}
