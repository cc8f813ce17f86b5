/** How much arithmetic ResNet-18 needs, counted from its shapes. */

/** A convolution on square maps. */
export interface ConvolutionShape {
  /** The layer's name in the model, e.g. "layer1.0.conv1". */
  readonly name: string;
  /** Height and width of the input maps. */
  readonly size: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** Multiply-adds per image. */
export interface Arithmetic {
  readonly forward: number;
  /** Forward and the gradient of the input: an attack's step. */
  readonly inputGradient: number;
  /** Forward and the gradients of all inputs but the first layer's, and of all weights. */
  readonly trainingStep: number;
}

/**
 * Height and width of a convolution's output.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(outputSize({ size: 32, kernel: 7, stride: 2, padding: 3 }), 16);
 * ```
 */
export function outputSize(
  { size, kernel, stride, padding }: Pick<
    ConvolutionShape,
    "size" | "kernel" | "stride" | "padding"
  >,
): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

/**
 * Multiply-adds of a convolution for one image. A tap that meets padding at a position multiplies
 * zero; it is not counted there. So a padded 3 x 3 convolution on 1 x 1 maps costs one tap, on 2 x 2
 * maps four a position. The gradient with respect to the input, or the filter, takes as many.
 *
 * @returns `inputs * outputs * (taps inside the map, summed over rows) ^ 2`.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const shape = { name: "", size: 1, inputs: 2, outputs: 5, kernel: 3, stride: 1, padding: 1 };
 * assertEquals(convolutionMultiplyAdds(shape), 10);
 * ```
 */
export function convolutionMultiplyAdds(shape: ConvolutionShape): number {
  const { size, inputs, outputs, kernel, stride, padding } = shape;
  let taps = 0; // along one axis
  for (let position = 0; position < outputSize(shape); position++) {
    for (let tap = 0; tap < kernel; tap++) {
      const place = position * stride + tap - padding;
      if (place >= 0 && place < size) taps++;
    }
  }
  return inputs * outputs * taps * taps;
}

/** The same for layers of the same shape. */
export function shapeKey({ name: _name, ...shape }: ConvolutionShape): string {
  return JSON.stringify(shape);
}

const WIDTHS = [64, 128, 256, 512];
const FEATURES = 512;

/**
 * The convolutions of ResNet-18 with the ImageNet stem (He et al. 2016, table 1), in order.
 *
 * @param imageSize Height and width of the images, a multiple of 32. Default 32.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(resnet18Convolutions().length, 20);
 * ```
 */
export function resnet18Convolutions(imageSize = 32): ConvolutionShape[] {
  const stem = { name: "conv1", size: imageSize, inputs: 3, outputs: 64, kernel: 7, stride: 2 };
  const shapes: ConvolutionShape[] = [{ ...stem, padding: 3 }];
  let [size, inputs] = [imageSize / 4, 64]; // after the stem and its pooling
  for (const [stage, outputs] of WIDTHS.entries()) {
    for (const block of [0, 1]) {
      const name = `layer${stage + 1}.${block}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const first = { name: `${name}.conv1`, size, inputs, outputs, kernel: 3, stride, padding: 1 };
      if (stride === 2) {
        const projection = { ...first, name: `${name}.downsample.0`, kernel: 1, padding: 0 };
        shapes.push(projection);
      }
      size = outputSize(first);
      const second = { ...first, name: `${name}.conv2`, size, inputs: outputs, stride: 1 };
      shapes.push(first, second);
      inputs = outputs;
    }
  }
  return shapes;
}

/**
 * Multiply-adds of ResNet-18 for one image: its convolutions and the last layer. Batch norm, ReLU and
 * pooling are left out; they need memory traffic rather than arithmetic.
 *
 * @param options `imageSize` default 32, `classes` default 10.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const { forward, inputGradient } = resnet18MultiplyAdds();
 * assertEquals(inputGradient, 2 * forward);
 * ```
 */
export function resnet18MultiplyAdds(
  { imageSize = 32, classes = 10 }: { imageSize?: number; classes?: number } = {},
): Arithmetic {
  const layers = resnet18Convolutions(imageSize).map(convolutionMultiplyAdds);
  const forward = layers.reduce((sum, layer) => sum + layer, FEATURES * classes);
  return { forward, inputGradient: 2 * forward, trainingStep: 3 * forward - layers[0]! };
}
