/** What became of predictions that were written down before the runs. */
import { requireList, requireParts } from "../../arguments/require.ts";
import { points } from "../../format/percent.ts";
import { signed } from "../../format/signed.ts";
import { holmAdjusted } from "../../metrics/holm_adjusted.ts";
import { pText, type Statement, type StatementNumbers } from "./statement.ts";
import { buildTable, type Table } from "./table.ts";

/** Statements of one set of runs. */
export interface Findings {
  /** E.g. "This run" or "Published". */
  readonly title: string;
  /** Statements of which those made by `predicted` are shown. */
  readonly statements: readonly Statement[];
}

function inUnit(value: number, unit: StatementNumbers["unit"]): string {
  return signed(
    Number(unit === "percent" ? points(value, 1) : value.toFixed(4)),
    unit === "percent" ? 1 : 4,
    true,
  );
}

/** Of one prediction in one set of runs. */
interface Cell {
  readonly fate: string;
  readonly difference: string;
  readonly pValue: string;
}

function seedsText(seeds: StatementNumbers["seeds"]): string {
  if (seeds === undefined) return "";
  return seeds.length === 1 ? `; images of seed ${seeds[0]}` : `; n = ${seeds.length} seeds`;
}

function cellsOf(statements: readonly Statement[]): Map<string, Cell> {
  const judged = statements.filter(({ prediction }) => prediction !== undefined);
  const tested = judged.filter(({ numbers }) => numbers?.pValue !== undefined);
  const adjusted = holmAdjusted(tested.map(({ numbers }) => numbers!.pValue!));
  return new Map(judged.map((one) => {
    const { numbers, prediction } = one;
    const p = adjusted[tested.indexOf(one)];
    const difference = numbers === undefined
      ? "–"
      : `${inUnit(numbers.difference, numbers.unit)} ` +
        `[${inUnit(numbers.low, numbers.unit)}, ${inUnit(numbers.high, numbers.unit)}]` +
        `${numbers.unit === "percent" ? " points" : ""}${seedsText(numbers.seeds)}`;
    const pValue = p === undefined ? "–" : pText(p);
    return [prediction!.name, { fate: prediction!.fate, difference, pValue }];
  }));
}

/**
 * One row a prediction, and for each set of runs what became of it: the difference that it is about
 * with its 95 % interval, and the p-value adjusted by Holm for the predictions of that set, which are
 * read together.
 *
 * @param findings E.g. of this run and of the published ones; both make the same predictions.
 * @param texts What was predicted in words, by name, e.g. { P1: "the temperature lowers the ECE" }.
 * @returns A table; statements without a prediction are left out.
 * @throws {TypeError} If an argument is of another type.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predicted, statement } from "./statement.ts";
 * const found = statement({ label: "a", correct: 90, n: 100 }, { label: "b", correct: 50, n: 100 });
 * const table = predictionTable([{ title: "This run", statements: [predicted("P1", "higher", found)] }]);
 * assertEquals(table.rows[0]!.slice(0, 3), ["P1", "higher", "held"]);
 * ```
 */
export function predictionTable(
  findings: readonly Findings[],
  texts: Readonly<Record<string, string>> = {},
): Table {
  requireList("findings", findings);
  findings.forEach((one, k) =>
    requireParts(`findings[${k}]`, one, "findings", ["title", "statements"])
  );
  const cells = findings.map(({ statements }) => cellsOf(statements));
  const predictions = new Map(
    findings.flatMap(({ statements }) => statements.flatMap(({ prediction }) => prediction ?? []))
      .map(({ name, expected }) => [name, expected]),
  );
  const column = (key: string, title: string, value: (name: string) => string) =>
    ({ key, title, kind: "text", value }) as const;
  return buildTable<string>(
    "Each prediction with the difference that it is about, the first side less the second, its 95 % " +
      "interval, and p adjusted by Holm for all predictions of the same runs. With one seed a " +
      "verdict is about that seed's images.",
    [
      column("prediction", "Prediction", (name) => texts[name] ? `${name}: ${texts[name]}` : name),
      column("expected", "Predicted", (name) => predictions.get(name)!),
      ...findings.flatMap(({ title }, k) => [
        column(`fate_${k}`, title, (name) => cells[k]!.get(name)?.fate ?? "–"),
        column(
          `difference_${k}`,
          `${title}: difference`,
          (name) => cells[k]!.get(name)?.difference ?? "–",
        ),
        column(`p_${k}`, `${title}: p (Holm)`, (name) => cells[k]!.get(name)?.pValue ?? "–"),
      ]),
    ],
    [...predictions.keys()].map((name) => [name]),
  );
}
