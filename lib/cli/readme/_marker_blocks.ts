/** Blocks of a document that a program writes, between a pair of comments. */

function markersOf(block: string): [begin: string, end: string] {
  return [`<!-- ${block}:begin -->`, `<!-- ${block}:end -->`];
}

/**
 * Lists the blocks of a document in their order.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(blockNames("a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\n"), ["bench"]);
 * ```
 */
export function blockNames(text: string): string[] {
  return [...text.matchAll(/^<!-- (\w+):begin -->$/gm)].map(([, name]) => name!);
}

/**
 * Replaces the content of a block.
 *
 * @param document Name of the document, for the error.
 * @param text The document.
 * @param block Name of the block.
 * @param content What stands between the markers.
 * @throws {Error} If the document lacks a marker.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const text = "a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb";
 * assertEquals(
 *   withBlock("docs/speed.md", text, "bench", "new"),
 *   "a\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nb",
 * );
 * ```
 */
export function withBlock(document: string, text: string, block: string, content: string): string {
  const [begin, end] = markersOf(block);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} lacks the markers ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}
