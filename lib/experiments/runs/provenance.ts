/** With which code, versions and hardware a number was made. */
import { cpus } from "node:os";
import { usesGpu } from "../../backend/device.ts";
import { kernelTable } from "../../backend/kernel_table.ts";
import { tf } from "../../backend/tf.ts";
import type { Provenance } from "../records/schema.ts";
import { commitOf } from "./commit_of.ts";

/** What stays the same for all runs of a session. */
export type Environment = Pick<Provenance, "commit" | "versions" | "hardware" | "kernels">;

/** Versions of Deno and of TensorFlow's two parts. */
export function versions(): Record<string, string> {
  const { "tfjs-node": node, tfjs } = tf.version as unknown as Record<string, string>;
  return { deno: Deno.version.deno, tfjs: String(tfjs), "tfjs-node": String(node) };
}

/** Describes the machine. */
export function machine(): string {
  const all = cpus();
  const model = all[0]?.model.trim() || "unknown processor";
  return `${all.length} × ${model}, ${Deno.build.os} ${Deno.build.arch}`;
}

/** The machine, and the threads and table of TensorFlow's kernels: sums depend on both. */
export function hardware(): string {
  const threads = Number(Deno.env.get("TF_NUM_INTRAOP_THREADS"));
  const device = usesGpu() ? "kernels on a GPU" : `kernel table ${kernelTable().name}`;
  return `${machine()}, ${threads} kernel thread${threads === 1 ? "" : "s"}, ${device}`;
}

/** Reads the environment of a session once. */
export async function readEnvironment(root: string): Promise<Environment> {
  return {
    commit: await commitOf(root),
    versions: versions(),
    hardware: hardware(),
    kernels: kernelTable().name,
  };
}
