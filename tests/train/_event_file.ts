/** A minimal reader of TensorBoard event files: TFRecord frames around Event messages. */

/** One scalar of an event file. */
export interface ScalarEvent {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

/** CRC-32C (Castagnoli), bit by bit. */
export function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** TFRecord's masked checksum. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;
}

/** The records of a file; throws where a length or a checksum is wrong. */
export function readRecords(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    const data = bytes.subarray(at + 12, at + 12 + length);
    if (view.getUint32(at + 8, true) !== maskedCrc(bytes.subarray(at, at + 8))) {
      throw new Error(`wrong checksum of the length at byte ${at}`);
    }
    if (view.getUint32(at + 12 + length, true) !== maskedCrc(data)) {
      throw new Error(`wrong checksum of the record at byte ${at}`);
    }
    records.push(data);
    at += 16 + length;
  }
  return records;
}

/** Field number to raw values of a protocol-buffer message. */
function fields(message: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const found = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1;; shift *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    let value: number | Uint8Array;
    if ((key & 7) === 0) value = varint();
    else if ((key & 7) === 1) [value, at] = [view.getFloat64(at, true), at + 8];
    else if ((key & 7) === 5) [value, at] = [view.getFloat32(at, true), at + 4];
    else {
      const length = varint();
      [value, at] = [message.subarray(at, at + length), at + length];
    }
    found.set(key >> 3, [...(found.get(key >> 3) ?? []), value]);
  }
  return found;
}

/** The scalars of an event file, in order. */
export function readScalars(bytes: Uint8Array): ScalarEvent[] {
  return readRecords(bytes).flatMap((record) => {
    const event = fields(record); // Event: 2 = step, 5 = summary
    const summaries = (event.get(5) ?? []) as Uint8Array[];
    return summaries.flatMap((summary) =>
      ((fields(summary).get(1) ?? []) as Uint8Array[]).map((item) => {
        const value = fields(item); // Summary.Value: 1 = tag, 2 = simple_value
        return {
          tag: new TextDecoder().decode(value.get(1)![0] as Uint8Array),
          step: (event.get(2)?.[0] ?? 0) as number,
          value: value.get(2)![0] as number,
        };
      })
    );
  });
}
