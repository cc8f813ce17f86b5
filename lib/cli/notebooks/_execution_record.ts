/** What an execution writes into a notebook's metadata. */
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../../files/write_atomically.ts";
import { commitOf } from "../../experiments/runs/commit_of.ts";
import { numericsVersion } from "../../experiments/runs/numerics_version.ts";
import type { SetupPaths } from "../setup/paths.ts";
import { notebookText, readNotebook } from "./nbformat.ts";

const Record = z.object({
  /** ISO 8601. */
  executed: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  author: z.string().optional(),
  commit: z.string().nullable(),
  versions: z.string(),
});

/** When, by whom and with what a notebook was executed. */
export type ExecutionRecord = z.infer<typeof Record>;

/** Whether metadata hold a record. */
export function isRecord(value: unknown): value is ExecutionRecord {
  return Record.safeParse(value).success;
}

async function versionOf(path: string): Promise<string | undefined> {
  const text = await Deno.readTextFile(path).catch(() => "{}");
  const { version } = JSON.parse(text) as { version?: unknown };
  return typeof version === "string" ? version : undefined;
}

/** The versions that a notebook runs with, in one line. */
async function versionsOf(paths: SetupPaths): Promise<string> {
  const modules = join(paths.root, "node_modules", "@tensorflow");
  const parts = {
    lab: await versionOf(join(paths.root, "deno.json")),
    numerics: String(numericsVersion),
    Deno: Deno.version.deno,
    TypeScript: Deno.version.typescript,
    "TensorFlow.js": await versionOf(join(modules, "tfjs-node", "package.json")),
  };
  return Object.entries(parts).filter(([, version]) => version !== undefined)
    .map((entry) => entry.join(" ")).join(", ");
}

/** Describes an execution that starts now. */
export async function executionRecord(
  paths: SetupPaths,
  author?: string,
): Promise<ExecutionRecord> {
  return {
    executed: new Date().toISOString(),
    ...(author === undefined ? {} : { author }),
    commit: await commitOf(paths.root),
    versions: await versionsOf(paths),
  };
}

/** Writes a record into an executed notebook. */
export async function recordExecution(path: string, record: ExecutionRecord): Promise<void> {
  const notebook = await readNotebook(path);
  const metadata = { ...notebook.metadata, trusted_ai_lab: record };
  await writeAtomically(path, notebookText({ ...notebook, metadata }));
}
