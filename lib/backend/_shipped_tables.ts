/** The tables that come with the lab. `deno task tune` measures them anew. */
import { type ConvolutionClass, convolutionClasses } from "./_convolution_class.ts";
import type { ConvolutionRow, FormName, KernelChoices, KernelTable } from "./_kernel_choices.ts";
import type { ProcessorFamily } from "./_processor.ts";

/** The forms of forward pass, input gradient and filter gradient. */
function row(forward: FormName, inputGradient: FormName, filterGradient: FormName): ConvolutionRow {
  return { forward, inputGradient, filterGradient };
}

const onAvx512: KernelChoices = {
  convolutions: {
    "7x7/2": row("onednn", "stem", "onednn"),
    "3x3/1 on 1x1": row("matrix", "matrix", "matrix"),
    "3x3/1 on 2x2": row("winograd", "winograd", "winograd"),
    "3x3/1 on 4x4": row("winograd", "winograd", "winograd"),
    "3x3/1 on larger": row("onednn", "onednn", "onednn"),
    "3x3/2 on 2x2": row("matrix", "matrix", "matrix"),
    "3x3/2 on 4x4": row("public", "patches", "patches"),
    "3x3/2 on larger": row("onednn", "onednn", "public"),
    "1x1/2 on 2x2": row("public", "patches", "patches"),
    "1x1/2 on 4x4": row("public", "patches", "public"),
    "1x1/2 on larger": row("public", "public", "onednn"),
    other: row("onednn", "onednn", "onednn"),
  },
  products: { "a b": "onednn", "a bT": "onednn", "aT b": "onednn" },
  batchProducts: "onednn",
  batchNorm: "onednn",
  maxPool: "onednn",
};

const onAvx2: KernelChoices = {
  ...onAvx512,
  convolutions: {
    ...onAvx512.convolutions,
    "7x7/2": row("onednn", "stem", "onednn"),
    "3x3/2 on larger": row("public", "public", "public"),
  },
  products: { "a b": "public", "a bT": "onednn", "aT b": "onednn" },
};

/** For processors that the lab knows. */
export const shippedTables: Readonly<Record<ProcessorFamily, KernelTable>> = {
  avx512: { name: "avx512", ...onAvx512 },
  avx2: { name: "avx2", ...onAvx2 },
};

const withoutOneDnn = {
  products: { "a b": "public", "a bT": "public", "aT b": "public" },
  batchProducts: "public",
  batchNorm: "public",
  maxPool: "public",
} as const;

/** Without oneDNN's kernels: other processors, or a build of TensorFlow that lacks them. */
export const publicTable: KernelTable = {
  name: "public",
  ...withoutOneDnn,
  convolutions: {
    ...onAvx512.convolutions,
    "7x7/2": row("public", "stem", "public"),
    "3x3/1 on larger": row("public", "public", "public"),
    "3x3/2 on larger": row("public", "public", "public"),
    "1x1/2 on larger": row("public", "public", "public"),
    other: row("public", "public", "public"),
  },
};

/** For a GPU: its own kernels for everything. */
export const plainTable: KernelTable = {
  name: "plain",
  ...withoutOneDnn,
  convolutions: Object.fromEntries(
    convolutionClasses.map((name) => [name, row("public", "public", "public")]),
  ) as Record<ConvolutionClass, ConvolutionRow>,
};
