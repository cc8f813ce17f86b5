/** What the processor can do, as far as the choice of kernels depends on it. */

/** Processors that share a kernel table. */
export type ProcessorFamily = "avx512" | "avx2";

const AVX512 = ["avx512f", "avx512bw", "avx512dq", "avx512vl"];

/**
 * The family of an x86-64 processor.
 *
 * @param cpuinfo The text of Linux's /proc/cpuinfo; empty where there is none.
 * @param limit oneDNN's own limit, `ONEDNN_MAX_CPU_ISA`, by which a processor can be tried as an older one.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const cpuinfo = "flags\t: avx2 avx512f avx512dq avx512bw avx512vl\n";
 * assertEquals(processorFamily(cpuinfo), "avx512");
 * assertEquals(processorFamily(cpuinfo, "AVX2"), "avx2");
 * ```
 */
export function processorFamily(cpuinfo: string, limit = ""): ProcessorFamily {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/));
  const allowed = !/^(SSE41|AVX|AVX2|AVX2_VNNI\w*)$/i.test(limit);
  return allowed && AVX512.every((flag) => flags.has(flag)) ? "avx512" : "avx2";
}

/** The family of this machine's processor. */
export function thisProcessor(): ProcessorFamily {
  const linux = Deno.build.os === "linux";
  const cpuinfo = linux ? Deno.readTextFileSync("/proc/cpuinfo") : "";
  return processorFamily(cpuinfo, Deno.env.get("ONEDNN_MAX_CPU_ISA"));
}
