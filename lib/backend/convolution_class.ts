/** The kinds of convolutions that the kernel table tells apart. */
import type { Problem } from "./convolution_form.ts";

/** In the table's order. */
export const CONVOLUTION_CLASSES = [
  "7x7/2",
  "3x3/1 on 1x1",
  "3x3/1 on 2x2",
  "3x3/1 on 4x4",
  "3x3/1 on larger",
  "3x3/2 on 2x2",
  "3x3/2 on 4x4",
  "3x3/2 on larger",
  "1x1/2 on 2x2",
  "1x1/2 on 4x4",
  "1x1/2 on larger",
  "other",
] as const;
/** @internal */
export type ConvolutionClass = typeof CONVOLUTION_CLASSES[number];

const classes: ReadonlySet<string> = new Set(CONVOLUTION_CLASSES);
const isClass = (name: string): name is ConvolutionClass => classes.has(name);

/**
 * The class of a convolution. Square filters with padding (k - 1) / 2 have classes by filter, stride
 * and size of the maps; all else is "other".
 */
export function classOf({ input: [, h, w], filter, stride, padding }: Problem): ConvolutionClass {
  const [kernel, width] = filter;
  if (kernel !== width || padding !== (kernel - 1) / 2) return "other";
  const name = `${kernel}x${kernel}/${stride}`;
  if (isClass(name)) return h % 2 === 0 && w % 2 === 0 ? name : "other";
  const sized = `${name} on ${h}x${w}`;
  if (isClass(sized)) return sized;
  const larger = `${name} on larger`;
  return isClass(larger) && Math.min(h, w) > 4 ? larger : "other";
}
