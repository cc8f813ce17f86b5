/** The index of the first of `rising` numbers that is at least `value`; the last one if none is. */
export function firstAtLeast(value: number, rising: ArrayLike<number>): number {
  let [low, high] = [0, rising.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
