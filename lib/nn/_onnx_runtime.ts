/** ONNX Runtime as `deno task setup --onnx` installs it, outside the npm packages of the lab. */
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** A tensor of ONNX Runtime: numbers in C order. */
export interface OnnxTensor {
  readonly type: string;
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];
}

/** What a model says of an input or output; -1 stands for a side that is not fixed. */
export interface OnnxValue {
  readonly name: string;
  readonly isTensor: boolean;
  /** 1 is float32. */
  readonly type: number;
  readonly shape: readonly number[];
}

/** A loaded model. Its native part answers at once; the package's own JavaScript only wraps it. */
export interface OnnxSession {
  readonly inputMetadata: readonly OnnxValue[];
  readonly outputMetadata: readonly OnnxValue[];
  loadModel(path: string, options: Readonly<Record<string, unknown>>): void;
  run(
    feeds: Readonly<Record<string, OnnxTensor>>,
    fetches: Readonly<Record<string, null>>,
    options: Readonly<Record<string, never>>,
  ): Record<string, OnnxTensor>;
  dispose(): void;
}

/** What of the runtime is used. */
export interface OnnxRuntime {
  readonly Tensor: new (type: "float32", data: Float32Array, dims: number[]) => OnnxTensor;
  readonly InferenceSession: new () => OnnxSession;
}

interface Binding extends Pick<OnnxRuntime, "InferenceSession"> {
  initOrtOnce(logLevel: number, tensor: OnnxRuntime["Tensor"], isMainThread: boolean): void;
}

const INSTALL = "npx --yes deno@2.9.6 task setup --onnx";
const FOLDER = new URL("../../.cache/onnx/node_modules/", import.meta.url);
const FATAL_ONLY = 4;

/**
 * Loads ONNX Runtime.
 *
 * @throws {Error} In one sentence, if it is not installed or does not run on this machine.
 */
export function onnxRuntime(): OnnxRuntime {
  let folder: string;
  try {
    folder = Deno.realPathSync(fileURLToPath(new URL("onnxruntime-node", FOLDER)));
  } catch (error) {
    throw new Error(
      `ONNX Runtime is not installed. Run this once in the project's folder, then try again: ${INSTALL}`,
      { cause: error },
    );
  }
  try {
    const require = createRequire(`${folder}/package.json`);
    const { Tensor } = require(`${folder}/../onnxruntime-common`);
    const { platform, arch } = process;
    const binding: Binding = require(
      `${folder}/bin/napi-v6/${platform}/${arch}/onnxruntime_binding.node`,
    );
    // Its own warnings would stand between the lines of a notebook; errors are thrown.
    binding.initOrtOnce(FATAL_ONLY, Tensor, true);
    return { Tensor, InferenceSession: binding.InferenceSession };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new Error(
      `ONNX Runtime cannot be loaded on this machine (${reason}). Install it anew: ${INSTALL}`,
      { cause: error },
    );
  }
}
