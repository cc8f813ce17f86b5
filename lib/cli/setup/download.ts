import { openNewFile, openOwnFile } from "../../files/own_file.ts";
import type { PinnedFile } from "./pins.ts";
import { fileHash } from "./file_hash.ts";
import { SetupFailure } from "./failure.ts";
import { megabytes } from "./progress.ts";

/** How long a server may be silent. */
export interface DownloadTimeouts {
  /** Until the answer starts. Default 8000 ms: a host that is cut off must not hold set-up up. */
  readonly connectMs?: number;
  /** Between two pieces of the body. Default 20000 ms. */
  readonly stallMs?: number;
}

/** Races a promise against a limit, without leaving a timer behind. */
async function within<T>(work: Promise<T>, limitMs: number, complaint: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(complaint)), limitMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function appendBody(
  response: Response,
  file: Deno.FsFile,
  stallMs: number,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) throw new Error("the answer has no body");
  for (;;) {
    const complaint = `nothing arrived for ${stallMs / 1000} s`;
    const { done, value } = await within(reader.read(), stallMs, complaint);
    if (done) return;
    for (let written = 0; written < value.length;) {
      written += await file.write(value.subarray(written));
    }
    onBytes(value.length);
  }
}

async function fetchInto(
  part: string,
  url: string,
  timeouts: DownloadTimeouts,
  show: (text: string) => void,
): Promise<void> {
  const { connectMs = 8000, stallMs = 20000 } = timeouts;
  const start = (await Deno.stat(part).catch(() => undefined))?.size ?? 0;
  const abort = new AbortController();
  try {
    const headers = start > 0 ? { range: `bytes=${start}-` } : {};
    const answer = fetch(url, { headers, signal: abort.signal });
    answer.catch(() => {}); // given up below: the abort's rejection has nobody waiting
    const response = await within(answer, connectMs, `no answer within ${connectMs / 1000} s`);
    if (response.status === 416) return void await response.body?.cancel(); // already whole
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const resumed = response.status === 206;
    const total = Number(response.headers.get("content-length")) + (resumed ? start : 0);
    let received = resumed ? start : 0;
    using file = await (resumed ? openOwnFile(part) : openNewFile(part));
    if (resumed) await file.seek(0, Deno.SeekMode.End);
    await appendBody(response, file, stallMs, (bytes) => {
      received += bytes;
      show(`${megabytes(received)} of ${total ? megabytes(total) : "?"}`);
    });
    if (total && received !== total) {
      throw new Error(`it ended after ${received} of ${total} bytes`);
    }
  } finally {
    abort.abort();
  }
}

/** A failed fetch says only that it failed; why is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message } = error.cause instanceof Error ? error.cause : error;
  return message.replace(
    /^error sending request for url \([^)]*\): (client error \(Connect\): )?/,
    "",
  );
}

/**
 * Downloads a file into a `.part` beside its place, going on where an earlier try stopped, checks
 * its hash and moves it to its place. A file that is already in place is not asked for again.
 *
 * @param path Where the file shall be.
 * @param source Its address and, where one is published, its SHA-256.
 * @param show Told how far it is.
 * @param timeouts How long the server may be silent.
 * @throws {SetupFailure} Naming the address and the reason. A part with another hash is deleted.
 */
export async function download(
  path: string,
  source: PinnedFile,
  show: (text: string) => void = () => {},
  timeouts: DownloadTimeouts = {},
): Promise<void> {
  if (await Deno.stat(path).catch(() => undefined)) return;
  const part = `${path}.part`;
  try {
    await fetchInto(part, source.url, timeouts, show);
  } catch (error) {
    throw new SetupFailure(`Cannot download ${source.url}: ${reasonOf(error)}.`, { cause: error });
  }
  const found = await fileHash(part);
  if (source.sha256 && found !== source.sha256) {
    await Deno.remove(part);
    throw new SetupFailure(
      `${source.url} has the SHA-256 ${found} instead of ${source.sha256}: it is damaged or another ` +
        "file, and was deleted.",
    );
  }
  await Deno.rename(part, path);
}
