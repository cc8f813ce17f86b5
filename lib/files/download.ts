import { dirname } from "node:path";
import { watchForStall } from "./_stall.ts";
import { fetchWithin } from "./fetch_within.ts";
import { type Checksum, fileDigest } from "./file_digest.ts";
import { openOwnFile } from "./own_file.ts";

/** A file on the network. */
export interface DownloadSource {
  /**
   * Addresses of the same file, tried in this order. Without a checksum they must be https; tests may
   * use 127.0.0.1.
   */
  readonly urls: readonly string[];
  /** Bytes of the file, where they are published; an address that sends more is given up. */
  readonly bytes?: number | undefined;
  /** Absent: what arrives is taken as it is. */
  readonly checksum?: Checksum | undefined;
}

/** How far a download is. */
export interface DownloadProgress {
  readonly bytes: number;
  /** Absent if neither the source nor the server tells. */
  readonly totalBytes: number | undefined;
}

/** Options of {@linkcode download}. */
export interface DownloadOptions {
  /** Further tries per address after the first, each from where the last one stopped. Default 3. */
  readonly retries?: number | undefined;
  /** Longest wait for an answer to begin. Default: `stallSeconds`. */
  readonly answerSeconds?: number | undefined;
  /** Longest silence of a connection. Default 30. */
  readonly stallSeconds?: number | undefined;
  /** Pause before the first further try; doubles each time. Default 1. */
  readonly pauseSeconds?: number | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A reply that another try at the same address would not change. */
class FinalError extends Error {}

async function sizeOf(path: string): Promise<number> {
  return (await Deno.stat(path).catch(() => undefined))?.size ?? 0;
}

/** Where the reply's bytes belong in the file: at `asked` if the server resumes there, else at 0. */
function startOf({ status, headers }: Response, asked: number): number {
  if (status === 200) return 0;
  const range = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "");
  if (status === 206 && Number(range?.[1]) === asked) return asked;
  const message = `the server answered ${status}`;
  const mayPass = status >= 500 || [408, 425, 429].includes(status);
  throw mayPass ? new Error(message) : new FinalError(message);
}

/** Writes the reply's body behind the first `start` bytes; returns when the body has ended. */
async function appendBody(
  body: ReadableStream<Uint8Array>,
  part: string,
  start: number,
  bytes: number | undefined,
  onBytes: (bytes: number) => void,
): Promise<void> {
  using file = await openOwnFile(part);
  if (!await file.tryLock(true).catch(() => true)) { // a disk without locks: taken as free
    throw new Error(`another process is writing ${part}`);
  }
  await file.truncate(start);
  await file.seek(start, Deno.SeekMode.Start);
  let position = start;
  for await (const chunk of body) {
    position += chunk.length;
    if (bytes !== undefined && position > bytes) {
      throw new FinalError(`it sends more than the published ${bytes} bytes`);
    }
    for (let written = 0; written < chunk.length;) {
      written += await file.write(chunk.subarray(written));
    }
    onBytes(position);
  }
}

/**
 * Whether a reply from an address can be told from a forged one: HTTPS names the host, a checksum the
 * file; the loopback is this machine.
 */
function isTrusted(address: string, { checksum }: DownloadSource): boolean {
  const { protocol, hostname } = new URL(address);
  if (protocol === "https:") return true;
  return protocol === "http:" && (checksum !== undefined || hostname === "127.0.0.1");
}

/** One connection: continues behind the bytes of `part`. */
async function fetchPart(
  source: DownloadSource,
  url: string,
  part: string,
  { stallSeconds = 30, answerSeconds = stallSeconds, onProgress, signal }: DownloadOptions,
): Promise<void> {
  const { bytes } = source;
  if (!isTrusted(url, source)) {
    throw new FinalError("a file whose checksum is not known must come by https");
  }
  const asked = await sizeOf(part);
  if (bytes !== undefined && asked >= bytes) return;
  const connection = new AbortController();
  const response = await fetchWithin(answerSeconds, url, {
    headers: asked > 0 ? { range: `bytes=${asked}-` } : {},
    signal: signal ? AbortSignal.any([signal, connection.signal]) : connection.signal,
  });
  using stall = watchForStall(stallSeconds, (error) => connection.abort(error));
  try {
    if (!isTrusted(response.url || url, source)) {
      throw new FinalError(`it leads to ${response.url}, which is not https`);
    }
    // Nothing lies behind a part of unknown length: it is whole, and its checksum tells.
    if (response.status === 416 && bytes === undefined) return;
    const start = startOf(response, asked);
    if (!response.body) throw new Error("the server sent no body");
    const length = Number(response.headers.get("content-length"));
    const totalBytes = bytes ?? (length > 0 ? start + length : undefined);
    await appendBody(response.body, part, start, bytes, (received) => {
      stall.arrived();
      onProgress?.({ bytes: received, totalBytes });
    });
    const size = await sizeOf(part);
    if (totalBytes !== undefined && size < totalBytes) {
      throw new Error(`the connection ended after ${size} of ${totalBytes} bytes`);
    }
  } finally {
    connection.abort();
    await response.body?.cancel().catch(() => {});
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

/** Why a try failed: `fetch` itself says no more than that it did, its cause says why. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message } = error.cause instanceof Error ? error.cause : error;
  return message.replace(
    /^error sending request for url \([^)]*\): (client error \(Connect\): )?/,
    "",
  );
}

/** Tries one address until the whole part is there and its checksum is right. */
async function fetchFrom(
  source: DownloadSource,
  url: string,
  part: string,
  options: DownloadOptions,
): Promise<void> {
  const { retries = 3, pauseSeconds = 1, signal } = options;
  for (let attempt = 0;; attempt++) {
    try {
      signal?.throwIfAborted();
      await fetchPart(source, url, part, options);
      break;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof FinalError || attempt >= retries) throw error;
      await pauseFor(pauseSeconds * 2 ** attempt, signal);
    }
  }
  if (source.checksum === undefined) return;
  const { algorithm, digest } = source.checksum;
  const found = await fileDigest(part, algorithm);
  if (found === digest) return;
  // The next address, or the next call, must not continue behind wrong bytes.
  await Deno.remove(part);
  const name = algorithm === "md5" ? "MD5" : "SHA-256";
  throw new FinalError(`its ${name} is ${found} instead of ${digest}`);
}

/**
 * Downloads a file. The bytes go to `<path>.part`, which a later call continues; only a file with
 * the right checksum gets its final name.
 *
 * @param path Where the file belongs; missing folders are created and a file there is replaced.
 * @param source What to fetch.
 * @param options See {@linkcode DownloadOptions}.
 * @throws {Error} If no address gives the file: the message says what went wrong at each.
 * @throws {DOMException} AbortError once the signal is aborted; the part is kept.
 */
export async function download(
  path: string,
  source: DownloadSource,
  options: DownloadOptions = {},
): Promise<void> {
  const part = `${path}.part`;
  await Deno.mkdir(dirname(path), { recursive: true });
  const complaints: string[] = [];
  for (const url of source.urls) {
    try {
      await fetchFrom(source, url, part, options);
      return await Deno.rename(part, path);
    } catch (error) {
      options.signal?.throwIfAborted();
      complaints.push(`${url}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`Cannot download ${complaints.join("; ")}.`);
}
