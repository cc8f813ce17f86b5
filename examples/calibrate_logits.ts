/**
 * Calibrates logits that any program wrote: fits a temperature on one half of the images and measures
 * the calibration error before and after on the other half.
 *
 *     deno run -P=compute examples/calibrate_logits.ts --logits logits.csv
 *
 * Each line of the file is an image: its label, then one logit per class, separated by commas. Without
 * a file the program invents over-confident logits. With `--out DIR` the reliability diagrams go to
 * DIR/reliability.svg and .png; the default is data/reports/examples, which git ignores. It loads no
 * TensorFlow.
 */
import { parseArgs } from "node:util";
import { accuracy } from "../lib/metrics/accuracy.ts";
import { calibrationError } from "../lib/metrics/calibration_error.ts";
import { type Predictions, predictionsFromLogits } from "../lib/metrics/predictions.ts";
import { applyTemperature, fitTemperature } from "../lib/metrics/temperature.ts";
import { temperatureText } from "../lib/metrics/temperature_text.ts";
import { reliabilityDiagram } from "../lib/plots/reliability_diagram.ts";
import { generator } from "../lib/random/generator.ts";

const { values: flags } = parseArgs({
  options: {
    logits: { type: "string" },
    out: { type: "string", default: "data/reports/examples" },
  },
});

/** Rows of a label and its logits. */
type Rows = readonly (readonly number[])[];

async function readRows(path: string): Promise<Rows> {
  const lines = (await Deno.readTextFile(path)).split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.map((line, k) => {
    const row = line.split(",").map(Number);
    if (row.length < 3 || row.some(Number.isNaN)) {
      throw new Error(`Expected line ${k + 1} of ${path} to be a label and logits: ${line}`);
    }
    return row;
  });
}

/** 4,000 images of four classes, with logits three times as large as their evidence allows. */
function inventRows(): Rows {
  const random = generator(0);
  return Array.from({ length: 4000 }, () => {
    const label = Math.floor(4 * random.uniform());
    const evidence = Array.from({ length: 4 }, (_, k) => random.normal() + (k === label ? 1.5 : 0));
    return [label, ...evidence.map((one) => 3 * 1.5 * one)];
  });
}

function predictionsOf(rows: Rows): Predictions {
  const classes = rows[0]!.length - 1;
  const logits = Float32Array.from(rows.flatMap(([, ...logits]) => logits));
  return predictionsFromLogits(logits, rows.map(([label]) => label!), classes);
}

const rows = flags.logits === undefined ? inventRows() : await readRows(flags.logits);
// Fitting and measuring on the same images would flatter the temperature.
const fitted = predictionsOf(rows.filter((_, k) => k % 2 === 0));
const before = predictionsOf(rows.filter((_, k) => k % 2 === 1));
const temperature = fitTemperature(fitted);
const after = applyTemperature(before, temperature);

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
console.log(flags.logits === undefined ? "Invented logits" : flags.logits);
console.log(`Accuracy ${percent(accuracy(before))} of ${before.length} images`);
console.log(
  `Temperature ${temperatureText(temperature, 3)}, fitted on ${fitted.length} other images`,
);
console.log(`ECE before ${percent(calibrationError(before))}`);
console.log(`ECE after ${percent(calibrationError(after))}`);
await reliabilityDiagram({ before, after }).save(`${flags.out}/reliability`);
console.log(`Saved ${flags.out}/reliability.svg and .png`);
