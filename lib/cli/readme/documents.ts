/** README.md and docs/*.md: which generator writes which block. */
import { join } from "node:path";
import { writeAtomically } from "../../files/write_atomically.ts";
import { loadRecords, type RunRecord } from "../../experiments/records/record.ts";
import { publishedPaths } from "../../experiments/records/run_paths.ts";
import { type ListedPackage, readBom } from "../sbom/bom.ts";
import { layersBlock } from "./_architecture.ts";
import { clusterBlock } from "./_cluster.ts";
import { withBlock } from "./_marker_blocks.ts";
import { dependenciesBlock } from "./_dependencies.ts";
import { permissionsBlock } from "./_permissions.ts";
import { coverageBlock, runsBlock } from "./_report.ts";
import { resultsBlock } from "./_results.ts";
import { speedBlock } from "./_speed.ts";
import { summaryBlock } from "./_summary.ts";
import { readGoldenVersions, verificationBlock } from "./_verification.ts";

/** What the generators read from a checkout; undefined: the file is not there. */
interface Sources {
  readonly root: string;
  readonly records: readonly RunRecord[];
  readonly bench: unknown;
  readonly cluster: unknown;
  readonly config: unknown;
  /** None where the list of packages is not there. */
  readonly packages: readonly ListedPackage[];
}

/** Gives a block's content; undefined leaves the block as it is. */
type Generator = (sources: Sources) => string | undefined | Promise<string>;

/** Generators by document and block. */
export const documents: Readonly<Record<string, Readonly<Record<string, Generator>>>> = {
  "README.md": { summary: ({ records }) => summaryBlock(records) },
  "docs/results.md": { results: ({ records }) => resultsBlock(records) },
  "docs/speed.md": {
    bench: ({ bench }) => bench === undefined ? undefined : speedBlock(bench),
  },
  "docs/cluster.md": {
    scaling: ({ bench, cluster }) => bench === undefined ? undefined : clusterBlock(bench, cluster),
  },
  "docs/security.md": {
    dependencies: ({ packages }) => packages.length === 0 ? undefined : dependenciesBlock(packages),
    permissions: ({ config }) => config === undefined ? undefined : permissionsBlock(config),
  },
  "docs/architecture.md": { layers: () => layersBlock() },
  "docs/report.md": { runs: () => runsBlock(), coverage: () => coverageBlock() },
  "docs/verification.md": {
    goldens: async ({ root }) => verificationBlock(await readGoldenVersions(root)),
  },
};

async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function jsonIfThere(path: string): Promise<unknown> {
  const text = await textIfThere(path);
  return text === undefined ? undefined : JSON.parse(text);
}

async function readSources(root: string): Promise<Sources> {
  const { results, records } = publishedPaths(root);
  return {
    root,
    records: await loadRecords(records),
    bench: await jsonIfThere(join(results, "bench.json")),
    cluster: await jsonIfThere(join(results, "cluster.json")),
    config: await jsonIfThere(join(root, "deno.json")),
    packages: await readBom(root),
  };
}

/** A document as it is and as its sources say it should be. */
export interface Document {
  /** Relative to the checkout, e.g. "docs/speed.md". */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

/**
 * Generates the blocks of every document of a checkout; documents that are not there are left out.
 *
 * @param root The checkout.
 * @throws {Error} If a document lacks a marker, or a source is damaged.
 */
export async function expectedDocuments(root: string): Promise<Document[]> {
  let sources: Sources | undefined;
  const all: Document[] = [];
  for (const [path, blocks] of Object.entries(documents)) {
    const found = await textIfThere(join(root, path));
    if (found === undefined) continue;
    sources ??= await readSources(root);
    let expected = found;
    for (const [block, generate] of Object.entries(blocks)) {
      const content = await generate(sources);
      if (content !== undefined) expected = withBlock(path, expected, block, content);
    }
    all.push({ path, found, expected });
  }
  return all;
}

/**
 * Replaces a file beside README.md by way of docs/, where tasks that write documents may make new
 * files.
 *
 * @param root The checkout.
 * @param path Relative to it.
 */
export async function replaceByWayOfDocs(root: string, path: string, text: string): Promise<void> {
  const first = join(root, "docs", `${path.replaceAll("/", "-")}.new`);
  await writeAtomically(first, text);
  await Deno.rename(first, join(root, path));
}

/**
 * Writes the generated blocks of every document.
 *
 * @param root The checkout; in a folder of runs alone, which has no documents, nothing is written.
 * @returns The paths of the documents that changed.
 */
export async function writeDocuments(root: string): Promise<string[]> {
  const stale = (await expectedDocuments(root)).filter(({ found, expected }) => found !== expected);
  for (const { path, expected } of stale) await replaceByWayOfDocs(root, path, expected);
  return stale.map(({ path }) => path);
}
