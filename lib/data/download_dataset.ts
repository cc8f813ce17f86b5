import type { DownloadOptions } from "../files/download.ts";
import { downloadFile } from "./download_file.ts";
import { extractTar } from "./extract_tar.ts";
import type { RemoteFile } from "./official_files.ts";

/** Whether all members of an archive lie in the directory with their published sizes. */
async function membersArePresent(
  members: Readonly<Record<string, number>>,
  directory: string,
): Promise<boolean> {
  for (const [name, bytes] of Object.entries(members)) {
    const info = await Deno.stat(`${directory}/${name}`).catch(() => undefined);
    if (info?.size !== bytes) return false;
  }
  return true;
}

/** Refuses to write over files that are no official ones, e.g. a subset in the same layout. */
async function requireNoOtherFiles(
  members: Readonly<Record<string, number>>,
  directory: string,
): Promise<void> {
  for (const [name, bytes] of Object.entries(members)) {
    const info = await Deno.stat(`${directory}/${name}`).catch(() => undefined);
    if (info !== undefined && info.size !== bytes) {
      throw new Error(
        `${directory}/${name} is there but is not the official file (${info.size} bytes instead of ` +
          `${bytes}). Move it away, or choose another directory with --data`,
      );
    }
  }
}

/**
 * Fetches one published file and unpacks it if it is an archive; an unpacked archive is removed.
 *
 * @param remote What to fetch.
 * @param directory The data directory.
 * @param options See {@linkcode DownloadOptions}.
 * @returns "present" if everything was there already, else "fetched".
 * @throws {Error} As {@linkcode downloadFile} and {@linkcode extractTar}.
 */
export async function downloadAndUnpack(
  remote: RemoteFile,
  directory: string,
  options: DownloadOptions = {},
): Promise<"present" | "fetched"> {
  const { members } = remote;
  if (members === undefined) return await downloadFile(remote, directory, options);
  if (await membersArePresent(members, directory)) return "present";
  await requireNoOtherFiles(members, directory);
  await downloadFile(remote, directory, options);
  await extractTar(`${directory}/${remote.path}`, directory, members);
  await Deno.remove(`${directory}/${remote.path}`);
  return "fetched";
}
