import type { Evaluation } from "../records/evaluation.ts";
import type { RunRecord } from "../records/record.ts";
import { describeRuns, groupBySeed, requireRuns } from "../records/run_groups.ts";
import { buildTable, type Column, type Table } from "./table.ts";
import { runTable } from "./run_table.ts";

/** One run seen on the images of another domain. */
interface Transfer {
  readonly run: RunRecord;
  readonly target: Evaluation;
}

function targetOf(run: RunRecord): Transfer | undefined {
  const { transferTo } = run.config.spec.evaluation;
  const target = transferTo && run.evaluations.get(`${transferTo}-test`);
  return target ? { run, target } : undefined;
}

/** The runs that were evaluated on another domain too. */
export function hasTransfer(run: RunRecord): boolean {
  return targetOf(run) !== undefined;
}

const columns: readonly Column<Transfer>[] = [
  { key: "run", title: "Run", kind: "text", value: ({ run }) => run.id },
  {
    key: "direction",
    title: "Direction",
    kind: "text",
    value: ({ run, target }) => `${run.config.spec.dataset} → ${target.dataset}`,
  },
  {
    key: "source_accuracy",
    title: "Source %",
    kind: "percent",
    value: ({ run }) => run.metrics.accuracy,
    interval: ({ run }) => run.metrics.accuracyInterval,
  },
  { key: "source_images", title: "n", kind: "count", value: ({ run }) => run.metrics.n },
  {
    key: "target_accuracy",
    title: "Target %",
    kind: "percent",
    compared: true,
    value: ({ target }) => target.accuracy,
    interval: ({ target }) => target.accuracyInterval,
  },
  { key: "target_images", title: "n", kind: "count", value: ({ target }) => target.n },
  {
    key: "accuracy_drop",
    title: "Drop",
    kind: "percent",
    value: ({ run, target }) => run.metrics.accuracy - target.accuracy,
  },
  {
    key: "adapted_accuracy",
    title: "Target %, AdaBN",
    kind: "percent",
    value: ({ target }) => target.adapted?.accuracy,
    interval: ({ target }) => target.adapted,
  },
  {
    key: "target_ece",
    title: "Target ECE %",
    kind: "percent",
    value: ({ target }) => target.ece,
  },
  {
    key: "proxy_a_distance",
    title: "Proxy d_A",
    kind: "number",
    digits: 3,
    value: ({ target }) => target.domain?.proxyADistance,
  },
];

function table(runs: readonly RunRecord[], caption: string, chosen: typeof columns): Table {
  const groups = groupBySeed(runs).map((group) => group.map(targetOf).filter((one) => !!one));
  const empty = groups.findIndex((group) => group.length === 0);
  if (empty >= 0) {
    throw new RangeError(
      `Expected runs that were evaluated on another domain but found ${runs[empty]!.id}, ` +
        `which was not`,
    );
  }
  const targets = [...new Set(groups.flat().map(({ target }) => target.description))].join("; ");
  return runTable(`${caption} ${describeRuns(runs)} Targets: ${targets}.`, chosen, groups, {
    run: ({ run }) => run,
  });
}

/**
 * Table III: accuracy on the training domain and on the other digits. AdaBN re-estimates batch
 * norm's statistics on unlabelled target images (Li et al. 2016).
 *
 * @param runs Runs with a transfer evaluation, of one profile.
 * @throws {RangeError} If one has none, there is no run, or profiles or kinds of data are mixed.
 */
export function crossDomainTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  return table(runs, "Accuracy across domains, without any training on the target.", columns);
}

/** The table of a report in which no run was evaluated on another domain: its heading alone. */
export function emptyCrossDomainTable(): Table {
  return buildTable("No run was evaluated on another domain.", columns, []);
}

const domainColumns: readonly Column<Transfer>[] = [
  ...columns.slice(0, 2),
  {
    key: "source_risk",
    title: "R_s",
    kind: "number",
    value: ({ target }) => target.domain?.sourceRisk,
  },
  {
    key: "risk_gap",
    title: "R_t − R_s",
    kind: "number",
    compared: true,
    value: ({ target }) => target.domain && target.domain.targetRisk - target.domain.sourceRisk,
  },
  {
    key: "target_risk",
    title: "R_t",
    kind: "number",
    value: ({ target }) => target.domain?.targetRisk,
  },
  {
    key: "half_proxy_a_distance",
    title: "d_A / 2",
    kind: "number",
    value: ({ target }) => target.domain && target.domain.proxyADistance / 2,
  },
  {
    key: "bound_without_joint_error",
    title: "R_s + d_A / 2",
    kind: "number",
    value: ({ target: { domain } }) => domain && domain.sourceRisk + domain.proxyADistance / 2,
  },
];

/**
 * The risk decomposition R_t = R_s + (R_t − R_s) beside the estimated divergence of the bound
 * R_t <= R_s + d / 2 + lambda (Ben-David et al. 2010). The bound's third term, the error of the best
 * joint classifier, cannot be measured here, and a linear domain classifier underestimates d.
 *
 * @throws {RangeError} As {@linkcode crossDomainTable}.
 */
export function domainTable(runs: readonly RunRecord[]): Table {
  requireRuns("runs", runs);
  return table(runs, "Risk on source and target, and the divergence between them.", domainColumns);
}
