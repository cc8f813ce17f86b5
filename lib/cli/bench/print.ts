/** The result as readable text. */
import type { BenchResult, Row } from "./result.ts";
import type { Profile } from "./_protocol.ts";
import { ratioRange } from "./ratio_range.ts";
import { percent } from "../../format/percent.ts";

/**
 * Lays cells out in columns; the first column is left-aligned, the others right-aligned.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(textTable([["a", "b"], ["long", "1"]]), "a     b\nlong  1");
 * ```
 */
export function textTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from(
    { length: columns },
    (_, k) => Math.max(...rows.map((row) => row[k]?.length ?? 0)),
  );
  return rows.map((row) =>
    row.map((cell, k) => k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!)).join("  ")
      .trimEnd()
  ).join("\n");
}

/** Three significant digits at least, no exponent; a dash for what was not measured. */
function number(value: number | null, digits = 3): string {
  if (value === null) return "-";
  const decimals = value === 0
    ? 0
    : Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(decimals);
}

function share(fraction: number | null): string {
  return fraction === null ? "-" : percent(fraction);
}

const ROW_HEADER = ["", "unit", "ours", "theirs", "ratio", "min-max", "of peak", "against"];

/** One comparison's line. */
function rowCells(row: Row): string[] {
  const { name, unit, ours, theirs, ratio, shareOfPeak, against } = row;
  const ratioText = ratio === null ? "-" : ratio.toFixed(2);
  return [
    name,
    unit,
    number(ours),
    number(theirs),
    ratioText,
    ratioRange(row)?.map((one) => one.toFixed(2)).join("-") ?? "-",
    share(shareOfPeak),
    against ?? "-",
  ];
}

function growthTable(growth: BenchResult["growth"]["batchSize"]): string {
  const cells = growth.map(({ name, size, ours, theirs, ratio }) => [
    name,
    String(size),
    number(ours),
    number(theirs),
    ratio === null ? "-" : ratio.toFixed(2),
  ]);
  return textTable([["images/s", "size", "ours", "theirs", "ratio"], ...cells]);
}

function layerTable(layers: BenchResult["layers"]): string {
  const header = ["layer", "count", "shape", "M mult-adds"];
  const kernels = ["forward", "inputGradient", "filterGradient"] as const;
  const cells = layers.map(({ name, count, shape, megaMultiplyAdds, kernels: times }) => [
    name,
    String(count),
    shape,
    number(megaMultiplyAdds),
    ...kernels.flatMap((kernel) => [
      times[kernel]!.milliseconds.toFixed(2),
      times[kernel]!.gflops.toFixed(0),
    ]),
  ]);
  const names = ["fwd ms", "GF/s", "dx ms", "GF/s", "dw ms", "GF/s"];
  return textTable([[...header, ...names], ...cells]);
}

/** The kernels that take the most time in one call of a task, and what is left. */
export function profileText(task: string, { total, kernels }: Profile, most = 15): string {
  const line = (name: string, calls: number, milliseconds: number) => [
    name,
    calls.toFixed(0),
    milliseconds.toFixed(2),
    percent(milliseconds / total),
  ];
  const sum = (key: "calls" | "milliseconds", of: Profile["kernels"]) =>
    of.reduce((sum, kernel) => sum + kernel[key], 0);
  const others = kernels.slice(most);
  return `${task}: ${total.toFixed(1)} ms\n` + textTable([
    ["kernel", "calls", "ms", "share"],
    ...kernels.slice(0, most).map(({ name, calls, milliseconds }) =>
      line(name, calls, milliseconds)
    ),
    line("other kernels", sum("calls", others), sum("milliseconds", others)),
    line("JavaScript", 1, total - sum("milliseconds", kernels)),
  ]);
}

/** Ours only: the other side computes on the CPU. */
function deviceText({ device, kernels, oneDnn }: BenchResult["machine"]): string {
  const older = oneDnn === undefined ? "" : `, oneDNN ${oneDnn ? "on" : "off"}`;
  const table = kernels === undefined ? older : `, kernel table ${kernels}`;
  return device === undefined ? "" : `our kernels on: ${device}${table}; `;
}

function callTable(calls: NonNullable<BenchResult["calls"]>): string {
  return textTable([
    ["one call", "batch", "native ms", "JavaScript ms", "native calls"],
    ...calls.map(({ task, batchSize, milliseconds, nativeMilliseconds, nativeCalls }) => [
      task,
      String(batchSize),
      nativeMilliseconds.toFixed(1),
      (milliseconds - nativeMilliseconds).toFixed(1),
      nativeCalls.toFixed(0),
    ]),
  ]);
}

function oneDnnTable({ rows }: NonNullable<BenchResult["oneDnn"]>): string {
  return textTable([
    ["oneDNN", "unit", "on", "off", "ratio"],
    ...rows.map(({ name, unit, on, off, ratio }) => [
      name,
      unit,
      number(on),
      number(off),
      ratio.toFixed(2),
    ]),
  ]);
}

/** The comparisons as a table. */
export function rowTable(rows: readonly Row[]): string {
  return textTable([ROW_HEADER, ...rows.map(rowCells)]);
}

/** The whole result as text. */
export function printedResult(result: BenchResult): string {
  const { machine, versions, settings, memory, growth, loadingShare } = result;
  const versionList = Object.entries(versions).map(([name, version]) =>
    `${name} ${version ?? "-"}`
  );
  const memoryCells = memory.map(({ name, ours, theirs, ratio }) => [
    name,
    ours.toFixed(0),
    theirs === null ? "-" : theirs.toFixed(0),
    ratio === null ? "-" : ratio.toFixed(2),
  ]);
  const epochs = growth.images.map(({ images, seconds, imagesPerSecond }) => [
    String(images),
    number(seconds),
    number(imagesPerSecond),
  ]);
  const sections = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.threads} threads, load ${
      machine.loadBefore.toFixed(1)
    } before; ${deviceText(machine)}${versionList.join(", ")}`,
    `batch ${settings.batchSize}, medians of ${settings.rounds} alternating rounds of ` +
    `${settings.secondsPerRound} s; ratio = our speed / theirs${result.quick ? "; QUICK" : ""}`,
    rowTable(result.rows),
    `Loading's part of an epoch with augmentation: ours ${share(loadingShare.ours)}, ` +
    `theirs ${share(loadingShare.theirs)}`,
    textTable([["peak memory, MiB", "ours", "theirs", "ratio"], ...memoryCells]),
    growthTable(growth.batchSize),
    growthTable(growth.pgdSteps),
    textTable([["images", "s / epoch", "images/s"], ...epochs]),
    `${growth.longRun.seconds.length} epochs: last / first = ${
      growth.longRun.lastOverFirst.toFixed(3)
    }`,
    layerTable(result.layers),
    ...(result.oneDnn ? [oneDnnTable(result.oneDnn), layerTable(result.oneDnn.layersOff)] : []),
    ...(result.calls ? [callTable(result.calls)] : []),
    ...Object.entries(result.profiles ?? {}).map(([task, profile]) => profileText(task, profile)),
  ];
  return sections.join("\n\n");
}
