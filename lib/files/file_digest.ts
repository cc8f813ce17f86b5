import { createHash } from "node:crypto";

/** A hash function and the digest that it must give, in hexadecimal. */
export interface Checksum {
  readonly algorithm: "sha256" | "md5";
  readonly digest: string;
}

/**
 * Computes the digest of a file, read in pieces.
 *
 * @param path The file.
 * @param algorithm MD5 serves for files whose host publishes nothing better. Default "sha256".
 * @returns Hexadecimal digits.
 * @throws {Error} If the file cannot be read.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "abc");
 * assertEquals((await fileDigest(path)).slice(0, 8), "ba7816bf"); // FIPS 180-2's example
 * assertEquals((await fileDigest(path, "md5")).slice(0, 8), "90015098"); // RFC 1321's
 * await Deno.remove(path);
 * ```
 */
export async function fileDigest(
  path: string,
  algorithm: Checksum["algorithm"] = "sha256",
): Promise<string> {
  const hash = createHash(algorithm);
  using file = await Deno.open(path);
  const chunk = new Uint8Array(1 << 18);
  for (let count = await file.read(chunk); count !== null; count = await file.read(chunk)) {
    hash.update(chunk.subarray(0, count));
  }
  return hash.digest("hex");
}
