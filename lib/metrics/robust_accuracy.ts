import { requireInteger, requireList } from "../arguments/require.ts";
import { requireCorrect, shareOfOnes } from "./_correct.ts";

/**
 * Per-image worst case over attacks: an image counts as right only if it withstood every one.
 *
 * @param attacks One array per attack, each N times 1 (predicted right) or 0, on the same images.
 * @returns N times 1 or 0.
 * @throws {RangeError} If there is no attack, N differs between attacks, or a value is not 0 or 1.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([...worstCaseCorrect([[1, 1, 0], [1, 0, 1]])], [1, 0, 0]);
 * ```
 */
export function worstCaseCorrect(attacks: readonly ArrayLike<number>[]): Uint8Array {
  requireList("attacks", attacks);
  requireInteger("attacks.length", attacks.length, { min: 1 });
  const n = attacks[0]!.length;
  const worst = new Uint8Array(n).fill(1);
  for (const [a, correct] of attacks.entries()) {
    requireCorrect(`attacks[${a}]`, correct, n);
    for (let i = 0; i < n; i++) worst[i]! &= correct[i]!;
  }
  return worst;
}

/**
 * Accuracy under attack: of one attack, or of the worst case per image over several.
 *
 * @param attacks One array per attack, each N times 1 (predicted right) or 0, on the same images.
 * @returns A fraction in [0, 1], at most that of any one of the attacks.
 * @throws {RangeError} If there is no attack, N differs between attacks, or a value is not 0 or 1.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(robustAccuracy([[1, 1, 0, 1]]), 0.75);
 * assertEquals(robustAccuracy([[1, 1, 0, 1], [1, 0, 0, 1]]), 0.5);
 * ```
 */
export function robustAccuracy(attacks: readonly ArrayLike<number>[]): number {
  return shareOfOnes(worstCaseCorrect(attacks));
}
