/** What the runs of a report allow to say: sentences computed from their results. */
import { compareAccuracy, compareMetric, compareRobustness } from "../views/compare.ts";
import type { RunRecord } from "../records/record.ts";
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
  const both = (first: string, second: string) =>
    seedsOf(first).length > 0 && seedsOf(second).length > 0
      ? [seedsOf(first), seedsOf(second)] as const
      : undefined;
  const found: (Statement | undefined)[] = [];
  for (const id of ["svhn-no-bn", "svhn-adam", "svhn-augment", "svhn-flips"]) {
    const pair = both(id, "svhn-baseline");
    if (pair) found.push(await compareAccuracy(pair[0], pair[1]));
  }
  const directions = both("svhn-baseline", "mnist-train");
  if (directions) found.push(transferStatement(directions[0], directions[1]));
  for (const id of ["cifar-fgsm-at", "cifar-pgd-at", "cifar-circle"]) {
    const pair = both(id, "cifar-base");
    if (!pair) continue;
    found.push(await compareAccuracy(pair[0], pair[1]), compareRobustness(pair[0], pair[1]));
  }
  const smoothed = both("svhn-ls", "svhn-baseline");
  if (smoothed) {
    found.push(
      await compareMetric(smoothed[0], smoothed[1], "ece"),
      await compareMetric(smoothed[0], smoothed[1], "aurc"),
    );
  }
  return found.filter((statement) => statement !== undefined);
}
