/** What memory that does not suffice looks like, and what to do about it. */

const SIGNS =
  /out of memory|\bOOM\b|ResourceExhausted|RESOURCE_EXHAUSTED|bad_alloc|Array buffer allocation failed|Invalid typed array length|Invalid array buffer length|failed to allocate|ENOMEM|Cannot allocate memory/i;

/**
 * One sentence for an error that says that memory does not suffice.
 *
 * @returns `undefined` for any other error.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(outOfMemory(new Error("no such file")), undefined);
 * assertEquals(outOfMemory(new Error("OOM when allocating tensor"))?.includes("--batch-size"), true);
 * ```
 */
export function outOfMemory(error: unknown): string | undefined {
  if (!(error instanceof Error) || !SIGNS.test(error.message)) return undefined;
  const shape = /shape\s*\[[\d,]+\]/.exec(error.message)?.[0];
  return `Out of memory${
    shape ? ` (a tensor of ${shape})` : ""
  }: use a smaller --batch-size, fewer ` +
    "images, or a machine with more memory. What is on disk is whole.";
}
