/** With which code, versions and hardware a number was made. */
import { cpus } from "node:os";
import { usesGpu } from "../../backend/device.ts";
import { kernelTable } from "../../backend/kernel_table.ts";
import { tf } from "../../backend/tf.ts";
import type { Provenance } from "../records/schema.ts";

/** What stays the same for all runs of a session. */
export type Environment = Pick<Provenance, "commit" | "versions" | "hardware" | "kernels">;

async function git(root: string, ...args: string[]): Promise<string | null> {
  try {
    const command = new Deno.Command("git", { args: ["-C", root, ...args], stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null; // No git, or no permission to run it: the commit is unknown, and recorded so.
  }
}

/** The commit of the checkout, marked where the library's code differs from it; null if unknown. */
export async function commitOf(root: string): Promise<string | null> {
  const commit = await git(root, "rev-parse", "HEAD");
  if (commit === null) return null;
  const changes = await git(root, "status", "--porcelain", "--", "lib", "deno.json");
  return changes === "" ? commit : `${commit} with changes`;
}

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
