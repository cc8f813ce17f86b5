/**
 * Prepares the process for tfjs-node. Must be evaluated before `@tensorflow/tfjs-node`: TensorFlow
 * reads these variables once, when its library is loaded.
 */
import nodeUtil from "node:util";
import { SETUP_COMMAND } from "../files/setup_commands.ts";

/** Sets a variable where the user has not. */
export function setDefault(name: string, value: string): void {
  if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
}

// Start-up lines of TensorFlow would otherwise appear on stderr in every notebook.
setDefault("TF_CPP_MIN_LOG_LEVEL", "3");
// Eager ops run one after another: one scheduling thread, all cores inside each kernel.
setDefault("TF_NUM_INTEROP_THREADS", "1");
setDefault("TF_NUM_INTRAOP_THREADS", String(navigator.hardwareConcurrency));
// A public kernel's name always means that kernel. The lab calls oneDNN's by name where they are faster
// (kernel_table.ts), so this switch of TensorFlow, which would exchange all of them, decides nothing.
Deno.env.set("TF_ENABLE_ONEDNN_OPTS", "0");
// The rest is read only where there is a GPU. tfjs-node puts tensors on the last one and TensorFlow
// runs kernels on the first: one must be all.
setDefault("CUDA_VISIBLE_DEVICES", "0");
// Several processes share a GPU: none may take all of its memory at the start.
setDefault("TF_FORCE_GPU_ALLOW_GROWTH", "true");
// Products in full float32, as on a CPU, instead of factors rounded to 10 bits.
setDefault("NVIDIA_TF32_OVERRIDE", "0");

// Node removed these two functions; tfjs-node 4.22 still calls them.
const legacy = nodeUtil as unknown as Record<string, unknown>;
legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
legacy.isArray ??= Array.isArray;

function bindingIsInstalled(): boolean {
  try {
    const entry = import.meta.resolve("@tensorflow/tfjs-node");
    if (!entry.startsWith("file:")) return true; // no node_modules folder to look into
    const folder = entry.slice(0, entry.indexOf("/dist/"));
    return Deno.statSync(new URL(`${folder}/lib/napi-v8/tfjs_binding.node`)).isFile;
  } catch {
    return false;
  }
}

if (!bindingIsInstalled()) {
  throw new Error(
    `TensorFlow's native part is not installed yet. Run this once in the project's folder, then try again: ${SETUP_COMMAND}`,
  );
}
