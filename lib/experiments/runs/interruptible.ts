/**
 * Calls a task that Ctrl-C, or a notebook's "Interrupt the kernel", stops through its signal: between
 * two batches, with the variables of the notebook kept. Without it an interrupt ends the process.
 *
 * @param task Stops when its signal is aborted, and throws the signal's reason.
 * @returns What the task returns.
 * @throws {DOMException} AbortError after an interrupt.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(await interruptible((signal) => Promise.resolve(signal.aborted)), false);
 * ```
 */
export async function interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const interrupt = () =>
    stop.abort(
      new DOMException(
        "Interrupted. Finished epochs and runs are kept: run the cell again to go on.",
        "AbortError",
      ),
    );
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    return await task(stop.signal);
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}
