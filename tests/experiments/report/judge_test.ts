/** Judgements of logits from other programs: their numbers, pages and command. */
import { join } from "node:path";
import { judgeDifference } from "../../../lib/experiments/report/judge/judge_difference.ts";
import { judgePredictions } from "../../../lib/experiments/report/judge/judge_predictions.ts";
import { writeJudgement } from "../../../lib/experiments/report/judge/write_judgement.ts";
import { checkoutRoot } from "../../../lib/experiments/records/run_paths.ts";
import { type Predictions, predictionsFromLogits } from "../../../lib/metrics/predictions.ts";
import { pageFindings } from "../../../lib/pages/page_findings.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../../lib/assert/mod.ts";
import { temporaryFolder } from "../../temporary_folder.ts";

type Numbers = Readonly<Record<string, number>>;

interface Case {
  readonly rows: number;
  readonly classes: number;
  readonly metrics: Numbers;
  readonly temperature: number;
  readonly scaled: Numbers;
  readonly lac: { readonly value: number; readonly coverage: number; readonly meanSize: number };
  readonly other: Numbers;
}

const file = new URL("../../golden/logits.json", import.meta.url);
const { cases, files }: {
  cases: Case[];
  files: { exact: Record<string, string>; labelRow: number[] };
} = JSON.parse(await Deno.readTextFile(file));

/** The logits and labels of tests/golden/logits.py. */
function formula(rows: number, classes: number, shift: number) {
  const labels = Int32Array.from({ length: rows }, (_, i) => (i * 37 + shift) % classes);
  const logits = Float32Array.from({ length: rows * classes }, (_, at) => {
    const [row, k] = [Math.floor(at / classes), at % classes];
    const i = row + shift;
    const z = (i * 7919 + k * 104729 + i * k * 31 + i * i * 17) % 1009 / 1009 * 3;
    return k === labels[row] && (row * 13 + shift) % 10 < 7 ? z + 2.5 : z;
  });
  return { logits, labels };
}

function predictionsOf({ rows, classes }: Case, shift: number): Predictions {
  const { logits, labels } = formula(rows, classes, shift);
  return predictionsFromLogits(logits, labels, classes);
}

/** The model that the golden compares with. */
function otherOf({ rows, classes }: Case): Predictions {
  const [a, b] = [formula(rows, classes, 3), formula(rows, classes, 77)];
  const logits = a.logits.map((z, k) => Math.fround(z * 0.5) + Math.fround(b.logits[k]! * 0.5));
  return predictionsFromLogits(logits, a.labels, classes);
}

function compare(found: object, expected: Numbers, what: string) {
  for (const [name, value] of Object.entries(expected)) {
    assertAlmostEquals((found as Record<string, number>)[name]!, value, 1e-6, `${what}: ${name}`);
  }
}

for (const golden of cases) {
  const what = `${golden.classes} classes`;
  const p = predictionsOf(golden, 3);

  Deno.test(`every number of a judgement of ${what} is that of numpy, scikit-learn and torchmetrics`, () => {
    const calibration = predictionsOf(golden, 100_003);
    const judged = judgePredictions(p, { calibration });
    compare(judged, golden.metrics, what);
    assertAlmostEquals(judged.temperatureScaling!.temperature, golden.temperature, 1e-6);
    const { ece, brier, nll, aurc } = golden.scaled;
    const scaled = { ece: ece!, brier: brier!, nll: nll!, aurc: aurc! };
    compare(judged.temperatureScaling!, scaled, `${what}, scaled`);
    const [lac] = judged.conformal!;
    compare(lac!, golden.lac, `${what}, LAC`);
    for (const [name, interval] of Object.entries(judged.intervals)) {
      const value = (judged as unknown as Numbers)[name]!;
      assert(interval!.low <= value && value <= interval!.high, `${what}: ${name}`);
    }
  });

  Deno.test(`differences of two models of ${what} are those of their metrics`, () => {
    const differences = judgeDifference(p, otherOf(golden));
    for (const name of ["brier", "nll", "aurc", "augrc"] as const) {
      const { difference, low, high } = differences[name];
      assertAlmostEquals(difference, golden.metrics[name]! - golden.other[name]!, 1e-6);
      assert(low <= difference && difference <= high, name);
    }
  });
}

Deno.test("a calibration of the test images is refused, also under another name or order", () => {
  const p = predictionsOf(cases[0]!, 3);
  const [n, k] = [p.length, p.classes];
  const half = predictionsFromLogits(
    p.logits.slice(0, (n / 2) * k).map((_, at) =>
      p.logits[((n / 2) - 1 - Math.floor(at / k)) * k + at % k]!
    ),
    Array.from({ length: n / 2 }, (_, i) => p.labels[n / 2 - 1 - i]!),
    k,
  );
  for (const calibration of [p, half]) {
    assertThrows(
      () => judgePredictions(p, { calibration }),
      RangeError,
      "Expected calibration to be of other images than those judged but found ",
    );
  }
});

Deno.test("two models of other classes or labels are not compared", () => {
  const p = predictionsOf(cases[0]!, 3);
  assertThrows(() => judgeDifference(p, predictionsOf(cases[1]!, 3)), RangeError, "7 classes");
  const moved = { ...p, labels: Array.from(p.labels, (label) => (label + 1) % p.classes) };
  assertThrows(() => judgeDifference(p, moved), RangeError, "the same labels in the same order");
});

Deno.test("more than 1,000 classes, and names that do not fit, are refused", async () => {
  const folder = await temporaryFolder();
  const many = predictionsFromLogits(new Float32Array(1001), [0], 1001);
  const model = { name: "many", predictions: many };
  await assertRejects(() => writeJudgement(folder, model), RangeError, "at most 1,000 classes");
  const two = { name: "two", predictions: predictionsFromLogits(new Float32Array(2), [0], 2) };
  const named = (...classNames: string[]) => writeJudgement(folder, two, { classNames });
  await assertRejects(() => named("a"), RangeError, "2 names, one a class, but found 1");
  await assertRejects(() => named("a", "a"), RangeError, '"a" twice');
  assertEquals([...Deno.readDirSync(folder)], []);
});

async function evaluate(args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "-P=compute", "lib/cli/eval.ts", ...args],
    cwd: checkoutRoot(),
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), error: text.decode(stderr) };
}

Deno.test("deno task eval --logits writes charts, metrics and a page that stands alone", async () => {
  const folder = await temporaryFolder({ dir: "/tmp" });
  const put = async (name: string, bytes: Uint8Array) => {
    await Deno.writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const logits = await put("a.npy", Uint8Array.fromBase64(files.exact["fortran.npy"]!));
  const labels = await put("labels.csv", new TextEncoder().encode(files.labelRow.join("\n")));
  const other = await put("b.npz", Uint8Array.fromBase64(files.exact["deflated.npz"]!));
  const held = formula(40, 5, 900);
  const rows = Array.from(
    held.labels,
    (label, i) => [...held.logits.slice(i * 5, i * 5 + 5), label].join(","),
  );
  const calibration = await put(
    "held.csv",
    new TextEncoder().encode(["cat,dog,fox,hen,owl,label", ...rows].join("\n")),
  );
  const names = "cat,dog,fox,hen,<owl>";
  const { code, out, error } = await evaluate([
    ...["--logits", logits, "--labels", labels, "--class-names", names],
    ...["--calibration", calibration, "--compare", other, "--alpha", "0.2"],
  ]);
  assertEquals([code, error.replace(/^.*Warning.*\n/gm, "")], [
    0,
    `${calibration}: its first line is read as a header\n`,
  ]);
  assertStringIncludes(out, "a less b (95 % interval): accuracy 0.00 [0.00, 0.00] points");
  const found = [...Deno.readDirSync(join(folder, "a-eval"))].map(({ name }) => name).sort();
  const charts = [
    "calibration",
    "compared.confusion",
    "confidence_coverage",
    "confusion",
    "per_class",
  ];
  const drawn = charts.flatMap((name) => [`${name}.png`, `${name}.svg`]);
  assertEquals(found, [...drawn, "index.html", "metrics.json"].sort());
  const page = await Deno.readTextFile(join(folder, "a-eval/index.html"));
  assertEquals(pageFindings(page), []);
  for (const part of ["a and b", "&lt;owl&gt;", "Prediction sets", "80 %", labels]) {
    assertStringIncludes(page, part);
  }
  const metrics = JSON.parse(await Deno.readTextFile(join(folder, "a-eval/metrics.json")));
  assertEquals(
    [metrics.schema, metrics.n, metrics.classes, metrics.classNames.length, metrics.files.length],
    [1, 12, 5, 5, 4],
  );
  assertEquals(metrics.comparison.differences.nll, { difference: 0, low: 0, high: 0 });
  assertEquals(metrics.confusion.flat().reduce((a: number, b: number) => a + b), 12);
});

Deno.test("deno task eval --logits ends in one sentence where something is wrong", async () => {
  const folder = await temporaryFolder({ dir: "/tmp" });
  const logits = join(folder, "x.csv");
  await Deno.writeTextFile(logits, "1,2\n3\n");
  const bad = await evaluate(["--logits", logits]);
  assertEquals(bad.code, 1);
  assertStringIncludes(bad.error, `Cannot read the predictions in ${logits}: it has 1 fields`);
  assert(!bad.error.includes("    at "), bad.error);
});
