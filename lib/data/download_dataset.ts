import type { DownloadOptions } from "../files/download.ts";
import { downloadFile } from "./_download_file.ts";
import { extractTar } from "./_extract_tar.ts";
import type { RemoteFile } from "./definition.ts";

/**
 * Whether all members of an archive lie in the directory.
 *
 * @throws {Error} If a file there is not the official one, e.g. of a subset in the same layout.
 */
async function membersArePresent(
  members: Readonly<Record<string, number>>,
  directory: string,
): Promise<boolean> {
  const sizes = await Promise.all(
    Object.entries(members).map(async ([name, bytes]) => {
      const path = `${directory}/${name}`;
      const size = (await Deno.stat(path).catch(() => undefined))?.size;
      if (size === undefined || size === bytes) return size;
      throw new Error(
        `${path} is there but is not the official file (${size} bytes instead of ${bytes}). ` +
          `Move it away, or choose another directory with --data`,
      );
    }),
  );
  return !sizes.includes(undefined);
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
  await downloadFile(remote, directory, options);
  await extractTar(`${directory}/${remote.path}`, directory, members);
  await Deno.remove(`${directory}/${remote.path}`);
  return "fetched";
}
