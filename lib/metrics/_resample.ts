import { lazy } from "./lazy.ts";
import { knownOutcomes, type Outcomes } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

function gather<T extends Int32Array | Uint32Array | Uint8Array | Float32Array>(
  read: () => T,
  rows: Uint32Array,
): () => T {
  return lazy(() => {
    const source = read();
    const result = new (source.constructor as new (length: number) => T)(rows.length);
    for (let i = 0; i < rows.length; i++) result[i] = source[rows[i]!]!;
    return result;
  });
}

function gatherRows(source: Float32Array, rows: Uint32Array, width: number): () => Float32Array {
  return lazy(() => {
    const result = new Float32Array(rows.length * width);
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i]! * width;
      for (let j = 0; j < width; j++) result[i * width + j] = source[from + j]!;
    }
    return result;
  });
}

/**
 * The predictions of some rows of `base`, repeats allowed. Each part is copied only when it is
 * read: a thousand resamples of an accuracy never touch the N x K logits.
 */
export function resample(base: Predictions, known: Outcomes, rows: Uint32Array): Predictions {
  const { classes, features } = base;
  const logits = gatherRows(base.logits, rows, classes);
  const probabilities = gatherRows(base.probabilities, rows, classes);
  const labels = lazy(() => Int32Array.from(rows, (row) => base.labels[row]!));
  const predicted = gather(() => known.predicted, rows);
  const confidence = gather(() => known.confidence, rows);
  const correct = gather(() => known.correct, rows);
  const rank = gather(() => known.rank, rows);
  const result = {
    get logits() {
      return logits();
    },
    get probabilities() {
      return probabilities();
    },
    get labels() {
      return labels();
    },
    classes,
    length: rows.length,
  };
  if (features !== undefined) {
    const read = gatherRows(features, rows, features.length / base.length);
    Object.defineProperty(result, "features", { get: read, enumerable: true });
  }
  const drawn: Outcomes = {
    get predicted() {
      return predicted();
    },
    get confidence() {
      return confidence();
    },
    get correct() {
      return correct();
    },
    get rank() {
      return rank();
    },
  };
  // Not enumerable: a metric that spreads the object and replaces its labels must not inherit it.
  Object.defineProperty(result, knownOutcomes, { value: drawn });
  return result;
}
