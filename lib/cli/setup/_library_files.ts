import { join } from "node:path";

/** All files below a folder and links to files; none where there is no such folder. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const nested = await Promise.all(entries.map(async ({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return await filesBelow(path);
    return (await Deno.stat(path)).isFile ? [path] : [];
  }));
  return nested.flat().sort();
}

/**
 * The libraries that a binding needs beside it: TensorFlow's, and NVIDIA's where there are any.
 *
 * @param deps tfjs-node's folder `deps`, or what it links to.
 * @returns Paths of all files, sorted.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const deps = await Deno.makeTempDir();
 * await Deno.mkdir(`${deps}/lib`);
 * await Deno.writeTextFile(`${deps}/lib/libtensorflow.so`, "");
 * assertEquals(await libraryFiles(deps), [`${deps}/lib/libtensorflow.so`]);
 * ```
 */
export async function libraryFiles(deps: string): Promise<string[]> {
  return [...await filesBelow(join(deps, "lib")), ...await filesBelow(join(deps, "nvidia"))];
}

/** The headers that the binding is compiled with. */
export async function headerFiles(deps: string): Promise<string[]> {
  return await filesBelow(join(deps, "include"));
}
