/**
 * Ticks for the measured values, leaving out those whose labels would touch.
 *
 * @param values In axis units, any order.
 * @param place Axis units to pixels.
 * @param spacing Pixels a label needs.
 */
export function spacedTicks(
  values: readonly number[],
  place: (value: number) => number,
  spacing: number,
): number[] {
  const kept: number[] = [];
  // From the largest down: the strongest budget is always labelled.
  for (const value of [...new Set(values)].sort((a, b) => b - a)) {
    const last = kept.at(-1);
    if (last === undefined || Math.abs(place(last) - place(value)) >= spacing) kept.push(value);
  }
  return kept.reverse();
}
