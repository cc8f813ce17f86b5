/**
 * What the two sides of the bench are asked and what they answer: one JSON object a line over stdin
 * and stdout. A side computes only while it has a request, so each measures while the other waits.
 */
import { z } from "zod";

/** Sizes of a task; what is left out has the task's default. */
export interface TaskOptions {
  readonly batchSize?: number;
  readonly steps?: number;
  /** Side of the matrices of "matrixProduct". */
  readonly size?: number;
}

/** One request. */
export type Request =
  /** Versions, and the variants of each task. */
  | { readonly kind: "describe" }
  /** Seconds of each call of a task, until `budget` seconds are spent; at least one call. */
  | {
    readonly kind: "time";
    readonly task: string;
    readonly variant: string;
    readonly options: TaskOptions;
    readonly budget: number;
  }
  /** The most memory that the process has held so far, in bytes. */
  | { readonly kind: "memory" }
  /** Times of each convolution's kernels alone. Our side only. */
  | { readonly kind: "layers"; readonly budget: number }
  /** Native kernels by time in one call of a task. Our side only. */
  | { readonly kind: "profile"; readonly task: string; readonly options: TaskOptions }
  /** Trains and saves the model that both sides attack; answers with its seconds. Our side only. */
  | { readonly kind: "checkpoint" }
  /** Each native call of one call of a task. Our side only. */
  | { readonly kind: "trace"; readonly task: string; readonly options: TaskOptions }
  /** Seconds of each epoch of a run on that number of images. Our side only. */
  | { readonly kind: "epochs"; readonly images: number; readonly epochs: number };

/** An answer to "describe". */
export const descriptionSchema = z.object({
  versions: z.record(z.string(), z.string().nullable()),
  variants: z.record(z.string(), z.array(z.string()).min(1)),
  /** What cannot run on this machine, and why. */
  skipped: z.record(z.string(), z.string()).optional(),
});
/** What a side is and can do. */
export type Description = z.infer<typeof descriptionSchema>;

/** An answer to "time" and "epochs". */
export const secondsSchema = z.array(z.number().positive()).min(1);

/** An answer to "layers": median seconds of each kernel, by layer. */
export const layerSecondsSchema = z.array(
  z.object({
    name: z.string(),
    forward: z.number().positive(),
    inputGradient: z.number().positive(),
    filterGradient: z.number().positive(),
  }),
);
/** Median seconds of a layer's three kernels. */
export type LayerSeconds = z.infer<typeof layerSecondsSchema>[number];

/** An answer to "profile". */
export const profileSchema = z.object({
  /** Of one call, in milliseconds. */
  total: z.number().positive(),
  /** Within the native binding, longest first; the rest of the total is JavaScript. */
  kernels: z.array(
    z.object({ name: z.string(), calls: z.number(), milliseconds: z.number() }),
  ),
});
/** Native kernels of one call of a task. */
export type Profile = z.infer<typeof profileSchema>;

/** An answer to "trace": native calls in order, in milliseconds since the task began. */
export const traceSchema = z.object({
  total: z.number().positive(),
  calls: z.array(z.object({ name: z.string(), start: z.number(), milliseconds: z.number() })),
});
/** Native calls of one call of a task. */
export type Trace = z.infer<typeof traceSchema>;

/** The line that answers a request. */
export const answerSchema = z.union([
  z.object({ value: z.unknown(), error: z.undefined().optional() }),
  z.object({ error: z.string() }),
]);
