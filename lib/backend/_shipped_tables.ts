/** The tables that come with the lab. `deno task tune` measures them anew. */
import { CONVOLUTION_CLASSES, type ConvolutionClass } from "./convolution_class.ts";
import type { ConvolutionRow, FormName, KernelTable } from "./kernel_choices.ts";

/** The forms of forward pass, input gradient and filter gradient. */
function row(forward: FormName, inputGradient: FormName, filterGradient: FormName): ConvolutionRow {
  return { forward, inputGradient, filterGradient };
}

/**
 * For x86-64 processors. It was measured on AVX-512 and AVX2 alike: where the two differ, by less than
 * 1 % of a training step in all, the choice that loses least on either stands here. A process of the lab cannot
 * tell the two apart (it would take the permission to read /proc).
 */
export const X86_TABLE: KernelTable = {
  name: "x86-64",
  convolutions: {
    "7x7/2": row("onednn", "stem", "onednn"),
    "3x3/1 on 1x1": row("matrix", "matrix", "matrix"),
    "3x3/1 on 2x2": row("winograd", "winograd", "winograd"),
    "3x3/1 on 4x4": row("winograd", "winograd", "winograd"),
    "3x3/1 on larger": row("onednn", "onednn", "onednn"),
    "3x3/2 on 2x2": row("matrix", "matrix", "matrix"),
    "3x3/2 on 4x4": row("public", "patches", "patches"),
    "3x3/2 on larger": row("onednn", "patches", "patches"),
    "1x1/2 on 2x2": row("patches", "patches", "patches"),
    "1x1/2 on 4x4": row("public", "patches", "patches"),
    "1x1/2 on larger": row("public", "patches", "patches"),
    other: row("onednn", "onednn", "onednn"),
  },
  products: { "a b": "onednn", "a bT": "onednn", "aT b": "onednn" },
  batchProducts: "onednn",
  batchNorm: { small: "public", large: "onednn" },
  maxPool: "onednn",
};

const WITHOUT_ONEDNN = {
  products: { "a b": "public", "a bT": "public", "aT b": "public" },
  batchProducts: "public",
  batchNorm: { small: "public", large: "public" },
  maxPool: "public",
} as const;

/** Without oneDNN's kernels: other processors, or a build of TensorFlow that lacks them. */
export const PUBLIC_TABLE: KernelTable = {
  name: "public",
  ...WITHOUT_ONEDNN,
  convolutions: {
    ...X86_TABLE.convolutions,
    "7x7/2": row("public", "stem", "public"),
    "3x3/1 on larger": row("public", "public", "public"),
    "3x3/2 on larger": row("public", "patches", "patches"),
    other: row("public", "public", "public"),
  },
};

/** For a GPU: its own kernels for everything. */
export const PLAIN_TABLE: KernelTable = {
  name: "plain",
  ...WITHOUT_ONEDNN,
  convolutions: Object.fromEntries(
    CONVOLUTION_CLASSES.map((name) => [name, row("public", "public", "public")]),
  ) as Record<ConvolutionClass, ConvolutionRow>,
};
