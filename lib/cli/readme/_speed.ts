/** The tables of docs/speed.md, from the published benchmark. */
import { z } from "zod";
import { markdownTable } from "../../experiments/views/table.ts";
import { percent } from "../../format/percent.ts";
import { thousands } from "../../format/thousands.ts";

const value = z.number().nullish();
const kernel = z.object({ milliseconds: z.number(), gflops: z.number() });

/** The parts of data/results/bench.json that the tables show. */
const benchSchema = z.object({
  machine: z.object({
    cpu: z.string(),
    threads: z.number(),
    device: z.string().optional(),
    oneDnn: z.boolean().optional(),
  }),
  versions: z.record(z.string(), z.string()),
  rows: z.array(z.object({
    name: z.string(),
    unit: z.string(),
    ours: z.number(),
    theirs: value,
    ratio: value,
    against: z.string().nullish(),
    shareOfPeak: value,
  })),
  loadingShare: z.object({ ours: z.number() }),
  memory: z.array(z.object({ name: z.string(), ours: z.number(), theirs: value, ratio: value })),
  growth: z.object({
    images: z.array(z.object({ images: z.number(), seconds: z.number() })),
    longRun: z.object({ seconds: z.array(z.number()), lastOverFirst: z.number() }),
  }),
  layers: z.array(z.object({
    name: z.string(),
    count: z.number(),
    shape: z.string(),
    kernels: z.object({ forward: kernel, inputGradient: kernel, filterGradient: kernel }),
  })),
});

type Bench = z.infer<typeof benchSchema>;

function number(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : String(Number(value.toPrecision(3)));
}

function share(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : percent(value, 0);
}

function comparisons({ rows, memory }: Bench): string {
  return markdownTable(["", "unit", "lab", "other side", "ratio", "of peak", "other side is"], [
    ...rows.map(({ name, unit, ours, theirs, ratio, against, shareOfPeak }) => [
      name,
      unit,
      number(ours),
      number(theirs),
      number(ratio),
      share(shareOfPeak),
      against ?? "–",
    ]),
    ...memory.map(({ name, ours, theirs, ratio }) => [
      `peak memory: ${name}`,
      "MiB",
      number(ours),
      number(theirs),
      number(ratio),
      "–",
      "–",
    ]),
  ]);
}

function layerTable({ layers }: Bench): string {
  const cell = ({ milliseconds, gflops }: z.infer<typeof kernel>) =>
    `${milliseconds.toFixed(2)} (${Math.round(gflops)})`;
  return markdownTable(
    ["convolution", "times", "shape", "forward", "input gradient", "filter gradient"],
    layers.map(({ name, count, shape, kernels }) => [
      name,
      String(count),
      shape,
      cell(kernels.forward),
      cell(kernels.inputGradient),
      cell(kernels.filterGradient),
    ]),
  );
}

/** What the lab's kernels ran on, where the benchmark names it. */
function deviceText({ device, oneDnn }: Bench["machine"]): string {
  if (device === undefined) return "";
  const off = oneDnn === false ? ", oneDNN off" : "";
  return device === "CPU"
    ? `; kernels on the CPU${off}`
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
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
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
    layerTable(parsed),
  ].join("\n");
}
