/** What the kernels of a table are timed on: ResNet-18's shapes for 32 x 32 images at batch 128. */
import { classOf, type ConvolutionClass } from "../../backend/_convolution_class.ts";
import { outputShape, type Problem, type Shape4 } from "../../backend/_convolution_form.ts";
import { tf } from "../../backend/tf.ts";
import { resnet18Convolutions } from "../bench/multiply_adds.ts";

export const BATCH = 128;

/** Each class of convolutions that ResNet-18 has, with its first convolution of that class. */
export function convolutionProblems(): Map<ConvolutionClass, Problem> {
  const problems = new Map<ConvolutionClass, Problem>();
  for (const { size, inputs, outputs, kernel, stride, padding } of resnet18Convolutions()) {
    const problem: Problem = {
      input: [BATCH, size, size, inputs],
      filter: [kernel, kernel, inputs, outputs],
      stride,
      padding,
    };
    const kind = classOf(problem);
    if (!problems.has(kind)) problems.set(kind, problem);
  }
  return problems;
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
