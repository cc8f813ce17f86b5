/** What each run of the matrix is compared with. */

const baselines = ["svhn-baseline", "cifar-base", "mnist-train"] as const;

/**
 * The run against which a run's change is judged: the baseline of its dataset, and for a network
 * that starts from MNIST's weights the one trained from scratch on as many street digits.
 *
 * @param id A run's id.
 * @returns `undefined` for a baseline itself and for an id that is none of the matrix'.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(
 *   ["svhn-ls", "cifar-circle-w1", "mnist-pretrained", "mnist-to-svhn-probe-n250"].map(baselineOf),
 *   ["svhn-baseline", "cifar-base", "mnist-train", "mnist-to-svhn-scratch-n250"],
 * );
 * assertEquals(baselineOf("svhn-baseline"), undefined);
 * ```
 */
export function baselineOf(id: string): string | undefined {
  const [, method, size] = /^mnist-to-svhn-([a-z]+)(-n\d+)?$/.exec(id) ?? [];
  if (method !== undefined) {
    return method === "scratch" ? undefined : `mnist-to-svhn-scratch${size ?? ""}`;
  }
  const baseline = baselines.find((one) => one.split("-")[0] === id.split("-")[0]);
  return baseline === id ? undefined : baseline;
}
