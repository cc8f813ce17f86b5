/** What files hold is told by their content, not by their names. */
import { fileDigest } from "../files/file_digest.ts";
import { sha256 } from "../format/sha256.ts";
import type { KnownContent, LabelledImages, RemoteFile } from "./definition.ts";

/** What labelled images can be found to be. */
export type ContentSource = KnownContent["source"] | "unverified";

/**
 * Looks the content up: SHA-256 of the decoded images, then the labels.
 *
 * @param known The content that is told by its digest.
 * @returns What it is known as, else "unverified".
 */
export function contentSource(
  known: readonly KnownContent[],
  { images, labels }: LabelledImages,
): ContentSource {
  if (known.length === 0) return "unverified";
  const digest = sha256(images, labels);
  return known.find((one) => one.sha256 === digest)?.source ?? "unverified";
}

/** The path in the data directory that a file's path ends with, if it is a published file. */
function publishedAs(path: string, official: readonly RemoteFile[]): RemoteFile | undefined {
  return official.find((remote) => path.split("/").at(-1) === remote.path.split("/").at(-1));
}

/**
 * Whether files are the published ones byte for byte, by size and published MD5.
 *
 * @param paths At least one file that is there.
 */
export async function arePublished(
  paths: readonly string[],
  official: readonly RemoteFile[],
): Promise<boolean> {
  for (const path of paths) {
    const remote = publishedAs(path, official);
    if (remote === undefined || (await Deno.stat(path)).size !== remote.bytes) return false;
    if (await fileDigest(path, "md5") !== remote.md5) return false;
  }
  return true;
}
