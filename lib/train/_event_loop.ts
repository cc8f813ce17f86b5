/** How a long loop of synchronous tensor work stays interruptible. */
import { isInterruption, throwIfInterrupted } from "../terminal/interrupt.ts";

/**
 * Throws an AbortError if the signal has been aborted, whatever reason it was given, or the kernel
 * interrupted.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  throwIfInterrupted();
  if (!signal?.aborted) return;
  // An interrupt says by itself how to resume; any other reason is the caller's own.
  if (isInterruption(signal.reason)) throw signal.reason;
  throw new DOMException("Stopped by its signal", "AbortError");
}

/**
 * Creates a pause for a loop: each call hands control to the event loop if `interval` ms have
 * passed since the last time, so that signals arrive and displays are drawn.
 */
export function createPause(interval = 50): () => Promise<boolean> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < interval) return false;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
    return true;
  };
}
