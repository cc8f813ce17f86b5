/** The device that kernels run on, and what follows from it. */
import { isGpuBackend } from "./_gpu_backend.ts";
import { tf } from "./tf.ts";

/**
 * Whether kernels run on a GPU: there is one, and TensorFlow's library was built for it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(typeof usesGpu(), "boolean");
 * ```
 */
export function usesGpu(): boolean {
  return isGpuBackend(tf.backend());
}

/**
 * The forms of the lab's operations: "tuned" ones, which were measured to be faster on a CPU and
 * partly exist there only, or "plain" calls of TensorFlow's public kernels. Both compute the same
 * function up to rounding.
 */
export type Kernels = "tuned" | "plain";

/** The forms that suit the device: the one place where that is decided. */
export function kernelsInUse(): Kernels {
  return usesGpu() ? "plain" : "tuned";
}

/**
 * Waits until the device has done all that it was asked for. A GPU's kernels go on after their call
 * returns; a CPU's are done by then, and this does nothing.
 */
export function waitForDevice(): void {
  if (!usesGpu()) return;
  tf.tidy(() => void tf.add(tf.scalar(0), 0).dataSync()); // a copy back waits for all before it
}
