import { createHash } from "node:crypto";

/**
 * The SHA-256 of a file, read in pieces.
 *
 * @param path The file.
 * @returns Hexadecimal digits.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "abc");
 * assertEquals((await fileHash(path)).slice(0, 8), "ba7816bf"); // FIPS 180-2's example
 * ```
 */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}
