import type { BindingProbe } from "./binding.ts";

/**
 * The kernel table in use, and what its choice says about this build of TensorFlow.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(kernelAdvice({ kernels: "x86-64", missing: [] }), "kernel table x86-64");
 * ```
 */
export function kernelAdvice(
  { kernels, missing }: Pick<BindingProbe, "kernels" | "missing">,
): string {
  if (missing.length === 0) return `kernel table ${kernels}`;
  return `kernel table ${kernels}: oneDNN's kernels are missing from this build of TensorFlow ` +
    `(${
      missing.join(", ")
    }), so training is slower, on some processors several times; builds for ` +
    `x86-64 from 2.9 on have them`;
}
