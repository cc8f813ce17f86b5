import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The WebAssembly module of TensorFlow.js's backend, for processors with SIMD. */
export async function wasmModule(): Promise<Uint8Array<ArrayBuffer>> {
  const entry = fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  return await Deno.readFile(join(dirname(entry), "tfjs-backend-wasm-simd.wasm"));
}
