/** What the runs of a report allow to say: sentences computed from their results. */
import { compareAccuracy, compareMetric, compareRobustness } from "../views/comparisons.ts";
import type { RunRecord } from "../records/record.ts";
import { idsShownIn, type Place, rowOf } from "../specs/matrix.ts";
import { differenceStatement, newcombeInterval, type Statement } from "../views/statement.ts";

/** The accuracy on the other digits, both directions against each other, of the first seeds. */
function transferStatement(
  [svhn, ...more]: readonly RunRecord[],
  [mnist, ...others]: readonly RunRecord[],
): Statement | undefined {
  if (svhn === undefined || mnist === undefined) return undefined;
  const there = svhn.evaluations.get("mnist-test");
  const back = mnist.evaluations.get("svhn-test");
  if (there === undefined || back === undefined) return undefined;
  const counts = ({ accuracy, n }: { readonly accuracy: number; readonly n: number }) => ({
    correct: Math.round(accuracy * n),
    n,
  });
  const seeds = more.length + others.length === 0
    ? ""
    : `, seed ${svhn.seed} against seed ${mnist.seed}`;
  return differenceStatement({
    first: { label: "SVHN → MNIST", value: there.accuracy },
    second: { label: "MNIST → SVHN", value: back.accuracy },
    ...newcombeInterval(counts(there), counts(back)),
    what: `accuracy on the other digits without training on them${seeds}`,
    unit: "percent",
  });
}

/**
 * The comparisons behind the report's conclusion; those whose runs are missing are left out.
 *
 * @param runs Of one profile.
 */
export async function conclusions(runs: readonly RunRecord[]): Promise<Statement[]> {
  const seedsOf = (id: string) => runs.filter((run) => run.id === id);
  /** The runs that a part of the conclusion is about, each with its baseline. */
  const pairs = (place: Place) =>
    idsShownIn(place).map((id) => [seedsOf(id), seedsOf(rowOf(id)?.baseline ?? "")] as const)
      .filter((pair) => pair.every(({ length }) => length > 0));
  const found: (Statement | undefined)[] = [];
  for (const [changed, baseline] of pairs("conclusion_accuracy")) {
    found.push(await compareAccuracy(changed, baseline));
  }
  found.push(transferStatement(seedsOf("svhn-baseline"), seedsOf("mnist-train")));
  for (const [changed, baseline] of pairs("conclusion_robustness")) {
    found.push(await compareAccuracy(changed, baseline), compareRobustness(changed, baseline));
  }
  for (const [changed, baseline] of pairs("conclusion_calibration")) {
    found.push(
      await compareMetric(changed, baseline, "ece"),
      await compareMetric(changed, baseline, "aurc"),
    );
  }
  return found.filter((statement) => statement !== undefined);
}
