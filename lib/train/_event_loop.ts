/** How a long loop of synchronous tensor work stays interruptible. */

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
