/** A line that tells how far a long run is. */
export interface LiveLine {
  /** Shows a text: overwrites the line in a terminal; elsewhere prints it now and then. */
  show(text: string): void;
  /** Prints a line that stays. */
  keep(text: string): void;
}

const PLAIN_EVERY_MS = 30_000;

/**
 * Makes a live line on stdout.
 *
 * @param write Where text goes. Default stdout.
 * @param terminal Whether it is a terminal.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * let text = "";
 * const line = liveLine((part) => text += part, true);
 * line.show("1/2");
 * line.keep("done");
 * assertEquals(text, "\r\x1b[2K1/2\r\x1b[2Kdone\n");
 * ```
 */
export function liveLine(
  write: (text: string) => void = (text) => Deno.stdout.writeSync(new TextEncoder().encode(text)),
  terminal: boolean = Deno.stdout.isTerminal(),
): LiveLine {
  let last = performance.now();
  return {
    show(text) {
      if (terminal) return write(`\r\x1b[2K${text}`);
      if (performance.now() - last < PLAIN_EVERY_MS) return;
      last = performance.now();
      write(`${text}\n`);
    },
    keep(text) {
      last = performance.now();
      write(terminal ? `\r\x1b[2K${text}\n` : `${text}\n`);
    },
  };
}

/** Seconds as m:ss, or h:mm:ss from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
