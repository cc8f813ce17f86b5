import { dirname } from "node:path";
import { download, type DownloadOptions } from "../files/download.ts";
import { fileDigest } from "../files/file_digest.ts";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import { fileSize, unreadableFile } from "./_file_errors.ts";
import type { RemoteFile } from "./definition.ts";

/**
 * Fetches a published file into a directory, as {@linkcode download} does.
 *
 * @param remote What to fetch.
 * @param directory The data directory; missing folders are created.
 * @param options See {@linkcode DownloadOptions}.
 * @returns "present" if the right file was there already, else "fetched".
 * @throws {Error} If another file is in its place, the directory cannot be written, or no address gives
 * the file.
 * @throws {DOMException} AbortError once the signal is aborted; the part is kept.
 */
export async function downloadFile(
  { path, urls, bytes, md5 }: RemoteFile,
  directory: string,
  options: DownloadOptions = {},
): Promise<"present" | "fetched"> {
  const target = `${directory}/${path}`;
  if (await fileSize(target)) {
    const found = await fileDigest(target, "md5");
    if (found === md5) return "present";
    throw new Error(
      `${target} is there but is not the official file (its MD5 is ${found}, published is ${md5}). ` +
        `Move it away, or choose another directory with --data`,
    );
  }
  await requireOutputFolder(dirname(target), { within: directory });
  try {
    await Deno.mkdir(dirname(target), { recursive: true });
  } catch (error) {
    throw unreadableFile(target, error);
  }
  const checksum = { algorithm: "md5", digest: md5 } as const;
  await download(target, { urls, bytes, checksum }, options);
  return "fetched";
}
