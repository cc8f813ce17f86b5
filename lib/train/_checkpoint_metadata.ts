import { MAX_HEADER_BYTES, parseHeader } from "../nn/safetensors_header.ts";

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
    using file = await Deno.open(path);
    const prefix = await readFully(file, 8);
    const length = Number(new DataView(prefix.buffer).getBigUint64(0, true));
    const { size } = await file.stat();
    if (length > MAX_HEADER_BYTES || 8 + length > size) {
      throw new Error(`its header claims ${length} bytes but the file has ${size}`);
    }
    const { __metadata__ } = parseHeader(await readFully(file, length));
    return (__metadata__ ?? {}) as Record<string, string>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read the checkpoint ${path}: ${reason}`, { cause: error });
  }
}
