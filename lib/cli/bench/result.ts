/** The form of a bench's result, as JSON. */
import { z } from "zod";

const finite = z.number().finite();
/** `null` where there is no other side. */
const theirs = finite.nullable();

/** One comparison. */
const rowSchema = z.object({
  name: z.string(),
  unit: z.enum(["images/s", "GFLOP/s", "s"]),
  /** Median of the rounds. */
  ours: finite,
  /** Median of the rounds, of their faster variant. */
  theirs,
  /** Our speed over theirs, so above 1 we are faster: the median of the rounds' ratios. */
  ratio: theirs,
  /** Best call of all rounds. */
  oursBest: finite,
  theirsBest: theirs,
  /** What the other side is and its faster variant, e.g. "PyTorch, channels_last". */
  against: z.string().nullable(),
  /** Useful arithmetic over the time, as a fraction of the measured matrix-multiply peak. */
  shareOfPeak: theirs,
  rounds: z.array(z.object({ ours: finite, theirs })),
  /** Medians of all variants of the other side. */
  variants: z.record(z.string(), finite),
});

/** How a rate changes with a size; images/s. */
const growthSchema = z.array(
  z.object({ name: z.string(), size: z.number().int(), ours: finite, theirs, ratio: theirs }),
);

const layerSchema = z.object({
  name: z.string(),
  /** Layers of this shape in the model. */
  count: z.number().int(),
  /** Input maps and filter, e.g. "8x8x64, 3x3/1 -> 64". */
  shape: z.string(),
  /** Millions of multiply-adds for one image; padding not counted. */
  megaMultiplyAdds: finite,
  /** Milliseconds and GFLOP/s at batch 128 of each kernel alone. */
  kernels: z.record(
    z.enum(["forward", "inputGradient", "filterGradient"]),
    z.object({ milliseconds: finite, gflops: finite }),
  ),
});

/** One task with TensorFlow's oneDNN switch on and off, in processes of their own. */
const switchSchema = z.object({
  name: z.string(),
  unit: z.string(),
  on: finite,
  off: finite,
  /** Speed with it on over speed with it off. */
  ratio: finite,
});

/** Where the time of one call goes. */
const callSchema = z.object({
  task: z.string(),
  batchSize: z.number().int(),
  /** Of the whole call. */
  milliseconds: finite,
  /** Of it in native kernels; the rest is JavaScript. */
  nativeMilliseconds: finite,
  nativeCalls: finite,
});

/** The whole result. */
export const benchSchema = z.object({
  schema: z.literal(1),
  date: z.string(),
  quick: z.boolean(),
  machine: z.object({
    cpu: z.string(),
    cores: z.number().int(),
    threads: z.number().int(),
    memoryGiB: finite,
    os: z.string(),
    /** What our kernels run on: "CPU", or a GPU's name. Older results, all of CPUs, lack it. */
    device: z.string().optional(),
    /** The name of our kernel table. Older results lack it. */
    kernels: z.string().optional(),
    /** Older results: whether our CPU kernels were oneDNN's. */
    oneDnn: z.boolean().optional(),
    /** Mean number of busy threads in the minute before; far above 0, the numbers mean little. */
    loadBefore: finite,
  }),
  versions: z.record(z.string(), z.string().nullable()),
  settings: z.object({ batchSize: z.number(), rounds: z.number(), secondsPerRound: finite }),
  /** The highest rate of our matrix products, GFLOP/s. */
  peak: finite,
  rows: z.array(rowSchema),
  /** Loading's part of an epoch with augmentation, as a fraction. */
  loadingShare: z.object({ ours: finite, theirs }),
  /** Peak memory in MiB at batch 128, each in a fresh process; the ratio is ours over theirs. */
  memory: z.array(z.object({ name: z.string(), ours: finite, theirs, ratio: theirs })),
  growth: z.object({
    batchSize: growthSchema,
    pgdSteps: growthSchema,
    /** Median seconds of an epoch on that number of images; ours only. */
    images: z.array(
      z.object({ images: z.number().int(), seconds: finite, imagesPerSecond: finite }),
    ),
    /** Seconds of each epoch of a longer run, and the last one's over the first one's. */
    longRun: z.object({
      images: z.number().int(),
      seconds: z.array(finite),
      lastOverFirst: finite,
    }),
  }),
  layers: z.array(layerSchema),
  /** What the other side could not run, and why. Older results lack this and what follows. */
  skipped: z.record(z.string(), z.string()).optional(),
  calls: z.array(callSchema).optional(),
  oneDnn: z.object({
    rows: z.array(switchSchema),
    /** Each convolution with the switch off; `layers` is with it on. */
    layersOff: z.array(layerSchema),
  }).optional(),
  /** Native kernels by time in one call of a task, with --profile. */
  profiles: z.record(
    z.string(),
    z.object({
      total: finite,
      kernels: z.array(z.object({ name: z.string(), calls: finite, milliseconds: finite })),
    }),
  ).optional(),
});

/** The result of a bench. */
export type BenchResult = z.infer<typeof benchSchema>;
/** One comparison's result. */
export type Row = BenchResult["rows"][number];
/** One layer's result. */
export type LayerRow = BenchResult["layers"][number];
