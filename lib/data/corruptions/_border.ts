/** Where a filter reads beyond an image's edge. Each function gives the index that stands for `k`. */

/** `aaa | abcd | ddd`: scipy's "nearest". */
export function nearest(k: number, length: number): number {
  return Math.min(length - 1, Math.max(0, k));
}

/** `cba | abcd | dcb`: scipy's "reflect". */
export function reflect(k: number, length: number): number {
  const place = ((k % (2 * length)) + 2 * length) % (2 * length);
  return place < length ? place : 2 * length - 1 - place;
}

/** `dcb | abcd | cba`: OpenCV's BORDER_REFLECT_101. */
export function reflect101(k: number, length: number): number {
  const period = 2 * (length - 1);
  const place = ((k % period) + period) % period;
  return place < length ? place : period - place;
}
