import type { RunResult } from "../experiments/runs/make_run.ts";
import { variantText } from "../experiments/specs/variant_text.ts";

/** What `--json` prints of a finished run. */
export function runLine({ record, directory, cached }: RunResult): object {
  const { id, seed, config, history, metrics } = record;
  const { accuracy, accuracyInterval: { low, high }, n, ece, brier, nll, aurc } = metrics;
  const variant = variantText(config.spec);
  return {
    ...{ id, seed, profile: config.profile, hash: config.hash, directory, cached },
    ...(variant === undefined ? {} : { variant }),
    ...{ test: metrics.name, source: metrics.source, n, accuracy, low, high },
    ...{ ece, brier, nll, aurc, epochs: history.epochs.length, bestEpoch: history.bestEpoch },
  };
}
