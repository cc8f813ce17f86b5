/**
 * Spreads bytes so that each range of values holds about as many pixels as any other of its length:
 * OpenCV's `equalizeHist`. One value alone stays.
 *
 * @param bytes Whole numbers from 0 to 255.
 */
export function equalized(bytes: Float64Array): Float64Array {
  const counts = new Float64Array(256);
  for (const byte of bytes) counts[byte]!++;
  const lowest = counts.findIndex((count) => count > 0);
  const others = bytes.length - counts[lowest]!;
  if (others === 0) return bytes;
  let sum = -counts[lowest]!;
  const table = counts.map((count) => Math.max(0, Math.round((sum += count) * 255 / others)));
  return bytes.map((byte) => table[byte]!);
}
