/**
 * Convolutions of 3 x 3 filters on 4 x 4 and 2 x 2 maps as fewer products: y = A [(G w) (T x)], where
 * T, G and A are small constant matrices over pixels and taps and the products in brackets are of
 * matrices over channels, one for each row of T and G (Winograd 1980; Lavin and Gray 2016, eq. 8).
 * The gradients are the adjoint of the same three steps. In one dimension:
 *
 * - 4 pixels onto 4, F(4, 3): 6 products instead of the 10 taps that meet the map. Its matrices have
 *   entries up to 8, so results differ from the plain form by about 1e-5 of the largest.
 * - 2 pixels onto 2: 3 products instead of 4.
 * - 4 pixels onto 2 with stride 2: the 5 taps that meet the map. A general kernel takes 6.
 */
import type { tf } from "./tf.ts";
import { matrix } from "./_constant.ts";
import { type ConvolutionForm, outputShape, type Problem } from "./convolution_form.ts";
import { reshaped, transposed } from "./_layout.ts";
import { batchProduct, product } from "./product.ts";

type Matrix = readonly (readonly number[])[];

/** The three matrices of one dimension. */
interface Algorithm {
  /** [products, pixels]. */
  readonly T: Matrix;
  /** [products, taps]. */
  readonly G: Matrix;
  /** [outputs, products]. */
  readonly A: Matrix;
}

/** Under "pixels/stride". Filters have 3 taps and padding 1. */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  // Lavin and Gray 2016, section 4.2, without the columns of T that meet padding.
  "4/1": {
    T: [[0, -5, 0, 1], [-4, -4, 1, 1], [4, -4, -1, 1], [-2, -1, 2, 1], [2, -1, -2, 1], [
      4,
      0,
      -5,
      0,
    ]],
    G: [
      [1 / 4, 0, 0],
      [-1 / 6, -1 / 6, -1 / 6],
      [-1 / 6, 1 / 6, -1 / 6],
      [1 / 24, 1 / 12, 1 / 6],
      [1 / 24, -1 / 12, 1 / 6],
      [0, 0, 1],
    ],
    A: [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
  },
  // y0 = w1 x0 + w2 x1 and y1 = w0 x0 + w1 x1 share w1 (x0 + x1).
  "2/1": {
    T: [[1, 1], [0, 1], [1, 0]],
    G: [[0, 1, 0], [0, -1, 1], [1, -1, 0]],
    A: [[1, 1, 0], [1, 0, 1]],
  },
  // y0 = w1 x0 + w2 x1 and y1 = w0 x1 + w1 x2 + w2 x3.
  "4/2": {
    T: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
    G: [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]],
    A: [[1, 1, 0, 0, 0], [0, 0, 1, 1, 1]],
  },
};

const nameOf = ({ input, stride }: Problem) => `${input[1]}/${stride}`;

/** The Kronecker square: the same in two dimensions. */
function squared(a: Matrix): Matrix {
  return a.flatMap((row) => a.map((column) => row.flatMap((x) => column.map((y) => x * y))));
}

function transform(problem: Problem, which: keyof Algorithm): tf.TensorInfo {
  const name = nameOf(problem);
  return matrix(`${which} of ${name}`, () => squared(ALGORITHMS[name]![which]));
}

/** How many products of channels by outputs the algorithm takes. */
const productCount = (problem: Problem) => ALGORITHMS[nameOf(problem)]!.T.length ** 2;

/** [n, h, w, c] as [h w, n c]. */
function byPixel(maps: tf.Tensor4D): tf.Tensor2D {
  const [n, h, w, c] = maps.shape;
  return reshaped(transposed(maps, [1, 2, 0, 3]), [h * w, n * c]);
}

/** [h w, n c] as [n, h, w, c]. */
function asMaps(pixels: tf.Tensor, [n, h, w, c]: readonly number[]): tf.Tensor4D {
  return transposed(reshaped(pixels, [h!, w!, n!, c!]), [2, 0, 1, 3]);
}

/** The convolution by Winograd's products. */
export const WINOGRAD_FORM: ConvolutionForm = {
  fits: ({ input, filter, stride, padding }) =>
    input[1] === input[2] && filter[0] === 3 && filter[1] === 3 && padding === 1 &&
    `${input[1]}/${stride}` in ALGORITHMS,
  /** G w: [products, channels, outputs]. */
  prepare(filter, problem) {
    const { filter: [, , channels, outputs] } = problem;
    const taps = reshaped(filter, [9, channels * outputs]);
    const transformed = product(transform(problem, "G"), taps);
    return reshaped(transformed, [productCount(problem), channels, outputs]);
  },
  /** T x: [products, n, channels]. */
  input(x, problem) {
    const { input: [n, , , channels] } = problem;
    const transformed = product(transform(problem, "T"), byPixel(x));
    return reshaped(transformed, [productCount(problem), n, channels]);
  },
  /** A^T dy: [products, n, outputs]. */
  gradient(dy, problem) {
    const { input: [n], filter: [, , , outputs] } = problem;
    const transformed = product(transform(problem, "A"), byPixel(dy), "aT b");
    return reshaped(transformed, [productCount(problem), n, outputs]);
  },
  forward(input, prepared, problem) {
    const { input: [n], filter: [, , , outputs] } = problem;
    const flat = reshaped(batchProduct(input, prepared), [productCount(problem), n * outputs]);
    return asMaps(product(transform(problem, "A"), flat), outputShape(problem));
  },
  inputGradient(gradient, prepared, problem) {
    const { input } = problem;
    const products = batchProduct(gradient, prepared, "a bT");
    const flat = reshaped(products, [productCount(problem), input[0] * input[3]]);
    return asMaps(product(transform(problem, "T"), flat, "aT b"), input);
  },
  filterGradient(gradient, input, problem) {
    const { filter: [, , channels, outputs] } = problem;
    const products = batchProduct(input, gradient, "aT b");
    const flat = reshaped(products, [productCount(problem), channels * outputs]);
    return reshaped(product(transform(problem, "G"), flat, "aT b"), problem.filter);
  },
};
