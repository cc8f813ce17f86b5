import type { Row } from "./result.ts";

/**
 * The lowest and the highest ratio of a row's rounds.
 *
 * @returns `null` without another side.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const rounds = [{ ours: 6, theirs: 3 }, { ours: 5, theirs: 5 }];
 * assertEquals(ratioRange({ unit: "images/s", rounds }), [1, 2]);
 * assertEquals(ratioRange({ unit: "s", rounds }), [0.5, 1]);
 * ```
 */
export function ratioRange(
  { unit, rounds }: Pick<Row, "unit" | "rounds">,
): [number, number] | null {
  const ratios = rounds.flatMap(({ ours, theirs }) =>
    theirs === null ? [] : [unit === "s" ? theirs / ours : ours / theirs]
  );
  return ratios.length === 0 ? null : [Math.min(...ratios), Math.max(...ratios)];
}
