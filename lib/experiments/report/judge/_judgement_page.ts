/** The page of a judgement: what it comes to, its numbers, its charts, its files. */
import { escapeHtml } from "../../../format/escape_html.ts";
import { INTERVAL_95, percent } from "../../../format/percent.ts";
import { signed } from "../../../format/signed.ts";
import { thousands } from "../../../format/thousands.ts";
import type { LoadedFile } from "../../../metrics/load_predictions.ts";
import { temperatureText } from "../../../metrics/temperature_text.ts";
import { buildTable, type Table } from "../../views/table.ts";
import { figure, list, page, paragraph, section } from "../_page_parts.ts";
import type { JudgedModel, JudgementChart } from "./_judgement_charts.ts";
import { differenceTable, metricTable, setTable, temperatureTable } from "./_judgement_tables.ts";
import type { JudgedDifferences } from "./judge_difference.ts";
import type { Judgement } from "./judge_predictions.ts";

/** What the page is made of. */
export interface JudgementPage {
  /** One model, or two side by side. */
  readonly models: readonly JudgedModel[];
  readonly differences: JudgedDifferences | undefined;
  readonly charts: readonly JudgementChart[];
  /** The data, e.g. "1,000 images, 100 classes". */
  readonly subtitle: string;
  /** Files that were read, by what they are. */
  readonly files: readonly (LoadedFile & { readonly role: string })[];
  readonly notes: readonly string[];
}

const digits = 1;

function accuracySentence({ accuracy, accuracyInterval: { low, high }, n }: Judgement): string {
  return `Of ${thousands(n)} images ${percent(accuracy, digits)} are right (${INTERVAL_95} ` +
    `${percent(low, digits)} to ${percent(high, digits)}).`;
}

function calibrationSentence({ ece, eceFloor, meanConfidence, accuracy }: Judgement): string {
  const found = `The ECE is ${percent(ece, 2)}`;
  if (ece <= eceFloor.high) {
    return `${found}, no more than chance may give a perfectly calibrated model with these images ` +
      `(95th percentile ${percent(eceFloor.high, 2)}): nothing speaks against its confidences.`;
  }
  const which = meanConfidence > accuracy ? "over-confident" : "under-confident";
  return `${found}, above what chance gives a perfectly calibrated model (95th percentile ` +
    `${percent(eceFloor.high, 2)}). On average the model is ${which}: mean confidence ` +
    `${percent(meanConfidence, digits)}, accuracy ${percent(accuracy, digits)}.`;
}

function selectionSentence({ accuracy, selectiveAccuracy80, n }: Judgement): string {
  const answered = `If it answers only the surest 80 % of the ${thousands(n)} images, ` +
    `${percent(selectiveAccuracy80, digits)} of the answers are right`;
  return `${answered}, instead of ${percent(accuracy, digits)} of all.`;
}

function fittedSentences({ temperatureScaling: scaled, conformal, ece }: Judgement): string[] {
  if (scaled === null || conformal === null) return [];
  const { coverage, meanSize, alpha } = conformal[0]!;
  return [
    `A temperature of ${temperatureText(scaled.temperature, 3)}, fitted on ` +
    `${thousands(scaled.fittedImages)} calibration images, takes the ECE of the test images from ` +
    `${percent(ece, 2)} to ${percent(scaled.ece, 2)}.`,
    `Prediction sets that promise to hold the label of ${
      percent(1 - alpha, 0)
    } of the images (LAC) ` +
    `hold it in ${percent(coverage, digits)}, with ${meanSize.toFixed(2)} classes on average.`,
    ...(scaled.sharedRows === 0 ? [] : [
      `${scaled.sharedRows} rows of the calibration are rows of the test as well: if they are the same ` +
      "images, what was fitted looks better than it is.",
    ]),
  ];
}

function comparisonSentence(
  [first, second]: readonly JudgedModel[],
  { accuracy: { difference, low, high, firstOnly, secondOnly, pValue } }: JudgedDifferences,
): string {
  const [better, worse] = difference >= 0 ? [first!, second!] : [second!, first!];
  const size = percent(Math.abs(difference), digits);
  const ends = [low, high].map((end) => 100 * end * (difference >= 0 ? 1 : -1))
    .sort((a, b) => a - b).map((end) => signed(end, digits, false));
  const decided = low > 0 || high < 0;
  return (decided
    ? `${better.name} is more often right than ${worse.name}, by ${size} of the images`
    : `Which of ${first!.name} and ${
      second!.name
    } is more often right is not decided: they differ by ` +
      `${size} of the images`) +
    ` (${INTERVAL_95} ${ends.join(" to ")}); ${thousands(firstOnly)} images only ${
      first!.name
    } has ` +
    `right, ${thousands(secondOnly)} only ${second!.name} (McNemar's p ${pText(pValue)}).`;
}

function pText(p: number): string {
  return p < 0.001 ? "below 0.001" : p.toFixed(3);
}

function inShort({ models, differences }: JudgementPage): string {
  const several = models.length > 1;
  const sentences = models.map(({ name, judgement }) => {
    const all = [
      accuracySentence(judgement),
      calibrationSentence(judgement),
      selectionSentence(judgement),
      ...fittedSentences(judgement),
    ];
    return (several ? `<h3>${escapeHtml(name)}</h3>\n` : "") + list(all);
  });
  if (differences !== undefined) {
    sentences.push(`<h3>Compared</h3>\n${list([comparisonSentence(models, differences)])}`);
  }
  return section("in-short", "In short", ...sentences);
}

function comparison({ models, differences }: JudgementPage): string {
  if (differences === undefined) return "";
  const [first, second] = models;
  return section(
    "comparison",
    "Compared",
    differenceTable(differences, [first!.name, second!.name]).toHtml(),
  );
}

function fitted({ models: [model] }: JudgementPage): string {
  const [temperature, sets] = [temperatureTable(model!), setTable(model!)];
  if (temperature === undefined || sets === undefined) return "";
  return section(
    "calibration",
    "With the calibration set",
    "<h3>Temperature scaling</h3>",
    temperature.toHtml(),
    "<h3>Prediction sets</h3>",
    sets.toHtml(),
  );
}

/** Charts of the same kind of both models stand side by side. */
function charts({ charts }: JudgementPage): string {
  const shown = charts.filter(({ name }) => !name.startsWith("compared."));
  const figures = shown.map(({ name, chart, caption }) => {
    const other = charts.find((one) => one.name === `compared.${name}`);
    const first = figure(chart.svg, caption);
    if (other === undefined) return first;
    return `<div class="pair">\n${first}\n${figure(other.chart.svg, other.caption)}\n</div>`;
  });
  return section("charts", "Charts", ...figures);
}

function fileTable(files: JudgementPage["files"]): Table {
  return buildTable<JudgementPage["files"][number]>(
    "What was read; the digests tell whether a file is still the same.",
    [
      { key: "role", title: "File of", kind: "text", value: ({ role }) => role },
      { key: "path", title: "Name", kind: "text", value: ({ path }) => path },
      { key: "sha256", title: "SHA-256", kind: "text", value: ({ sha256 }) => sha256 },
    ],
    files.map((file) => [file]),
  );
}

function provenance({ files, notes, models }: JudgementPage): string {
  const { seed, resamples, bins } = models[0]!.judgement;
  return section(
    "provenance",
    "Where the numbers come from",
    ...(files.length === 0 ? [] : [fileTable(files).toHtml()]),
    ...(notes.length === 0 ? [] : [list(notes)]),
    paragraph(
      `Seed ${seed}, ${resamples} resamples, ${bins} bins. Scores are read as float32. The labels are ` +
        "taken as the truth, and the images as a random draw: intervals cover neither wrong labels " +
        "nor another training of the model.",
    ),
  );
}

/** The page as HTML, self-contained. */
export function judgementPage(content: JudgementPage): string {
  const title = `Judgement of ${content.models.map(({ name }) => name).join(" and ")}`;
  const sections = [
    inShort(content),
    comparison(content),
    section("metrics", "Metrics", metricTable(content.models).toHtml()),
    fitted(content),
    charts(content),
    provenance(content),
  ].filter((part) => part !== "");
  return page(title, [paragraph(content.subtitle), ...sections].join("\n"));
}
