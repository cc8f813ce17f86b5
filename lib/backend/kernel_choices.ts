/** What a kernel table holds. */
import type { ConvolutionClass } from "./convolution_class.ts";
import type { Pass } from "./convolution_form.ts";

/** Whose kernel: TensorFlow's public one, which is Eigen's on a CPU, or oneDNN's by name. */
export const LIBRARIES = ["public", "onednn"] as const;
/** @internal */
export type Library = typeof LIBRARIES[number];

/** The ways to compute a convolution; each has a file of its own. */
export const FORM_NAMES = [
  "public",
  "onednn",
  "matrix",
  "patches",
  "winograd",
  "stem",
  "turned",
] as const;
/** @internal */
export type FormName = typeof FORM_NAMES[number];

/** Which factor of a product is transposed: neither, the second or the first. */
export const PRODUCT_KINDS = ["a b", "a bT", "aT b"] as const;
/** @internal */
export type ProductKind = typeof PRODUCT_KINDS[number];

/** A tensor of at most 2^15 numbers, where a kernel's fixed cost counts most, or a larger one. */
export const TENSOR_SIZES = ["small", "large"] as const;
/** @internal */
export type TensorSize = typeof TENSOR_SIZES[number];

/** The size of a tensor by its count of numbers. */
export function sizeOf(count: number): TensorSize {
  return count <= 2 ** 15 ? "small" : "large";
}

/** The form of each pass of a convolution. */
export type ConvolutionRow = Readonly<Record<Pass, FormName>>;

/** What computes what. */
export interface KernelChoices {
  readonly convolutions: Readonly<Record<ConvolutionClass, ConvolutionRow>>;
  readonly products: Readonly<Record<ProductKind, Library>>;
  /** Products of many matrices of one shape. */
  readonly batchProducts: Library;
  readonly batchNorm: Readonly<Record<TensorSize, Library>>;
  readonly maxPool: Library;
}

/** Choices under the name that a result's provenance gives. */
export interface KernelTable extends KernelChoices {
  readonly name: string;
}
