import type { RunSpec } from "../../lib/experiments/specs/run_spec.ts";

/** The same runs on a handful of images: what they learn does not matter here. */
export function tiny(spec: RunSpec): RunSpec {
  return {
    ...spec,
    data: {
      ...spec.data,
      trainLimit: 60,
      testLimit: 24,
      ...(spec.data.trainSubset === undefined ? {} : { trainSubset: 30 }),
    },
    train: { ...spec.train, epochs: 2, batchSize: 32 },
    evaluation: {
      ...spec.evaluation,
      batchSize: 24,
      mapImages: 12,
      gridImages: 2,
      gradientImages: 4,
      attackImages: 6,
      attackSteps: 2,
      iterationImages: 6,
      iterationSteps: [1, 2],
      strongImages: 0,
      maskingImages: 0,
    },
  };
}
