import { join } from "node:path";
import type { SetupPaths } from "./paths.ts";

async function below(folder: string, skipped: ReadonlySet<string>): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (skipped.has(path)) continue;
    if (isDirectory) paths.push(...await below(path, skipped));
    else paths.push(path);
  }
  return paths;
}

/** The folder in which Deno keeps each package in each version. */
export const packageStore = (paths: SetupPaths) => join(paths.root, "node_modules", ".deno");

/**
 * All files and links of the installed npm packages, but not what set-up adds to tfjs-node, nor what
 * Deno notes beside the packages.
 *
 * @returns Absolute paths, sorted; none where there are no packages.
 */
export async function packageFiles(paths: SetupPaths): Promise<string[]> {
  const store = packageStore(paths);
  const tfjsNode = await Deno.realPath(paths.tfjsNode).catch(() => paths.tfjsNode);
  const notes = (await Array.fromAsync(Deno.readDir(store)).catch(() => []))
    .filter(({ isFile }) => isFile).map(({ name }) => join(store, name));
  const skipped = new Set([...notes, join(tfjsNode, "deps"), join(tfjsNode, "lib")]);
  return (await below(join(paths.root, "node_modules"), skipped).catch(() => [])).sort();
}

/**
 * The packages that files belong to.
 *
 * @param files Paths relative to the project.
 * @returns The names of the folders in {@linkcode packageStore}, and of the packages.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const file = "node_modules/.deno/@a+b@1.0.0/node_modules/@a/b/index.js";
 * assertEquals(packagesOf([file]), [{ folder: "@a+b@1.0.0", name: "@a/b" }]);
 * ```
 */
export function packagesOf(files: readonly string[]): { folder: string; name: string }[] {
  const folders = files.map((file) => /^node_modules\/\.deno\/([^/]+)\//.exec(file)?.[1])
    .filter((folder) => folder !== undefined);
  return [...new Set(folders)].map((folder) => ({
    folder,
    name: folder.replace(/(?<=.)@.*$/, "").replace("+", "/"),
  }));
}
