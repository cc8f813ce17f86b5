/**
 * oneDNN's own kernels. TensorFlow's graph optimiser puts them where a model uses the public ones;
 * eager calls get some of them that way too, but not max pooling, whose forward pass must hand a
 * workspace to the gradient. They can be called by name where this build of TensorFlow has them:
 * 2.9 and later on x86-64.
 */
import { ONEDNN_VARIABLE } from "./_environment.ts";
import { tf } from "./tf.ts";
import { type Attribute, attribute, nativeOps } from "./native_op.ts";

/** Marks a call as one that the graph optimiser could have made; oneDNN's kernels want it. */
const REWRITTEN = "MklNameChangeOp";

/** Runs one of oneDNN's kernels. */
export function oneDnnOps(
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly tf.TensorInfo[],
  outputs: number,
): tf.Tensor[] {
  const rewritten = [...attributes, attribute.string("_kernel", REWRITTEN)];
  return nativeOps(`_MklNative${name}`, rewritten, inputs, outputs);
}

/** Whether this build of TensorFlow has what `call` calls. */
export function isAvailable(call: () => unknown): boolean {
  try {
    tf.tidy(() => {
      call();
    });
    return true;
  } catch {
    return false; // an unregistered kernel; every caller has a public kernel for the same function
  }
}

/**
 * Whether TensorFlow's kernels on the CPU are oneDNN's: it is built in on x86-64, and the lab switches
 * it on (`environment.ts`) unless `TF_ENABLE_ONEDNN_OPTS` is 0. Its sums have another order, so the
 * last digits of a result depend on it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(typeof usesOneDnn(), "boolean");
 * ```
 */
export function usesOneDnn(): boolean {
  const choice = Deno.env.get(ONEDNN_VARIABLE) ?? "";
  return Deno.build.arch === "x86_64" && /^(1|true)$/i.test(choice); // as TensorFlow reads it
}
