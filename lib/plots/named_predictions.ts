import type { Predictions } from "../metrics/predictions.ts";
import { requireNames, requireSome } from "./_require.ts";

/** Predictions of one model, or of several by name. */
export type PredictionsInput = Predictions | Readonly<Record<string, Predictions>>;

/** Pairs of name and predictions; the name is "" where only one was given. */
export function namedPredictions(input: PredictionsInput): [string, Predictions][] {
  const single = "logits" in input && input.logits instanceof Float32Array;
  const entries: [string, Predictions][] = single
    ? [["", input as Predictions]]
    : Object.entries(input as Readonly<Record<string, Predictions>>);
  requireSome("predictions", entries.length);
  if (entries.length > 1) {
    requireNames(
      "the names of the predictions",
      entries.map(([name]) => name),
    );
  }
  return entries;
}
