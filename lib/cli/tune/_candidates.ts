/** What the kernels of a table are timed on: ResNet-18's shapes for 32 x 32 images. */
import { outputShape, type Problem, type Shape4 } from "../../backend/convolution_form.ts";
import { tf } from "../../backend/tf.ts";

/** One convolution of each class: size of the maps, channels, outputs, kernel and stride. */
const SHAPES = [
  [32, 3, 64, 7, 2],
  [8, 64, 64, 3, 1],
  [8, 64, 128, 1, 2],
  [8, 64, 128, 3, 2],
  [4, 128, 128, 3, 1],
  [4, 128, 256, 1, 2],
  [4, 128, 256, 3, 2],
  [2, 256, 256, 3, 1],
  [2, 256, 512, 1, 2],
  [2, 256, 512, 3, 2],
  [1, 512, 512, 3, 1],
] as const;

/** The convolutions that are timed, on `batch` images. */
export function convolutionProblems(batch: number): Problem[] {
  return SHAPES.map(([size, channels, outputs, kernel, stride]) => ({
    input: [batch, size, size, channels],
    filter: [kernel, kernel, channels, outputs],
    stride,
    padding: (kernel - 1) / 2,
  }));
}

/** Tensors of a problem; dispose them. */
export function tensorsOf(
  problem: Problem,
): { x: tf.Tensor4D; filter: tf.Tensor4D; dy: tf.Tensor4D } {
  const normal = (shape: Shape4, seed: number) =>
    tf.randomNormal<tf.Rank.R4>([...shape], 0, 1, "float32", seed);
  return {
    x: normal(problem.input, 1),
    filter: normal(problem.filter, 2),
    dy: normal(outputShape(problem), 3),
  };
}
