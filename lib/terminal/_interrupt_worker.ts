/**
 * Watches a kernel's interrupts while its main thread computes: a thread of its own hears a signal at
 * once, the main thread only between two turns of its event loop.
 */
/// <reference lib="deno.worker" />

/** The kernel is busy with code that never looks: as many interrupts in vain end it. */
const MOST_IN_VAIN = 3;

self.onmessage = ({ data }: MessageEvent<Int32Array>) => {
  Deno.addSignalListener("SIGINT", () => {
    if (Atomics.add(data, 0, 1) + 1 >= MOST_IN_VAIN) Deno.kill(Deno.pid, "SIGKILL");
  });
};
