/** The tables of docs/speed.md, from the published benchmark. */
import { markdownTable } from "../../experiments/views/table.ts";
import { percent } from "../../format/percent.ts";
import { thousands } from "../../format/thousands.ts";
import { ratioRange } from "../bench/ratio_range.ts";
import { type BenchResult, benchSchema, type LayerRow, type Row } from "../bench/result.ts";

type Kernel = LayerRow["kernels"]["forward"];

function number(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : String(Number(value.toPrecision(3)));
}

function share(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : percent(value, 0);
}

function comparisons({ rows, memory }: BenchResult): string {
  const range = (row: Row) => ratioRange(row)?.map(number).join("–") ?? "–";
  const header = ["", "unit", "lab", "other side", "ratio", "min–max", "of peak", "other side is"];
  return markdownTable(header, [
    ...rows.map((row) => {
      const { name, unit, ours, theirs, ratio, against, shareOfPeak } = row;
      return [
        name,
        unit,
        number(ours),
        number(theirs),
        number(ratio),
        range(row),
        share(shareOfPeak),
        against ?? "–",
      ];
    }),
    ...memory.map(({ name, ours, theirs, ratio }) => [
      `peak memory: ${name}`,
      "MiB",
      number(ours),
      number(theirs),
      number(ratio),
      "–",
      "–",
      "–",
    ]),
  ]);
}

function layerTable(layers: readonly LayerRow[]): string {
  const cell = ({ milliseconds, gflops }: Kernel) =>
    `${milliseconds.toFixed(2)} (${Math.round(gflops)})`;
  return markdownTable(
    ["convolution", "times", "shape", "forward", "input gradient", "filter gradient"],
    layers.map(({ name, count, shape, kernels }) => [
      name,
      String(count),
      shape,
      cell(kernels.forward!),
      cell(kernels.inputGradient!),
      cell(kernels.filterGradient!),
    ]),
  );
}

const taskTitles: Readonly<Record<string, string>> = {
  forward: "forward pass",
  inputGradient: "input gradient",
  trainingStepSgd: "training step, SGD",
  pgd: "PGD-10",
};

function callBlock(calls: NonNullable<BenchResult["calls"]>): string[] {
  const header = ["one call", "batch", "native, ms", "JavaScript, ms", "native calls"];
  return [
    "",
    "Time in native kernels and in JavaScript:",
    "",
    markdownTable(
      header,
      calls.map(({ task, batchSize, milliseconds, nativeMilliseconds, nativeCalls }) => [
        taskTitles[task] ?? task,
        String(batchSize),
        nativeMilliseconds.toFixed(1),
        (milliseconds - nativeMilliseconds).toFixed(1),
        nativeCalls.toFixed(0),
      ]),
    ),
  ];
}

function oneDnnBlock({ rows, layersOff }: NonNullable<BenchResult["oneDnn"]>): string[] {
  return [
    "",
    "The lab with TensorFlow's oneDNN switch on and off, in turns:",
    "",
    markdownTable(
      ["", "unit", "on", "off", "on / off"],
      rows.map((
        { name, unit, on, off, ratio },
      ) => [name, unit, number(on), number(off), number(ratio)]),
    ),
    "",
    "Each convolution with the switch off:",
    "",
    layerTable(layersOff),
  ];
}

/** What the lab's kernels ran on, where the benchmark names it. */
function deviceText({ device, kernels, oneDnn }: BenchResult["machine"]): string {
  if (device === undefined) return "";
  const older = oneDnn === false ? ", oneDNN off" : "";
  const table = kernels === undefined ? older : `, kernel table ${kernels}`;
  return device === "CPU"
    ? `; kernels on the CPU${table}`
    : `; the lab on ${device}, the rest on the CPU`;
}

/**
 * The speed block.
 *
 * @param bench The content of data/results/bench.json.
 * @throws {z.ZodError} If the content is not a benchmark's.
 */
export function speedBlock(bench: unknown): string {
  const parsed = benchSchema.parse(bench);
  const { machine, versions, growth: { images, longRun }, loadingShare } = parsed;
  const libraries = Object.entries(versions).flatMap(([name, version]) =>
    version === null ? [] : [`${name} ${version}`]
  );
  const skippedLines = Object.entries(parsed.skipped ?? {}).flatMap((
    [what, why],
  ) => ["", `Not measured: ${what} (${why}).`]);
  const epochs = images.map(({ images, seconds }) =>
    `${thousands(images)} images in ${number(seconds)} s`
  );
  return [
    `Batch 128, 32 × 32 × 3, medians of rounds in which both sides take turns on the same machine ` +
    `(${machine.cpu}, ${machine.threads} threads${deviceText(machine)}; ${
      libraries.join(", ")
    }). A ratio above 1 means ` +
    `that the lab is faster; "of peak" is useful arithmetic over the measured matrix-multiply peak.`,
    "",
    comparisons(parsed),
    "",
    `An epoch takes ${epochs.join(", ")}; loading and augmentation are ` +
    `${
      number(100 * loadingShare.ours)
    } % of it. The last of ${longRun.seconds.length} epochs took ` +
    `${number(longRun.lastOverFirst)} times as long as the first.`,
    "",
    "Where a training step's time goes: milliseconds of each kernel at batch 128, and in brackets " +
    "GFLOP/s of useful arithmetic (a tap that meets only padding is not counted).",
    "",
    layerTable(parsed.layers),
    ...(parsed.oneDnn ? oneDnnBlock(parsed.oneDnn) : []),
    ...(parsed.calls ? callBlock(parsed.calls) : []),
    ...skippedLines,
  ].join("\n");
}
