import { requireInteger } from "../arguments/require.ts";

/**
 * Requires per-image results: at least one, each 0 or 1, and as many as `length` where it is given.
 *
 * @throws {RangeError} If they are not.
 */
export function requireCorrect(name: string, correct: ArrayLike<number>, length?: number): void {
  requireInteger(`${name}.length`, correct.length, { min: 1 });
  if (length !== undefined && correct.length !== length) {
    throw new RangeError(
      `Expected ${name} to cover the same ${length} images but found ${correct.length}`,
    );
  }
  for (let i = 0; i < correct.length; i++) {
    if (correct[i] !== 0 && correct[i] !== 1) {
      throw new RangeError(`Expected ${name}[${i}] to be 0 or 1 but found ${correct[i]}`);
    }
  }
}

/** The share of ones among `correct`. */
export function shareOfOnes(correct: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < correct.length; i++) sum += correct[i]!;
  return sum / correct.length;
}
