/** The configured TensorFlow.js: the only import of tfjs in the project. */
import { setDefault } from "./_environment.ts";
import { REPAIR_COMMAND } from "../files/setup_commands.ts";
import { isGpuBackend } from "./_gpu_backend.ts";
import type * as tfjs from "@tensorflow/tfjs-node";

/** Loads TensorFlow.js while the program runs, so that a damaged file of it is explained. */
async function load(): Promise<typeof tfjs> {
  try {
    return await import("@tensorflow/tfjs-node");
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const reason = text.trim().split("\n").map((line) => line.trim()).join(" ");
    throw new Error(
      `TensorFlow.js or its native part cannot be loaded; a file may be damaged. Run: ${REPAIR_COMMAND} (${reason})`,
      { cause },
    );
  }
}

/** TensorFlow.js with its native backend. */
export const tf: typeof tfjs = await load();

/** The types that go with the value of this name. */
export declare namespace tf {
  /** The identity of a tensor's values. */
  export type DataId = tfjs.DataId;
  /** The name of an element type, e.g. "float32". */
  export type DataType = tfjs.DataType;
  /** A model of layers, e.g. one from `tf.sequential`. */
  export type LayersModel = tfjs.LayersModel;
  /** Keeps tensors of a custom gradient for its backward pass. */
  export type GradSaveFunc = tfjs.GradSaveFunc;
  /** Tensors by name. */
  export type NamedTensorMap = tfjs.NamedTensorMap;
  /** How many axes a tensor has. */
  export type Rank = tfjs.Rank;
  /** The ranks. */
  export namespace Rank {
    /** One axis. */
    export type R1 = tfjs.Rank.R1;
    /** Two axes. */
    export type R2 = tfjs.Rank.R2;
    /** Four axes. */
    export type R4 = tfjs.Rank.R4;
  }
  /** A tensor without axes. */
  export type Scalar = tfjs.Scalar;
  /** A tensor. */
  export type Tensor<R extends Rank = Rank> = tfjs.Tensor<R>;
  /** A tensor with one axis. */
  export type Tensor1D = tfjs.Tensor1D;
  /** A tensor with two axes. */
  export type Tensor2D = tfjs.Tensor2D;
  /** A tensor with three axes. */
  export type Tensor3D = tfjs.Tensor3D;
  /** A tensor with four axes. */
  export type Tensor4D = tfjs.Tensor4D;
  /** A tensor as kernels see it. */
  export type TensorInfo = tfjs.TensorInfo;
  /** A tensor whose values change. */
  export type Variable<R extends Rank = Rank> = tfjs.Variable<R>;
}

if (tf.getBackend() !== "tensorflow") {
  throw new Error(
    `TensorFlow.js chose the backend "${tf.getBackend()}" instead of the native "tensorflow"; ` +
      `the JavaScript backend is far too slow for this lab. Run: ${REPAIR_COMMAND}`,
  );
}

// With this setting, the same seed gives the same bits on a GPU as well. TensorFlow reads it at the first kernel;
// on a CPU it stays unset: the kernels in use there sum in a fixed order anyway.
if (isGpuBackend(tf.backend())) setDefault("TF_DETERMINISTIC_OPS", "1");

// Names for the tensors in public signatures, so that the reference can resolve them.
export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
