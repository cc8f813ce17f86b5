import { evaluationOf, type RunRecord } from "../records/record.ts";
import { describeRuns, requireRun } from "../records/run_groups.ts";
import { buildTable, type Table } from "./table.ts";

/**
 * The risk by classes, R = sum over k of p(y = k) R_k, from the confusion matrix of a run: which
 * classes make the error.
 *
 * @param run A finished run.
 * @param name The evaluation, `<dataset>-<split>`. Default: the run's own test split.
 * @throws {RangeError} If the run has no such evaluation.
 */
export function classRiskTable(run: RunRecord, name?: string): Table {
  requireRun("run", run);
  const evaluation = evaluationOf(run, name);
  const { confusion, classNames, n } = evaluation;
  const classes = confusion.map((row, k) => {
    const count = row.reduce((sum, one) => sum + one, 0);
    const wrong = count - row[k]!;
    return { name: classNames[k] ?? String(k), count, wrong };
  });
  const risk = classes.reduce((sum, { wrong }) => sum + wrong, 0) / n;
  const caption = `Risk by class on ${evaluation.name}: R = Σ p(y = k) R_k = ${risk.toFixed(4)}. ` +
    `${run.id}: ${describeRuns([run])}`;
  return buildTable(caption, [
    { key: "class", title: "Class", kind: "text", value: (one) => one.name },
    { key: "images", title: "n", kind: "count", value: (one) => one.count },
    { key: "prior", title: "p(y = k)", kind: "number", value: (one) => one.count / n },
    { key: "risk", title: "R_k", kind: "number", value: (one) => one.wrong / one.count },
    { key: "contribution", title: "p(y = k) R_k", kind: "number", value: (one) => one.wrong / n },
    {
      key: "share_of_risk",
      title: "Share of R %",
      kind: "percent",
      value: (one) => (risk === 0 ? null : one.wrong / n / risk),
    },
  ], classes.map((one) => [one]));
}
