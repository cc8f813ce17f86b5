/** The values that tests/golden/metrics.py wrote, and predictions built from them. */
import { type Predictions, predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import golden from "../golden/metrics.json" with { type: "json" };

export const representation = golden.representation;
export const statistics = golden.statistics;

/** One golden case with its predictions. */
export interface GoldenCase {
  readonly name: string;
  readonly p: Predictions;
  readonly bins: number;
  readonly values: (typeof golden.predictions)[number];
}

export const cases: GoldenCase[] = golden.predictions.map((values) => ({
  name: values.name,
  p: predictionsFromLogits(new Float32Array(values.logits), values.labels, values.classes),
  bins: values.bins,
  values,
}));
