/** How a chart shows attack budgets: 255ths of the pixel range, or lengths in L2. */
import { requireOneOf } from "../arguments/require.ts";
import { epsilonText, in255 } from "../format/epsilon.ts";

/** The norm of a budget. */
export type BudgetNorm = "linf" | "l2";

/** Where budgets stand on an axis, and how they are written. */
export interface BudgetScale {
  /** A budget's place on the axis. */
  place(epsilon: number): number;
  /** A budget, or a place on the axis, in a sentence. */
  text(epsilon: number): string;
  placeText(place: number): string;
  /** Follows the name of an axis, e.g. "(/255)". */
  readonly unit: string;
  /** What a budget bounds. */
  readonly change: string;
  /** Says of a list of places what they are. */
  readonly note: string;
}

const rounded = (length: number) => Number(length.toPrecision(4));
const scales: Readonly<Record<BudgetNorm, BudgetScale>> = {
  linf: {
    place: in255,
    text: epsilonText,
    placeText: (place) => `${place}/255`,
    unit: "(/255)",
    change: "Largest change of a pixel",
    note: "epsilon in 255ths",
  },
  l2: {
    place: rounded,
    text: (epsilon) => `L2 ${rounded(epsilon)}`,
    placeText: (place) => `L2 ${place}`,
    unit: "(L2, pixel range 1)",
    change: "Length of the change of an image",
    note: "epsilon as length in L2",
  },
};

/** The scale of a norm. */
export function budgetScale(norm: BudgetNorm = "linf"): BudgetScale {
  requireOneOf("norm", norm, ["linf", "l2"]);
  return scales[norm];
}

/**
 * The norm that all rows of a chart have: budgets in different norms have no common axis.
 *
 * @param rows Without a norm a row is in linf, as `attackSweep` writes it.
 * @throws {RangeError} If the norms differ.
 */
export function commonNorm(
  rows: readonly { readonly norm?: BudgetNorm | undefined }[],
): BudgetNorm {
  const norms = [...new Set(rows.map(({ norm = "linf" }) => norm))];
  if (norms.length > 1) {
    throw new RangeError(
      `Expected all rows to be in one norm but found ${norms.join(" and ")}; draw a chart for each`,
    );
  }
  return norms[0]!;
}
