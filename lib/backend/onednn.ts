/**
 * oneDNN's own kernels. TensorFlow's graph optimiser puts them where a model uses the public ones;
 * eager calls get some of them that way too, but not max pooling, whose forward pass must hand a
 * workspace to the gradient. They can be called by name where this build of TensorFlow has them:
 * 2.9 and later on x86-64.
 */
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
