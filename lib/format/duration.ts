/**
 * Formats a time in its two largest units.
 *
 * @param seconds Below 0 counts as 0.
 * @returns E.g. "45 s", "3 min 20 s" or "2 h 05 min".
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([45, 200, 7500].map(duration), ["45 s", "3 min 20 s", "2 h 05 min"]);
 * ```
 */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h} h ${two(m)} min` : `${m} min ${two(s)} s`;
}
