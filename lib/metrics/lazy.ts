/** Computes once, at the first call. */
export function lazy<T>(compute: () => T): () => T {
  let value: T | undefined;
  return () => value ??= compute();
}
