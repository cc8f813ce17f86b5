/** Attacks on one image, with a pause after each step so that the page stays alive. */
import { fgsm } from "../attacks/fgsm.ts";
import { randomNoise } from "../attacks/noise.ts";
import { pgdSteps } from "../attacks/pgd_steps.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import type { OpenNetwork } from "./_network.ts";

/** What the reader chose. */
export interface AttackChoice {
  readonly attack: "pgd" | "fgsm" | "noise";
  readonly norm: "linf" | "l2";
  /** In pixel units. */
  readonly epsilon: number;
  readonly steps: number;
  readonly seed: number;
  /** A class to reach; undefined: any other than `label`. */
  readonly target?: number | undefined;
  /** The class that is right. */
  readonly label: number;
}

/** Thrown in place of a result that nobody waits for any more. */
export class Superseded extends Error {}

/** Lets the browser draw and hear; throws if the work was called off meanwhile. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  if (signal.aborted) throw new Superseded();
}

function* points(model: Classifier, x: tf.Tensor4D, choice: AttackChoice): Generator<tf.Tensor4D> {
  const { attack, norm, epsilon, steps, seed, target, label } = choice;
  const targeted = target !== undefined;
  if (epsilon === 0) return yield x.clone();
  if (attack === "noise") return yield randomNoise(x, { epsilon, norm, seed });
  const y = tf.tensor1d([target ?? label], "int32");
  try {
    if (attack === "fgsm") yield fgsm(model, x, y, { epsilon, norm, targeted });
    else yield* pgdSteps(model, x, y, { epsilon, steps, norm, targeted, seed });
  } finally {
    y.dispose();
  }
}

/**
 * Attacks an image.
 *
 * @param onPoint Sees each point on the way, with the share of the work that is done.
 * @returns An owned tensor.
 * @throws {Superseded} Once the signal is aborted.
 */
export async function attackImage(
  { model }: OpenNetwork,
  x: tf.Tensor4D,
  choice: AttackChoice,
  { signal, onPoint }: {
    readonly signal: AbortSignal;
    readonly onPoint: (point: tf.Tensor4D, done: number) => void;
  },
): Promise<tf.Tensor4D> {
  const total = choice.attack === "pgd" && choice.epsilon > 0 ? choice.steps : 0;
  let last: tf.Tensor4D | undefined;
  let step = 0;
  const walk = points(model, x, choice);
  try {
    for (let next = walk.next(); !next.done; next = walk.next()) {
      last?.dispose();
      last = next.value;
      onPoint(last, total === 0 ? 1 : step++ / total);
      await breathe(signal);
    }
    return last!;
  } catch (error) {
    last?.dispose();
    throw error;
  } finally {
    walk.return(undefined);
  }
}

/** Whether an answer is what the attack wants. */
export function isFooled(answer: number, { target, label }: AttackChoice): boolean {
  return target === undefined ? answer !== label : answer === target;
}

/** Halvings after the first budget that fools: the answer is then known within 1.6 %. */
const HALVINGS = 6;
/** Budgets are doubled up to here, in pixel units. */
const LARGEST = { linf: 0.5, l2: 8 } as const;
const SMALLEST = { linf: 0.5 / 255, l2: 0.05 } as const;

/** The budgets that bound the smallest one with which this attack fools a network. */
export interface SmallestBudget {
  /** The largest that was tried without success; 0 if none. */
  readonly stands: number;
  /** The smallest that fools; undefined if none does. */
  readonly falls: number | undefined;
}

/**
 * Looks for the smallest budget that fools a network: doubles it until it does, then halves between.
 * A weak attack finds a larger budget, so the true one is at most this.
 */
export async function smallestBudget(
  network: OpenNetwork,
  x: tf.Tensor4D,
  choice: AttackChoice,
  { signal, onBudget }: {
    readonly signal: AbortSignal;
    readonly onBudget: (epsilon: number, done: number) => void;
  },
): Promise<SmallestBudget> {
  const { norm } = choice;
  const most = Math.log2(LARGEST[norm] / SMALLEST[norm]) + 1 + HALVINGS;
  let tried = 0;
  const fools = async (epsilon: number) => {
    onBudget(epsilon, Math.min(tried++ / most, 1));
    const ignore = { signal, onPoint: () => {} };
    const found = await attackImage(network, x, { ...choice, epsilon }, ignore);
    const { label } = network.ask(found);
    found.dispose();
    return isFooled(label, choice);
  };
  let [stands, falls] = [0, SMALLEST[norm] as number];
  if (isFooled(network.ask(x).label, choice)) return { stands: 0, falls: 0 };
  while (!await fools(falls)) {
    [stands, falls] = [falls, 2 * falls];
    if (falls > LARGEST[norm]) return { stands, falls: undefined };
  }
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (stands + falls) / 2;
    if (await fools(middle)) falls = middle;
    else stands = middle;
  }
  return { stands, falls };
}
