/** The backends of TensorFlow.js that a page can compute on. */
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";

/** In the order of preference. */
export const BACKENDS = ["webgpu", "webgl", "wasm"] as const;
/** @internal */
export type BackendName = typeof BACKENDS[number];

/** The parts of WebGPU that are asked here; not every TypeScript knows them. */
interface Gpu {
  requestAdapter(): Promise<
    { readonly isFallbackAdapter?: boolean; readonly info?: { isFallbackAdapter?: boolean } } | null
  >;
}

async function hasWebGpu(): Promise<boolean> {
  try {
    const adapter = await (navigator as { readonly gpu?: Gpu }).gpu?.requestAdapter();
    return !!adapter && !(adapter.isFallbackAdapter ?? adapter.info?.isFallbackAdapter);
  } catch {
    return false; // a browser may have the interface and refuse its use
  }
}

/** Whether WebGL computes in 32 bits on a graphics card; software in its place is slower than wasm. */
function hasWebGl(): boolean {
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (gl === null) return false;
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const card = names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : "";
  const is32Bit = gl.getExtension("EXT_color_buffer_float") !== null;
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return is32Bit && !/swiftshader|llvmpipe|software/i.test(card);
}

/**
 * The backends that this browser and machine compute well on, best first.
 *
 * @returns At least "wasm", which every browser of the last years has.
 */
export async function usableBackends(): Promise<BackendName[]> {
  const usable: Readonly<Record<BackendName, boolean>> = {
    webgpu: await hasWebGpu(),
    webgl: hasWebGl(),
    wasm: true,
  };
  return BACKENDS.filter((name) => usable[name]);
}

let wasmAddress: string | undefined;

/** What a kernel sees of a backend that counts the users of its data. */
interface Counting {
  incRef(dataId: tf.DataId): void;
}

/**
 * Lets copies on WebAssembly share their data, as on the other backends. Its own kernel copies all
 * numbers: every gradient would copy all filters, and prepare each copy anew, which took ten times as
 * long as the convolutions.
 */
function shareCopies(): void {
  tf.unregisterKernel("Identity", "wasm");
  tf.registerKernel({
    kernelName: "Identity",
    backendName: "wasm",
    kernelFunc: ({ inputs, backend }) => {
      const x = inputs["x"] as tf.TensorInfo;
      (backend as Counting).incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    },
  });
}

/**
 * Computes on a backend from now on. Tensors that exist move over when they are used next.
 *
 * @param wasm The module `tfjs-backend-wasm-simd.wasm`.
 * @throws {Error} If the browser does not have it, e.g. WebAssembly without SIMD.
 */
export async function startBackend(
  name: BackendName,
  wasm: Uint8Array<ArrayBuffer>,
): Promise<void> {
  if (name === "wasm" && wasmAddress === undefined) {
    wasmAddress = URL.createObjectURL(new Blob([wasm], { type: "application/wasm" }));
    // Threads would need a page that a server sends with headers of its own.
    setWasmPaths({
      "tfjs-backend-wasm.wasm": wasmAddress,
      "tfjs-backend-wasm-simd.wasm": wasmAddress,
      "tfjs-backend-wasm-threaded-simd.wasm": wasmAddress,
    });
    shareCopies();
  }
  if (!await tf.setBackend(name)) throw new Error(`This browser cannot compute with ${name}`);
  await tf.ready();
}
