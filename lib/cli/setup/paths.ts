import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where set-up keeps its things. All lie inside the project and are ignored by git. */
export interface SetupPaths {
  /** The project's folder. */
  readonly root: string;
  /** Stamps, the lock, downloads in progress. */
  readonly state: string;
  /** TensorFlow's libraries and the compiled binding, one folder for each way of getting them. */
  readonly tensorflow: string;
  /** ONNX Runtime, where it is asked for. */
  readonly onnx: string;
  /** The project's own Python environment. */
  readonly venv: string;
  /** Its interpreter. */
  readonly python: string;
  /** The Deno that the notebooks' kernel runs on. */
  readonly kernelDeno: string;
  /** The folder of the kernel's description. */
  readonly kernel: string;
  /** The installed package `@tensorflow/tfjs-node`. */
  readonly tfjsNode: string;
}

/** The packages of ONNX Runtime, and their checksums. */
export const ONNX_PACKAGES: string = fileURLToPath(
  new URL("./onnx/packages.json", import.meta.url),
);
/** Their lock file. */
export const ONNX_LOCK: string = fileURLToPath(
  new URL("./onnx/packages.lock.json", import.meta.url),
);

/**
 * The paths of a project.
 *
 * @param root Default the checkout that holds this file.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(setupPaths("/p").venv, "/p/.venv");
 * ```
 */
export function setupPaths(
  root: string = fileURLToPath(new URL("../../../", import.meta.url)).replace(/[/\\]$/, ""),
): SetupPaths {
  const venv = join(root, ".venv");
  return {
    root,
    state: join(root, ".cache", "setup"),
    tensorflow: join(root, ".cache", "tensorflow"),
    onnx: join(root, ".cache", "onnx"),
    venv,
    python: join(venv, "bin", "python"),
    kernelDeno: join(venv, "bin", "deno"),
    kernel: join(venv, "share", "jupyter", "kernels", "deno"),
    tfjsNode: join(root, "node_modules", "@tensorflow", "tfjs-node"),
  };
}
