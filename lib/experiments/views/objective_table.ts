import { type ObjectiveWeights, unifiedObjective } from "../../metrics/unified_objective.ts";
import type { RunRecord } from "../records/record.ts";
import { describeRuns, groupBySeed, requireRuns } from "../records/run_groups.ts";
import type { Column, Table } from "./table.ts";
import { runTable } from "./run_table.ts";
import { epsilonText } from "../../format/epsilon.ts";
import { attackResult } from "./robustness_table.ts";

/** The parts of J that a run has measured. */
function partsOf(run: RunRecord) {
  const { accuracy, ece, epsilon } = run.metrics;
  const robust = attackResult(run, "pgd", epsilon)?.accuracy;
  const { transferTo } = run.config.spec.evaluation;
  const domain = transferTo && run.evaluations.get(`${transferTo}-test`)?.domain;
  return {
    risk: 1 - accuracy,
    robustRisk: robust === undefined ? undefined : 1 - robust,
    calibrationError: ece,
    domainGap: domain ? domain.targetRisk - domain.sourceRisk : undefined,
  };
}

/**
 * The unified objective J (eq. 8) of all runs with the weights stated. The domain gap is measured
 * for digits only: CIFAR-10 has no second domain here, so J values compare within a dataset.
 *
 * @param runs Of one profile; several seeds of an id become mean ± sd.
 * @param weights Of the parts; each defaults to 1.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 */
export function objectiveTable(
  runs: readonly RunRecord[],
  weights: ObjectiveWeights = {},
): Table {
  requireRuns("runs", runs);
  const used = { robustRisk: 1, calibrationError: 1, domainGap: 1, ...weights };
  const total = (run: RunRecord) => {
    const parts = partsOf(run);
    // A part that was not measured has no weight, and its cell says so.
    return unifiedObjective(parts, {
      robustRisk: parts.robustRisk === undefined ? 0 : used.robustRisk,
      calibrationError: used.calibrationError,
      domainGap: parts.domainGap === undefined ? 0 : used.domainGap,
    }).total;
  };
  const part = (
    key: string,
    title: string,
    value: (parts: ReturnType<typeof partsOf>) => number | undefined,
  ): Column<RunRecord> => ({ key, title, kind: "number", value: (run) => value(partsOf(run)) });
  const epsilon = epsilonText(runs[0]?.metrics.epsilon ?? 0);
  const caption =
    `J = R + ${used.robustRisk} × R_PGD(${epsilon}) + ${used.calibrationError} × ECE + ` +
    `${used.domainGap} × (R_t − R_s); "–" was not measured and has no part in J, so compare J only ` +
    `between runs with the same parts. `;
  return runTable(
    caption + describeRuns(runs),
    [
      { key: "run", title: "Run", kind: "text", value: (run) => run.id },
      { key: "dataset", title: "Data", kind: "text", value: (run) => run.metrics.dataset },
      part("risk", "R", ({ risk }) => risk),
      part("robust_risk", "R under PGD", ({ robustRisk }) => robustRisk),
      part("calibration_error", "ECE", ({ calibrationError }) => calibrationError),
      part("domain_gap", "R_t − R_s", ({ domainGap }) => domainGap),
      { key: "objective", title: "J", kind: "number", compared: true, value: total },
    ],
    groupBySeed(runs),
    { run: (run) => run },
  );
}
