import { convolutionMultiplyAdds, resnet18Convolutions, shapeKey } from "./_multiply_adds.ts";
import type { LayerSeconds } from "./_protocol.ts";
import type { LayerRow } from "./result.ts";

const BATCH = 128;

/** Adds counts, shapes and rates to the times of each convolution. */
export function layerRows(times: readonly LayerSeconds[]): LayerRow[] {
  const layers = resnet18Convolutions();
  return times.map(({ name, ...seconds }) => {
    const shape = layers.find((layer) => layer.name === name)!;
    const { size, inputs, outputs, kernel, stride } = shape;
    const multiplyAdds = convolutionMultiplyAdds(shape);
    const kernelOf = (seconds: number) => ({
      milliseconds: 1000 * seconds,
      gflops: 2 * BATCH * multiplyAdds / seconds / 1e9,
    });
    return {
      name,
      count: layers.filter((layer) => shapeKey(layer) === shapeKey(shape)).length,
      shape: `${size}x${size}x${inputs}, ${kernel}x${kernel}/${stride} -> ${outputs}`,
      megaMultiplyAdds: multiplyAdds / 1e6,
      kernels: {
        forward: kernelOf(seconds.forward),
        inputGradient: kernelOf(seconds.inputGradient),
        filterGradient: kernelOf(seconds.filterGradient),
      },
    };
  });
}
