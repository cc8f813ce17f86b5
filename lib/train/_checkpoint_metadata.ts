import { FileError } from "../files/file_error.ts";
import { ordinaryFile } from "../files/ordinary_file.ts";
import { parseHeader, requireHeaderLength } from "../nn/safetensors_header.ts";

async function readFully(file: Deno.FsFile, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let read = 0; read < length;) {
    const count = await file.read(bytes.subarray(read));
    if (count === null) throw new Error(`the file ends after ${read} of ${length} bytes`);
    read += count;
  }
  return bytes;
}

/**
 * Reads the metadata of a safetensors file without its tensors.
 *
 * @throws {Error} Naming the file, if it is no safetensors file.
 */
export async function readCheckpointMetadata(path: string): Promise<Record<string, string>> {
  try {
    await ordinaryFile(path);
    using file = await Deno.open(path);
    const prefix = await readFully(file, 8);
    const length = Number(new DataView(prefix.buffer).getBigUint64(0, true));
    const { size } = await file.stat();
    requireHeaderLength(length, size);
    const { __metadata__ } = parseHeader(await readFully(file, length));
    return (__metadata__ ?? {}) as Record<string, string>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileError(`Cannot read the checkpoint ${path}: ${reason}`, { path, cause: error });
  }
}
