/** What the program that speaks to Dask tells, one line of JSON each. */
import { z } from "zod";

const run = z.string();
const worker = z.string();

const eventSchema = z.discriminatedUnion("event", [
  /** Nothing will be made, and why. */
  z.object({ event: z.literal("refused"), reason: z.string() }),
  z.object({ event: z.literal("message"), text: z.string() }),
  z.object({
    event: z.literal("ready"),
    workers: z.int(),
    /** Runs that can be made at once. */
    slots: z.int(),
    /** Whether every worker writes where this process reads. */
    shared: z.boolean(),
  }),
  z.object({ event: z.literal("started"), run, worker, threads: z.int() }),
  z.object({
    event: z.literal("progress"),
    run,
    worker,
    stage: z.enum(["training", "evaluation"]),
    fraction: z.number(),
    detail: z.string(),
  }),
  z.object({ event: z.literal("log"), run, worker, line: z.string() }),
  /** The command ended well on its worker; what it wrote may still be on its way. */
  z.object({ event: z.literal("made"), run, worker, seconds: z.number() }),
  /** The run's files are here. */
  z.object({ event: z.literal("finished"), run, worker, seconds: z.number() }),
  z.object({ event: z.literal("failed"), run, reason: z.string() }),
  /** A worker is gone; its run starts over elsewhere. */
  z.object({ event: z.literal("lost"), worker }),
]);

/** One event of a cluster. */
export type ClusterEvent = z.infer<typeof eventSchema>;

/**
 * Reads one event.
 *
 * @throws {z.ZodError} If it has another form.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(parseClusterEvent('{"event": "message", "text": "a"}').event, "message");
 * ```
 */
export function parseClusterEvent(line: string): ClusterEvent {
  return eventSchema.parse(JSON.parse(line));
}
