/** The kernel table of a browser: stands for `../kernel_table.ts` there. */
import { CONVOLUTION_CLASSES, type ConvolutionClass } from "../convolution_class.ts";
import type { ConvolutionRow, KernelTable } from "../kernel_choices.ts";

export type { KernelTable };

const PLAIN: ConvolutionRow = {
  forward: "public",
  inputGradient: "public",
  filterGradient: "public",
};
const TURNED: ConvolutionRow = { ...PLAIN, inputGradient: "turned" };

/**
 * Where WebAssembly's gradient kernel takes no longer than a forward convolution: few products, or one
 * pixel, for which a 3 x 3 filter has one tap.
 */
const GRADIENT_KERNEL: ReadonlySet<ConvolutionClass> = new Set<ConvolutionClass>([
  "3x3/1 on 1x1",
  "1x1/2 on 2x2",
  "1x1/2 on 4x4",
  "1x1/2 on larger",
  "other",
]);

const BROWSER_TABLE: KernelTable = {
  name: "browser",
  convolutions: Object.fromEntries(
    CONVOLUTION_CLASSES.map((name) => [name, GRADIENT_KERNEL.has(name) ? PLAIN : TURNED]),
  ) as Record<ConvolutionClass, ConvolutionRow>,
  products: { "a b": "public", "a bT": "public", "aT b": "public" },
  batchProducts: "public",
  batchNorm: { small: "public", large: "public" },
  maxPool: "public",
};

/** The table in use: there is one. */
export function kernelTable(): KernelTable {
  return BROWSER_TABLE;
}
