import { tf } from "../../backend/tf.ts";
import { waitForDevice } from "../../backend/device.ts";
import {
  convolutionFilterGradient,
  convolutionForward,
  convolutionInputGradient,
  prepareFilter,
} from "../../backend/convolution.ts";
import {
  type ConvolutionShape,
  outputSize,
  resnet18Convolutions,
  shapeKey,
} from "./_multiply_adds.ts";
import type { LayerSeconds } from "./_protocol.ts";
import { median } from "./_statistics.ts";

const BATCH = 128;

/** Median seconds of a call, after one to warm up. */
function secondsOf(compute: () => tf.Tensor, budget: number): number {
  const seconds: number[] = [];
  const call = () => {
    tf.tidy(() => void compute());
    waitForDevice();
  };
  call();
  const begin = performance.now();
  do {
    const start = performance.now();
    call();
    seconds.push((performance.now() - start) / 1000);
  } while (performance.now() - begin < budget * 1000);
  return median(seconds);
}

/** Times one convolution as a training step runs it: the filter is prepared at each forward pass. */
function timeLayer(shape: ConvolutionShape, budget: number): LayerSeconds {
  const { name, size, inputs, outputs, kernel, stride, padding } = shape;
  const geometry = { stride, padding };
  const out = outputSize(shape);
  const x = tf.ones<tf.Rank.R4>([BATCH, size, size, inputs]);
  const filter = tf.fill<tf.Rank.R4>([kernel, kernel, inputs, outputs], 0.01);
  const dy = tf.ones<tf.Rank.R4>([BATCH, out, out, outputs]);
  const prepared = prepareFilter(filter, x.shape, geometry);
  const forward = () => convolutionForward(x, prepareFilter(filter, x.shape, geometry), geometry);
  const inputGradient = () => convolutionInputGradient(dy, prepared, x.shape, geometry);
  const filterGradient = () => convolutionFilterGradient(dy, x, filter.shape, geometry);
  const result = {
    name,
    forward: secondsOf(forward, budget),
    inputGradient: secondsOf(inputGradient, budget),
    filterGradient: secondsOf(filterGradient, budget),
  };
  tf.dispose([x, filter, dy, prepared.forward, prepared.inputGradient]);
  return result;
}

/**
 * Times the kernels of each differently shaped convolution of ResNet-18 alone, at batch 128.
 *
 * @param budget Seconds for each kernel.
 */
export function timeLayers(budget: number): LayerSeconds[] {
  const distinct = new Map<string, ConvolutionShape>();
  for (const shape of resnet18Convolutions()) {
    const key = shapeKey(shape);
    if (!distinct.has(key)) distinct.set(key, shape);
  }
  return [...distinct.values()].map((shape) => timeLayer(shape, budget));
}
