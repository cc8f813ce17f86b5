/** `deno task eval --logits`: judges a model by what another program saved of it. */
import { Command, InvalidArgumentError } from "commander";
import { basename, dirname, join } from "node:path";
import type {
  JudgedDifference,
  JudgedDifferences,
} from "../../experiments/report/judge/judge_difference.ts";
import type { Judgement } from "../../experiments/report/judge/judge_predictions.ts";
import { writeJudgement } from "../../experiments/report/judge/write_judgement.ts";
import { exists } from "../../files/exists.ts";
import { FileError } from "../../files/file_error.ts";
import { readBounded } from "../../files/read_bounded.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { INTERVAL_95, percent } from "../../format/percent.ts";
import { signed } from "../../format/signed.ts";
import { thousands } from "../../format/thousands.ts";
import { type LoadedPredictions, loadPredictions } from "../../metrics/load_predictions.ts";
import { temperatureText } from "../../metrics/temperature_text.ts";
import { toNumber, wholeNumber } from "../flag_values.ts";

interface Flags {
  readonly logits: string;
  readonly labels?: string;
  readonly classNames?: readonly string[];
  readonly probabilities?: boolean;
  readonly calibration?: readonly string[];
  readonly compare?: string;
  readonly out?: string;
  readonly bins: number;
  readonly alpha: number;
  readonly seed: number;
}

/** Names of 1,000 classes take less. */
const MAX_NAMES_BYTES = 2 ** 20;

/** Whether a command line asks for a judgement of logits, and not of a checkpoint. */
export function judgesLogits(args: readonly string[]): boolean {
  return args.some((arg) => arg === "--logits" || arg.startsWith("--logits="));
}

function share(text: string): number {
  const value = toNumber(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError("Expected a number in (0, 1).");
  return value;
}

function command(): Command {
  return new Command("deno task eval")
    .description(
      "Judges a model by its logits or probabilities, which any program may have saved: writes " +
        "index.html, metrics.json and every chart that needs no model.",
    )
    .requiredOption(
      "--logits <file>",
      "npy of shape [n, K]; npz or safetensors with logits or probabilities; csv, a column a class",
    )
    .option(
      "--labels <file>",
      "n whole numbers from 0: npy, npz, safetensors, csv (default: those in the file of the logits)",
    )
    .option(
      "--class-names <names...>",
      "names in the order of the labels, between commas or blanks, or a text file with a name a line",
    )
    .option(
      "--probabilities",
      "the files hold probabilities; keys of npz and safetensors say so too",
    )
    .option(
      "--calibration <files...>",
      "logits and labels of other images: fits a temperature and prediction sets",
    )
    .option("--compare <file>", "another model's logits of the same images, in the same order")
    .option("--out <dir>", "where the files go (default: beside the logits, in <name>-eval)")
    .option("--bins <n>", "bins of the calibration errors", wholeNumber(1), 15)
    .option("--alpha <a>", "share of images whose prediction set may miss the label", share, 0.1)
    .option("--seed <n>", "seed of resamples and draws", wholeNumber(0), 0);
}

/** Reads names from a text file, one a line, or from a JSON list. */
async function namesInFile(path: string): Promise<string[]> {
  const bytes = await readBounded(path, MAX_NAMES_BYTES);
  const text = new TextDecoder().decode(bytes ?? new Uint8Array());
  if (!text.trimStart().startsWith("[")) {
    return text.replace(/\s+$/, "").split(/\r?\n/).map((name) => name.trim());
  }
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every((name) => typeof name === "string")) return list;
  } catch {
    // said below
  }
  throw new FileError(`Cannot use ${path}: expected a JSON list of names`, { path });
}

async function namesOf(values: readonly string[] | undefined): Promise<string[] | undefined> {
  if (values === undefined) return undefined;
  if (values.length === 1 && await exists(values[0]!)) return await namesInFile(values[0]!);
  return values.flatMap((value) => value.split(",")).map((name) => name.trim())
    .filter((name) => name !== "");
}

/** A file's name without its ending. */
function stem(path: string): string {
  return basename(path).replace(/\.(?:npy|npz|safetensors|csv|tsv|txt)$/i, "");
}

/** Names of two models: what their paths do not share, if their file names are equal. */
function modelNames(first: string, second: string | undefined): string[] {
  if (second === undefined) return [stem(first)];
  const names = [first, second].map(stem);
  if (names[0] !== names[1]) return names;
  return [first, second].map((path) => join(basename(dirname(path)), stem(path)));
}

function reading(probabilities: boolean | undefined) {
  return probabilities === undefined ? {} : { probabilities };
}

async function calibrationOf(
  files: readonly string[] | undefined,
  flags: Flags,
): Promise<LoadedPredictions | undefined> {
  if (files === undefined) return undefined;
  const [logits, labels] = files;
  return await loadPredictions(logits!, {
    ...reading(flags.probabilities),
    ...(labels === undefined ? {} : { labels }),
  });
}

/** What a file is missing, in the words of the command line. */
function requireFewFiles(parser: Command, files: readonly string[] | undefined): void {
  if (files !== undefined && files.length > 2) {
    parser.error(
      `error: --calibration takes a file of logits and one of labels but found ${files.length} files`,
    );
  }
}

function lines(name: string, judgement: Judgement): string[] {
  const inPercent = (value: number) => percent(value, 2);
  const { accuracyInterval: { low, high }, eceFloor, temperatureScaling, conformal } = judgement;
  return [
    `${name}: ${thousands(judgement.n)} images, ${thousands(judgement.classes)} classes`,
    `accuracy ${inPercent(judgement.accuracy)} (${INTERVAL_95} ${inPercent(low)} to ${
      inPercent(high)
    }), balanced ${inPercent(judgement.balancedAccuracy)}`,
    `ECE ${inPercent(judgement.ece)} (floor ${inPercent(eceFloor.mean)}, 95th percentile ${
      inPercent(eceFloor.high)
    }), Brier ${judgement.brier.toFixed(4)}, NLL ${judgement.nll.toFixed(4)}, AURC ${
      judgement.aurc.toFixed(4)
    }, AUGRC ${judgement.augrc.toFixed(4)}`,
    ...(temperatureScaling === null ? [] : [
      `temperature ${temperatureText(temperatureScaling.temperature, 3)}: ECE ${
        inPercent(temperatureScaling.ece)
      }, NLL ${temperatureScaling.nll.toFixed(4)}`,
    ]),
    ...(conformal ?? []).map(({ score, alpha, coverage, meanSize }) =>
      `${score.toUpperCase()} sets for ${percent(1 - alpha, 0)}: coverage ${inPercent(coverage)}, ${
        meanSize.toFixed(2)
      } classes`
    ),
  ];
}

function differenceLine(differences: JudgedDifferences, names: readonly string[]): string {
  const text = ({ difference, low, high }: JudgedDifference, scale: number, digits: number) =>
    `${signed(scale * difference, digits)} [${signed(scale * low, digits)}, ${
      signed(scale * high, digits)
    }]`;
  const { accuracy, ece, brier, nll, aurc } = differences;
  return `${names[0]} less ${names[1]} (${INTERVAL_95}): accuracy ${
    text(accuracy, 100, 2)
  } points, ` +
    `ECE ${text(ece, 100, 2)} points, Brier ${text(brier, 1, 4)}, NLL ${text(nll, 1, 4)}, ` +
    `AURC ${text(aurc, 1, 4)}`;
}

/**
 * Runs the command.
 *
 * @param args Its arguments, `--logits` among them.
 * @returns The exit code.
 * @throws {FileError} Naming a file that cannot be used.
 */
export async function judgeLogits(args: readonly string[]): Promise<number> {
  const parser = command().parse([...args], { from: "user" });
  const flags = parser.opts<Flags>();
  requireFewFiles(parser, flags.calibration);
  const { logits, bins, alpha, seed } = flags;
  const given = flags.labels === undefined ? {} : { labels: flags.labels };
  const directory = flags.out ?? join(dirname(logits), `${stem(logits)}-eval`);
  await requireOutputFolder(directory);
  const classNames = await namesOf(flags.classNames);
  const predictions = await loadPredictions(logits, { ...reading(flags.probabilities), ...given });
  const other = flags.compare === undefined ? undefined : await loadPredictions(flags.compare, {
    ...reading(flags.probabilities),
    labels: predictions.labels,
  });
  const calibration = await calibrationOf(flags.calibration, flags);
  const [name, otherName] = modelNames(logits, flags.compare);
  for (const note of [predictions, other, calibration].flatMap((one) => one?.notes ?? [])) {
    console.error(note);
  }
  const { judgement, compared, differences, page, metrics } = await writeJudgement(
    directory,
    { name: name!, predictions },
    {
      ...{ bins, alpha, seed },
      ...(classNames === undefined ? {} : { classNames }),
      ...(calibration === undefined ? {} : { calibration }),
      ...(other === undefined ? {} : { compare: { name: otherName!, predictions: other } }),
    },
  );
  console.log([
    ...lines(name!, judgement),
    ...(compared === undefined ? [] : lines(otherName!, compared)),
    ...(differences === undefined ? [] : [differenceLine(differences, [name!, otherName!])]),
    `Wrote ${page}, ${metrics} and the charts beside them.`,
  ].join("\n"));
  return 0;
}
