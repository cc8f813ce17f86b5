/**
 * Compares two texts by their code points, for `sort`: the same order on every machine, whatever its
 * language.
 */
export function byCodePoints(first: string, second: string): number {
  const [a, b] = [[...first], [...second]];
  for (let k = 0; k < Math.min(a.length, b.length); k++) {
    const difference = a[k]!.codePointAt(0)! - b[k]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
