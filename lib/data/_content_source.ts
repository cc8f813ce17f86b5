/** What files hold is told by their content, not by their names. */
import { basename } from "node:path";
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

/** Size and MD5 checksum of one published file. */
interface Published {
  readonly name: string;
  readonly bytes: number;
  readonly md5: string;
}

/** What is published, archives as the members whose checksums are known. */
function published(official: readonly RemoteFile[]): Published[] {
  return official.flatMap(({ path, bytes, md5, members, memberMd5 = {} }) =>
    members === undefined
      ? [{ name: basename(path), bytes, md5 }]
      : Object.entries(memberMd5).map(([member, digest]) => ({
        name: basename(member),
        bytes: members[member]!,
        md5: digest,
      }))
  );
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
    const remote = published(official).find(({ name }) => name === basename(path));
    if (remote === undefined || (await Deno.stat(path)).size !== remote.bytes) return false;
    if (await fileDigest(path, "md5") !== remote.md5) return false;
  }
  return true;
}
