import { download, type DownloadOptions } from "../../files/download.ts";
import { exists } from "../../files/exists.ts";
import { fileDigest } from "../../files/file_digest.ts";
import { megabytes } from "../../format/megabytes.ts";
import { SetupFailure } from "./failure.ts";
import type { PinnedFile } from "./pins.ts";

/**
 * Downloads a file once, from where an interrupted try stopped, and checks its hash. A host that is
 * cut off must not hold set-up up: it is asked once.
 *
 * @param path Where the file belongs. A file that is there and has the hash is not asked for again.
 * @param source Its address and SHA-256.
 * @param show Gets how far it is.
 * @param options How long the server may be silent. Default 8 s until it answers, 20 s afterwards.
 * @throws {SetupFailure} Naming the address and the reason. A part with another hash is deleted.
 */
export async function downloadPinned(
  path: string,
  { url, sha256 }: PinnedFile,
  show: (text: string) => void = () => {},
  options: Pick<DownloadOptions, "answerSeconds" | "stallSeconds"> = {},
): Promise<void> {
  if (await exists(path) && await fileDigest(path) === sha256) return;
  const checksum = { algorithm: "sha256", digest: sha256 } as const;
  try {
    await download(path, { urls: [url], checksum }, {
      retries: 0,
      answerSeconds: 8,
      stallSeconds: 20,
      ...options,
      onProgress: ({ bytes, totalBytes }) =>
        show(`${megabytes(bytes)} of ${totalBytes ? megabytes(totalBytes) : "?"}`),
    });
  } catch (error) {
    throw new SetupFailure(error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
