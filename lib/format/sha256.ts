import { createHash } from "node:crypto";

/**
 * Computes the SHA-256 of texts and bytes put one behind the other.
 *
 * @param parts Texts count as UTF-8.
 * @returns 64 hexadecimal digits.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const digest = sha256("a", new TextEncoder().encode("bc"));
 * assertEquals(digest.slice(0, 8), "ba7816bf"); // FIPS 180-2's example, "abc"
 * ```
 */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
