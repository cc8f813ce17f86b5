/**
 * Whether something is at a path.
 *
 * @throws {Error} Naming the path, if the system does not let us look.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const folder = await Deno.makeTempDir();
 * assertEquals([await exists(folder), await exists(`${folder}/none`)], [true, false]);
 * ```
 */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read ${path}: ${reason}`, { cause: error });
  }
}
