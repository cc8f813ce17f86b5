/** Writing to stdout and stderr, whatever they are: a terminal, a log, a full disk, a closed pipe. */
import { printableLines } from "../format/printable.ts";

/** Pause before a pipe that is full is tried again. */
const RETRY_MS = 5;

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
}

/**
 * Writes all of a text at once.
 *
 * @throws {Error} What the system says, e.g. that a disk is full or that nobody reads the pipe.
 */
export function writeFully(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    try {
      written += stream.writeSync(bytes.subarray(written));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      pause();
    }
  }
}

/** Writes to stderr; a message that cannot be shown must not stop the work that it is about. */
export function writeError(text: string): void {
  try {
    writeFully(Deno.stderr, text);
  } catch {
    // There is no other place to say it.
  }
}

/** How often stdout could be written. */
export interface GuardedConsole {
  /** Whether a text for stdout was lost. */
  readonly failed: boolean;
}

/**
 * Whether stdout was closed before this process started: the system then puts /dev/null in its place,
 * open for reading too.
 */
function leadsNowhere(): boolean {
  try {
    if (Deno.readLinkSync("/proc/self/fd/1") !== "/dev/null") return false;
    const flags = /flags:\s*(\d+)/.exec(Deno.readTextFileSync("/proc/self/fdinfo/1"))?.[1];
    return (parseInt(flags ?? "0", 8) & 3) === 2;
  } catch {
    return false; // another system, or not to be seen
  }
}

const textOf = (values: readonly unknown[]) =>
  values.map((value) => typeof value === "string" ? value : Deno.inspect(value)).join(" ");

/**
 * Makes the console of a command safe: texts that came from files cannot steer the terminal, a full or
 * closed stdout is named on stderr once, and a full stderr stops nothing.
 *
 * @param target The console. Default this process's.
 * @returns What became of stdout.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const target = { ...console };
 * assertEquals(guardConsole(target).failed, false);
 * ```
 */
export function guardConsole(
  target: Pick<Console, "log" | "info" | "debug" | "warn" | "error"> = console,
): GuardedConsole {
  const state = { failed: false, told: false };
  const out = (...values: unknown[]) => {
    const text = `${printableLines(textOf(values))}\n`;
    if (state.failed) return;
    if (!state.told && leadsNowhere()) {
      state.told = true;
      writeError("stdout is closed: what stands there is lost, files are written all the same.\n");
    }
    try {
      writeFully(Deno.stdout, text);
    } catch (error) {
      state.failed = true;
      const reason = error instanceof Error ? error.message : String(error);
      writeError(
        `Cannot write to stdout: ${reason}. What stands there is lost, files are written all the same.\n`,
      );
    }
  };
  const err = (...values: unknown[]) => writeError(`${printableLines(textOf(values))}\n`);
  Object.assign(target, { log: out, info: out, debug: out, warn: err, error: err });
  return state;
}
