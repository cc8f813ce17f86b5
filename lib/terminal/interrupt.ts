/**
 * Ctrl-C, and a notebook's "Interrupt the kernel". Without this, an interrupt ends the process, and a
 * notebook loses its variables.
 *
 * In a kernel a thread of its own hears the interrupt and raises a flag, at which every long loop of
 * the lab looks ({@linkcode throwIfInterrupted}); elsewhere Ctrl-C keeps its meaning, but for a call
 * that is {@linkcode interruptible}.
 */

const MESSAGE =
  "Interrupted. Variables, finished epochs and runs are kept: run the cell again to go on.";

const interruption = () => new DOMException(MESSAGE, "AbortError");

/** Whether an error is that of an interrupt. */
export function isInterruption(error: unknown): error is DOMException {
  return error instanceof DOMException && error.message === MESSAGE;
}

/** Interrupts that no one has heeded yet. One process has one: signals reach the process. */
const unheeded = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

function isKernel(): boolean {
  try {
    // Elsewhere the mere reading throws.
    return (Deno as { readonly jupyter?: unknown }).jupyter !== undefined;
  } catch {
    return false;
  }
}

function watchKernel(): void {
  const worker = new Worker(new URL("./_interrupt_worker.ts", import.meta.url), { type: "module" });
  worker.postMessage(unheeded);
  // The main thread hears of it between two turns only: then nothing long is running.
  Deno.addSignalListener("SIGINT", () => Atomics.store(unheeded, 0, 0));
}

if (isKernel()) watchKernel();

/**
 * Stops a long loop after an interrupt of the kernel; each of its rounds calls this.
 *
 * @throws {DOMException} AbortError after an interrupt.
 */
export function throwIfInterrupted(): void {
  if (Atomics.load(unheeded, 0) === 0) return;
  Atomics.store(unheeded, 0, 0);
  throw interruption();
}

/**
 * Stops a long loop after an interrupt of the kernel, or once its signal is aborted, whatever reason it
 * was given.
 *
 * @throws {DOMException} AbortError.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  throwIfInterrupted();
  if (!signal?.aborted) return;
  // An interrupt says by itself how to resume; any other reason is the caller's own.
  if (isInterruption(signal.reason)) throw signal.reason;
  throw new DOMException("Stopped by its signal", "AbortError");
}

/**
 * Calls a task that Ctrl-C, or a notebook's "Interrupt the kernel", stops through its signal: between
 * two batches, with the variables of the notebook kept.
 *
 * @param task Stops when its signal is aborted, and throws the signal's reason.
 * @param signal The caller's own: then the caller decides what an interrupt means, and no other signal
 * is given to the task.
 * @returns What the task returns.
 * @throws {DOMException} AbortError after an interrupt.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(await interruptible((signal) => Promise.resolve(signal.aborted)), false);
 * ```
 */
export async function interruptible<T>(
  task: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (signal !== undefined) return await task(signal);
  const stop = new AbortController();
  const interrupt = () => stop.abort(interruption());
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    return await task(stop.signal);
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}
