import { dirname } from "node:path";
import { openOwnFile } from "../files/own_file.ts";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import { md5Of, sizeOf } from "./_file_digest.ts";
import { unreadableFile } from "./_file_errors.ts";
import { watchForStall } from "./_stall.ts";
import type { RemoteFile } from "./definition.ts";

/** How far one download has come. */
export interface DownloadProgress {
  readonly path: string;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Options of {@linkcode downloadFile}. */
export interface DownloadOptions {
  /** Further tries per address after the first, each going on where the last one stopped. Default 3. */
  readonly retries?: number | undefined;
  /** Give up a connection on which nothing arrives for so long. Default 30. */
  readonly stallSeconds?: number | undefined;
  /** Pause before the first further try; doubles each time. Default 1. */
  readonly pauseSeconds?: number | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A reply that another try at the same address would not change. */
class FinalError extends Error {}

/** Where the reply's bytes belong in the file: at `asked` if the server continues there, else at 0. */
function startOf(response: Response, asked: number): number {
  if (response.status === 200) return 0;
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  if (response.status === 206 && Number(range?.[1]) === asked) return asked;
  const message = `the server answered ${response.status} ${response.statusText}`.trim();
  const mayPass = response.status >= 500 || [408, 425, 429].includes(response.status);
  throw mayPass ? new Error(message) : new FinalError(message);
}

/** Writes the reply's body behind the bytes that are there; returns when the body has ended. */
async function appendBody(
  body: ReadableStream<Uint8Array>,
  part: string,
  start: number,
  remote: RemoteFile,
  onBytes: (bytes: number) => void,
): Promise<void> {
  using file = await openOwnFile(part);
  await file.truncate(start);
  await file.seek(start, Deno.SeekMode.Start);
  let position = start;
  for await (const chunk of body) {
    position += chunk.length;
    if (position > remote.bytes) {
      throw new FinalError(`it sends more than the published ${remote.bytes} bytes`);
    }
    for (let written = 0; written < chunk.length;) {
      written += await file.write(chunk.subarray(written));
    }
    onBytes(position);
  }
}

/** One connection: continues after the bytes of `part`. */
async function fetchPart(
  remote: RemoteFile,
  url: string,
  part: string,
  { stallSeconds = 30, onProgress, signal }: DownloadOptions,
): Promise<void> {
  const asked = await sizeOf(part);
  if (asked >= remote.bytes) return;
  const connection = new AbortController();
  using stall = watchForStall(stallSeconds, (error) => connection.abort(error));
  const response = await fetch(url, {
    headers: asked > 0 ? { range: `bytes=${asked}-` } : {},
    signal: signal ? AbortSignal.any([signal, connection.signal]) : connection.signal,
  });
  try {
    const start = startOf(response, asked);
    if (!response.body) throw new Error("the server sent no body");
    await appendBody(response.body, part, start, remote, (bytes) => {
      stall.arrived();
      onProgress?.({ path: remote.path, bytes, totalBytes: remote.bytes });
    });
  } finally {
    connection.abort();
    await response.body?.cancel().catch(() => {});
  }
  const size = await sizeOf(part);
  if (size < remote.bytes) {
    throw new Error(`the connection ended after ${size} of ${remote.bytes} bytes`);
  }
}

/** Waits, or rejects as soon as the signal is aborted. */
async function pauseFor(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(finish, seconds * 1000);
    function finish() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    }
    signal?.addEventListener("abort", finish);
  });
  signal?.throwIfAborted();
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch says no more than "fetch failed" itself.
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** Tries one address until the whole part is there and its checksum is right. */
async function fetchFrom(
  remote: RemoteFile,
  url: string,
  part: string,
  options: DownloadOptions,
): Promise<void> {
  const { retries = 3, pauseSeconds = 1, signal } = options;
  for (let attempt = 0;; attempt++) {
    try {
      signal?.throwIfAborted();
      await fetchPart(remote, url, part, options);
      break;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof FinalError || attempt >= retries) throw error;
      await pauseFor(pauseSeconds * 2 ** attempt, signal);
    }
  }
  const found = await md5Of(part);
  if (found === remote.md5) return;
  // The next address, or the next call, must not go on behind wrong bytes.
  await Deno.remove(part);
  throw new FinalError(`its MD5 is ${found} instead of the published ${remote.md5}`);
}

/**
 * Fetches a published file into a directory. The bytes go to `<path>.part`, from which a later
 * call continues; only a file with the published checksum gets its final name.
 *
 * @param remote What to fetch.
 * @param directory The data directory; missing folders are created.
 * @param options See {@linkcode DownloadOptions}.
 * @returns "present" if the right file was there already, else "fetched".
 * @throws {Error} If another file is in its place, the directory cannot be written, or no address gives
 * the file: the message says what went wrong at each.
 * @throws {DOMException} AbortError once the signal is aborted; the part is kept.
 */
export async function downloadFile(
  remote: RemoteFile,
  directory: string,
  options: DownloadOptions = {},
): Promise<"present" | "fetched"> {
  const target = `${directory}/${remote.path}`;
  const part = `${target}.part`;
  try {
    if (await sizeOf(target) > 0) {
      const found = await md5Of(target);
      if (found === remote.md5) return "present";
      throw new Error(
        `${target} is there but is not the official file (its MD5 is ${found}, published is ` +
          `${remote.md5}). Move it away, or choose another directory with --data`,
      );
    }
  } catch (error) {
    if (error instanceof Error && error.message.includes("--data")) throw error;
    throw unreadableFile(target, error);
  }
  await requireOutputFolder(dirname(target), { within: directory });
  try {
    await Deno.mkdir(dirname(target), { recursive: true });
  } catch (error) {
    throw unreadableFile(target, error);
  }
  const complaints: string[] = [];
  for (const url of remote.urls) {
    try {
      await fetchFrom(remote, url, part, options);
      await Deno.rename(part, target);
      return "fetched";
    } catch (error) {
      options.signal?.throwIfAborted();
      complaints.push(`${url}: ${messageOf(error)}`);
    }
  }
  throw new Error(`Cannot fetch ${remote.path}. ${complaints.join("; ")}`);
}
