import { assertAlmostEquals } from "../../lib/assert/mod.ts";

/** Golden values of losses.json. */
export interface LossGoldens {
  readonly crossEntropy: readonly {
    readonly classes: number;
    readonly logits: readonly number[];
    readonly labels: readonly number[];
    readonly plain: LossAndGradient;
    readonly uniform: LossAndGradient;
    readonly uniform3: LossAndGradient;
  }[];
  readonly circle: readonly {
    readonly dimension: number;
    readonly margin: number;
    readonly gamma: number;
    readonly embeddings: readonly number[];
    readonly labels: readonly number[];
    readonly loss: number;
    readonly gradient: readonly number[];
  }[];
  readonly trades: readonly {
    readonly classes: number;
    readonly beta: number;
    readonly clean: readonly number[];
    readonly adversarial: readonly number[];
    readonly labels: readonly number[];
    readonly loss: number;
    readonly gradientClean: readonly number[];
    readonly gradientAdversarial: readonly number[];
  }[];
}

/** Per-sample losses and the gradient of their mean. */
export interface LossAndGradient {
  readonly losses: readonly number[];
  readonly gradient: readonly number[];
}

/** Reads tests/golden/losses.json. */
export async function readLossGoldens(): Promise<LossGoldens> {
  return JSON.parse(await Deno.readTextFile(new URL("../golden/losses.json", import.meta.url)));
}

/** Asserts that two vectors agree entry by entry. */
export function assertVectors(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  for (let index = 0; index < Math.max(actual.length, expected.length); index++) {
    const scale = Math.max(1, Math.abs(expected[index]!));
    assertAlmostEquals(
      actual[index]! / scale,
      expected[index]! / scale,
      tolerance,
      `entry ${index}`,
    );
  }
}
