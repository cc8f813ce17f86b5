/** Sequential reading of a file, or of a compressed part of it, without holding all of it. */
import { Readable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { FileError } from "../files/file_error.ts";
import { ordinaryFile } from "../files/ordinary_file.ts";
import { damagedFile, unreadableFile } from "./_file_errors.ts";

const CHUNK_BYTES = 1 << 16;

/** How the bytes in the file are packed: not at all, gzip (RFC 1952) or zlib (RFC 1950). */
export type Packing = "plain" | "gzip" | "zlib";

/** A range of a file. */
export interface FileRange {
  /** First byte. Default 0. */
  readonly start?: number;
  /** Bytes in the range. Default: to the end of the file. */
  readonly length?: number;
}

/** Yields the bytes of a range; each chunk is a fresh array (node's zlib mishandles shared ones). */
async function* fileChunks(
  path: string,
  { start = 0, length = Infinity }: FileRange,
): AsyncGenerator<Uint8Array> {
  try {
    await ordinaryFile(path); // a pipe would wait for ever
    using file = await Deno.open(path);
    await file.seek(start, Deno.SeekMode.Start);
    for (let left = length; left > 0;) {
      const chunk = new Uint8Array(Math.min(left, CHUNK_BYTES));
      const count = await file.read(chunk);
      if (count === null) return;
      left -= count;
      yield count === chunk.length ? chunk : chunk.slice(0, count);
    }
  } catch (error) {
    throw unreadableFile(path, error);
  }
}

/** Unpacks a stream in pieces; checksum and length of the stream are verified at its end. */
function unpack(chunks: AsyncGenerator<Uint8Array>, packing: Packing): AsyncIterable<Uint8Array> {
  if (packing === "plain") return chunks;
  const unpacker = packing === "gzip" ? createGunzip() : createInflate();
  const source = Readable.from(chunks, { objectMode: false });
  source.on("error", (error: Error) => unpacker.destroy(error));
  unpacker.on("close", () => source.destroy());
  return source.pipe(unpacker) as AsyncIterable<Uint8Array>;
}

/**
 * Reads a file from front to back. Every error names the file; a packed stream's checksum counts
 * only once {@linkcode ByteSource.expectEnd} has been reached.
 */
export class ByteSource implements AsyncDisposable {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();
  /** Unpacked bytes that were read so far. */
  position = 0;

  readonly #start: number;

  constructor(readonly path: string, readonly packing: Packing, range: FileRange = {}) {
    this.#start = range.start ?? 0;
    this.#iterator = unpack(fileChunks(path, range), packing)[Symbol.asyncIterator]();
  }

  /**
   * The error of this file.
   *
   * @param at Which of the bytes read is wrong. Default: the next.
   */
  damaged(reason: string, at: number = this.position): FileError {
    const place = this.packing === "plain"
      ? `byte ${this.#start + at}`
      : `byte ${at} of what the ${this.packing} stream at byte ${this.#start} unpacks to`;
    return damagedFile(this.path, place, reason);
  }

  /** Makes at least one byte available; `false` at the end. */
  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      let next: IteratorResult<Uint8Array>;
      try {
        next = await this.#iterator.next();
      } catch (error) {
        if (this.packing === "plain" || !isPackingError(error)) throw error;
        throw this.damaged(`its ${this.packing} stream is broken (${error.message})`);
      }
      if (next.done) return false;
      this.#rest = new Uint8Array(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    return true;
  }

  /**
   * Fills `target` with the next bytes.
   *
   * @param what Names the bytes in the error.
   * @throws {Error} If the file ends before.
   */
  async readInto<T extends Uint8Array>(target: T, what: string): Promise<T> {
    for (let filled = 0; filled < target.length;) {
      if (!(await this.#fill())) {
        throw this.damaged(
          `it ends after ${this.position} bytes, in the middle of ${what} ` +
            `(${target.length - filled} of ${target.length} bytes are missing)`,
        );
      }
      const part = this.#rest.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.position += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return target;
  }

  /** The next `count` bytes. */
  read(count: number, what: string): Promise<Uint8Array> {
    return this.readInto(new Uint8Array(count), what);
  }

  /** Whether all bytes were read. At the end of a packed stream its checksum has been verified. */
  async atEnd(): Promise<boolean> {
    return !(await this.#fill());
  }

  /**
   * Reads to the end, so that a packed stream's checksum is verified.
   *
   * @param maxBytes Most that may follow: a packed stream can be a thousand times its file's size.
   * @throws {Error} If more follows or the packed stream's checksum does not match.
   */
  async skipRest(maxBytes: number): Promise<void> {
    const end = this.position + maxBytes;
    while (await this.#fill()) {
      if (this.position + this.#rest.length > end) {
        throw this.damaged(`more than ${maxBytes} bytes follow the expected end`);
      }
      this.position += this.#rest.length;
      this.#rest = new Uint8Array();
    }
  }

  /**
   * Requires that nothing follows.
   *
   * @throws {Error} If bytes are left or the packed stream's checksum does not match.
   */
  async expectEnd(): Promise<void> {
    if (await this.atEnd()) return;
    throw this.damaged(`bytes follow the expected end at byte ${this.position}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#iterator.return?.();
  }
}

function isPackingError(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof FileError);
}
