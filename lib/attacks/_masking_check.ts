import { percent } from "../format/percent.ts";

/** One sanity check. */
export interface MaskingCheck {
  /** What should hold, e.g. "a larger epsilon does not help the model". */
  readonly name: string;
  /** Whether it holds; `false` hints at a masked gradient. */
  readonly passed: boolean;
  /** The values, and where the check failed what it means and what to do. */
  readonly detail: string;
}

/** "A is at most B" within the tolerance, with both values and a remedy where it fails. */
export function atMost(
  name: string,
  [leftName, left]: readonly [string, number],
  [rightName, right]: readonly [string, number],
  tolerance: number,
  remedy: string,
): MaskingCheck {
  const passed = left <= right + tolerance;
  const found = `accuracy ${percent(left)} under ${leftName}, ${percent(right)} under ${rightName}`;
  return { name, passed, detail: passed ? found : `${found}. ${remedy}` };
}
