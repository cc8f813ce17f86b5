/** The device that a binding computes on, as TensorFlow's log tells it. */
export interface ProbedDevice {
  /** The GPUs in use, e.g. "NVIDIA L4, compute capability 8.9"; empty where the CPU computes. */
  readonly gpus: readonly string[];
  /** Where the CPU computes: what TensorFlow says about GPUs, if it says anything. */
  readonly reason?: string;
}

const CREATED_DEVICE = /device: \d+, name: (.+?), pci bus id: .+?(, compute capability: [\d.]+)/g;
const NO_GPU_BECAUSE = new RegExp(
  "Could not find cuda drivers|failed call to cuInit|kernel driver does not appear|" +
    "Could not load dynamic library|Cannot dlopen some GPU libraries|" +
    "Ignoring visible gpu device|no supported devices found",
);
/** Date, severity, file and line before a line's text. */
const LINE_HEAD = /^.*?\.(?:cc|h):\d+\]\s*/;

/**
 * Reads TensorFlow's log.
 *
 * @param log What it printed with `TF_CPP_MIN_LOG_LEVEL=0`.
 * @param usesGpu Whether the binding computes on a GPU.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const log = "2026-01-01 00:00:00.0: I a/cudart_stub.cc:32] Could not find cuda drivers.\n11";
 * assertEquals(probedDevice(log, false), { gpus: [], reason: "Could not find cuda drivers." });
 * ```
 */
export function probedDevice(log: string, usesGpu: boolean): ProbedDevice {
  if (usesGpu) {
    const gpus = [...log.matchAll(CREATED_DEVICE)].map(([, name, capability]) =>
      `${name}${capability!.replace(":", "")}`
    );
    return { gpus: gpus.length > 0 ? gpus : ["a GPU"] };
  }
  const reasons = log.split("\n").filter((line) => NO_GPU_BECAUSE.test(line))
    .map((line) => line.replace(LINE_HEAD, "").trim());
  const reason = [...new Set(reasons)].join(" ");
  return reason === "" ? { gpus: [] } : { gpus: [], reason };
}

/**
 * Describes the device.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(deviceText({ gpus: ["NVIDIA L4"] }), "the GPU NVIDIA L4");
 * assertEquals(deviceText({ gpus: [] }), "the CPU");
 * ```
 */
export function deviceText({ gpus, reason }: ProbedDevice): string {
  if (gpus.length > 0) return `the GPU ${gpus.join("; ")}`;
  return reason === undefined ? "the CPU" : `the CPU, no GPU was found. TensorFlow: "${reason}"`;
}
