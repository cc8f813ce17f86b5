import { type OptionNames, requireKnownOptions } from "../../../arguments/known_options.ts";
import { requireList, requireParts, requireText } from "../../../arguments/require.ts";
import { join } from "node:path";
import { writeAtomically } from "../../../files/write_atomically.ts";
import { thousands } from "../../../format/thousands.ts";
import type { LoadedFile, LoadedPredictions } from "../../../metrics/load_predictions.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import { judgementCharts } from "./_judgement_charts.ts";
import { judgementPage } from "./_judgement_page.ts";
import { type JudgedDifferences, judgeDifference } from "./judge_difference.ts";
import {
  type Judgement,
  judgeOptionNames,
  type JudgeOptions,
  judgePredictions,
} from "./judge_predictions.ts";

/** A model's predictions under its name. */
export interface NamedModel {
  /** As charts and tables call it. */
  readonly name: string;
  /** From `loadPredictions`, `predictionsFromLogits` or `collectPredictions`. */
  readonly predictions: Predictions | LoadedPredictions;
}

/** Options of {@linkcode writeJudgement}. */
export interface WriteJudgementOptions extends JudgeOptions {
  /** K names. Default: those in the file, else "0", "1", ... */
  readonly classNames?: readonly string[];
  /** Another model on the same images, to compare with. */
  readonly compare?: NamedModel;
}

/** What {@linkcode writeJudgement} found and wrote. */
export interface WrittenJudgement {
  /** Of the model. */
  readonly judgement: Judgement;
  /** Of the other model; undefined without one. */
  readonly compared: Judgement | undefined;
  /** The first model less the other; undefined without one. */
  readonly differences: JudgedDifferences | undefined;
  /** The page. */
  readonly page: string;
  /** The numbers. */
  readonly metrics: string;
}

const optionNames: OptionNames<WriteJudgementOptions> = {
  ...judgeOptionNames,
  classNames: true,
  compare: { name: true, predictions: true },
};

/** Beyond this, charts, tables and the confusion matrix would not fit a page or the memory. */
const MOST_CLASSES = 1000;
const SCHEMA = 1;

/** What is known of a model's files, by what they are. */
function filesOf(predictions: NamedModel["predictions"], role: string) {
  const files: readonly LoadedFile[] = "files" in predictions ? predictions.files : [];
  return files.map((file, k) => ({ role: k === 0 ? role : `labels of ${role}`, ...file }));
}

const notesOf = (predictions: NamedModel["predictions"]) =>
  "notes" in predictions ? predictions.notes : [];

function requireModel(name: string, model: NamedModel): void {
  requireParts(name, model, "a model's predictions under its name", ["name", "predictions"]);
  requireText(`${name}.name`, model.name);
  requireParts(`${name}.predictions`, model.predictions, "predictions", ["logits", "labels"]);
}

function namesFor(
  { predictions }: NamedModel,
  given: readonly string[] | undefined,
): readonly string[] {
  const own = "classNames" in predictions ? predictions.classNames : undefined;
  const { classes } = predictions;
  if (classes > MOST_CLASSES) {
    throw new RangeError(
      `Expected predictions to have at most ${thousands(MOST_CLASSES)} classes but found ` +
        `${thousands(classes)}: ask single metrics, e.g. calibrationError, of more`,
    );
  }
  if (given !== undefined) requireList("classNames", given);
  const names = given ?? own ?? Array.from({ length: classes }, (_, k) => `${k}`);
  if (names.length !== classes) {
    throw new RangeError(
      `Expected classNames to hold ${classes} names, one a class, but found ${names.length}`,
    );
  }
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  if (twice !== undefined) {
    throw new RangeError(
      `Expected classNames to be different but found "${twice}" twice: charts could not tell them apart`,
    );
  }
  return names;
}

/** JSON with a list of numbers a line: a confusion matrix stays readable. */
function jsonOf(value: unknown): string {
  const mark = "\u0001";
  const isNumbers = (list: unknown[]) =>
    list.every((one) => typeof one === "number" || one === null);
  const text = JSON.stringify(
    value,
    (_, one) => Array.isArray(one) && isNumbers(one) ? mark + JSON.stringify(one) + mark : one,
    1,
  );
  return text.replaceAll(`"\\u0001`, "").replaceAll(`\\u0001"`, "") + "\n";
}

/**
 * Judges a model by its predictions and writes `index.html`, a self-contained page, `metrics.json`, and
 * each chart as SVG and PNG: accuracy by class, confusion matrix and the most frequent confusions,
 * reliability diagram, risk over coverage. With `compare`, both models stand side by side, with paired
 * differences.
 *
 * @param directory Where the files go; made if it is not there. metrics.json is written last.
 * @param model The model's predictions of N images in 2 to 1,000 classes, and its name.
 * @param options See {@linkcode WriteJudgementOptions}. A calibration set is the first model's.
 * @returns The numbers and the paths of page and metrics.
 * @throws {TypeError} If an option is unknown or of another type.
 * @throws {RangeError} If there are more than 1,000 classes, the names do not fit, or as
 * {@linkcode judgePredictions} and {@linkcode judgeDifference} say.
 * @throws {Error} Naming the file that cannot be written.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "../../../metrics/predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([3, 0, 2, 0, 1, 0, 0, 1]), [0, 0, 1, 1], 2);
 * const folder = await Deno.makeTempDir();
 * const { page } = await writeJudgement(folder, { name: "mine", predictions: p });
 * assertStringIncludes(await Deno.readTextFile(page), "Of 4 images 75.0 % are right");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeJudgement(
  directory: string,
  model: NamedModel,
  options: WriteJudgementOptions = {},
): Promise<WrittenJudgement> {
  requireKnownOptions("writeJudgement", options, optionNames);
  requireText("directory", directory);
  requireModel("model", model);
  const { classNames, compare, calibration, ...how } = options;
  if (compare !== undefined) requireModel("compare", compare);
  const names = namesFor(model, classNames);
  const { predictions } = model;
  const fitted = calibration === undefined ? how : { ...how, calibration };
  const first = { ...model, judgement: judgePredictions(predictions, fitted) };
  const seed = first.judgement.seed;
  const differences = compare && judgeDifference(predictions, compare.predictions, { seed });
  const second = compare && {
    // Charts tell models apart by their names.
    name: compare.name === model.name ? `${compare.name} (2)` : compare.name,
    predictions: compare.predictions,
    judgement: judgePredictions(compare.predictions, how),
  };
  const models = second === undefined ? [first] : [first, second];
  const subtitle = `${thousands(predictions.length)} images, ${
    thousands(predictions.classes)
  } classes`;
  const charts = judgementCharts(models, { classNames: names, subtitle });
  const files = [
    ...filesOf(predictions, model.name),
    ...(second ? filesOf(second.predictions, second.name) : []),
    ...(calibration ? filesOf(calibration, "the calibration") : []),
  ];
  const notes = [predictions, compare?.predictions, calibration]
    .flatMap((one) => one === undefined ? [] : notesOf(one));
  const page = join(directory, "index.html");
  const metrics = join(directory, "metrics.json");
  const html = judgementPage({ models, differences, charts, subtitle, files, notes });
  for (const { name, chart } of charts) await chart.save(join(directory, name));
  await writeAtomically(page, html);
  await writeAtomically(
    metrics,
    jsonOf({
      schema: SCHEMA,
      name: model.name,
      files,
      notes,
      scale: "scale" in predictions ? predictions.scale : "logits",
      classNames: names,
      ...first.judgement,
      comparison: second === undefined ? null : {
        name: second.name,
        ...second.judgement,
        differences,
      },
    }),
  );
  return { judgement: first.judgement, compared: second?.judgement, differences, page, metrics };
}
