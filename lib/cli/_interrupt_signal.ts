/** Exit code of a command that was interrupted by Ctrl-C, as shells have it. */
export const INTERRUPTED_CODE = 130;

/** A signal that Ctrl-C aborts; a second Ctrl-C ends the process at once. */
export function interruptSignal(): AbortSignal {
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => {
    if (stop.signal.aborted) Deno.exit(INTERRUPTED_CODE);
    stop.abort();
  });
  return stop.signal;
}
