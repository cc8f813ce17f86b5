import { dirname } from "node:path";
import { openNewFile } from "../files/own_file.ts";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import { ByteSource } from "./_byte_source.ts";

const BLOCK = 512;
/** Most bytes of a member that is not wanted, and behind the last: read-me files and padding. */
const MAX_SKIPPED = 1 << 20;
/** Type flags of an ordinary file: POSIX and the older zero byte. */
const FILE_TYPES = new Set(["0", "\0"]);

/** A member's header; `undefined` for the block of zeros that ends an archive. */
interface TarHeader {
  readonly name: string;
  readonly size: number;
  readonly isFile: boolean;
}

function text(block: Uint8Array, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function octal(block: Uint8Array, start: number, length: number): number {
  return parseInt(text(block, start, length).trim() || "0", 8);
}

/** Reads a header block (POSIX.1-1988 ustar). */
function parseHeader(block: Uint8Array, source: ByteSource): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  // The checksum is taken with spaces in its own eight bytes.
  const sum = block.reduce((total, byte, k) => total + (k >= 148 && k < 156 ? 0x20 : byte), 0);
  if (sum !== octal(block, 148, 8)) {
    throw source.damaged("a header's checksum is wrong", source.position - BLOCK);
  }
  const prefix = text(block, 257, 5) === "ustar" ? text(block, 345, 155) : "";
  return {
    name: (prefix && `${prefix}/`) + text(block, 0, 100),
    size: octal(block, 124, 12),
    isFile: FILE_TYPES.has(String.fromCharCode(block[156]!)),
  };
}

/** Passes `size` bytes and the padding behind them to a sink, in pieces. */
async function readMember(
  source: ByteSource,
  { name, size }: TarHeader,
  sink: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  for (let left = size; left > 0;) {
    const piece = await source.read(Math.min(left, 1 << 18), name);
    await sink(piece);
    left -= piece.length;
  }
  await source.read((BLOCK - size % BLOCK) % BLOCK, `the padding of ${name}`);
}

/** Writes a member to a temporary name and renames it. */
async function extractMember(source: ByteSource, header: TarHeader, path: string): Promise<void> {
  const temporary = `${path}.part`;
  {
    using file = await openNewFile(temporary);
    await readMember(source, header, async (piece) => {
      for (let written = 0; written < piece.length;) {
        written += await file.write(piece.subarray(written));
      }
    });
    await file.sync();
  }
  await Deno.rename(temporary, path);
}

/**
 * Takes named files out of a .tar.gz, in one pass and without holding any of them. Only the names given
 * are written, so nothing in the archive can choose where it goes.
 *
 * @param archive The packed archive.
 * @param directory Where to put the files under their names in the archive.
 * @param members Wanted names and their sizes.
 * @throws {Error} Naming the archive, if it is damaged, lacks a member, or one has another size.
 */
export async function extractTar(
  archive: string,
  directory: string,
  members: Readonly<Record<string, number>>,
): Promise<void> {
  const missing = new Map(Object.entries(members));
  await using source = new ByteSource(archive, "gzip");
  for (;;) {
    const header = parseHeader(await source.read(BLOCK, "a header"), source);
    if (header === undefined) break;
    const size = header.isFile ? missing.get(header.name) : undefined;
    if (size === undefined) {
      if (!(header.size <= MAX_SKIPPED)) {
        throw source.damaged(
          `${header.name} has ${header.size} bytes, more than is ever skipped`,
          source.position - BLOCK,
        );
      }
      await readMember(source, header, () => Promise.resolve());
      continue;
    }
    if (header.size !== size) {
      throw source.damaged(
        `${header.name} has ${header.size} bytes instead of ${size}`,
        source.position - BLOCK,
      );
    }
    const path = `${directory}/${header.name}`;
    await requireOutputFolder(dirname(path), { within: directory });
    await Deno.mkdir(dirname(path), { recursive: true });
    await extractMember(source, header, path);
    missing.delete(header.name);
  }
  await source.skipRest(MAX_SKIPPED);
  if (missing.size > 0) throw source.damaged(`it lacks ${[...missing.keys()].join(", ")}`);
}
