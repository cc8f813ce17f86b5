/**
 * Which kernel computes what: the one place where that is decided. The table is the one shipped for
 * the kind of processor, or the one that `deno task tune` wrote into data/tuning.json. Its name is
 * part of every result's provenance, since sums in another order have other last digits.
 */
import type { KernelTable } from "./kernel_choices.ts";
import { PLAIN_TABLE, PUBLIC_TABLE, X86_TABLE } from "./_shipped_tables.ts";
import { readTuning } from "./tuning_file.ts";
import { type Kernels, kernelsInUse } from "./device.ts";
import { missingOneDnnKernels } from "./onednn.ts";

export type { KernelTable };

/** The table that the lab itself would choose on this machine. */
export function shippedTable(): KernelTable {
  const known = Deno.build.arch === "x86_64" && missingOneDnnKernels().length === 0;
  return known ? X86_TABLE : PUBLIC_TABLE;
}

let ofThisProcess: KernelTable | undefined;

/**
 * The table in use, chosen at the first call.
 *
 * @param kernels Default: what suits the device.
 * @throws {Error} If data/tuning.json is damaged.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(kernelTable("plain").convolutions["3x3/1 on 1x1"].forward, "public");
 * ```
 */
export function kernelTable(kernels: Kernels = kernelsInUse()): KernelTable {
  if (kernels === "plain") return PLAIN_TABLE;
  return ofThisProcess ??= readTuning() ?? shippedTable();
}
