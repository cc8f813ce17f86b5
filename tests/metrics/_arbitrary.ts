/** Random predictions for property tests. */
import fc from "fast-check";
import { type Predictions, predictionsFromLogits } from "../../lib/metrics/predictions.ts";

/**
 * Predictions of 1 to 40 images in 2 to 5 classes. Logits lie on a grid of eighths, so equal
 * confidences are common and no two logits are so close that float32 merges them.
 */
export const arbitraryPredictions: fc.Arbitrary<Predictions> = fc
  .record({ n: fc.integer({ min: 1, max: 40 }), classes: fc.integer({ min: 2, max: 5 }) })
  .chain(({ n, classes }) =>
    fc.record({
      classes: fc.constant(classes),
      labels: fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: n, maxLength: n }),
      eighths: fc.array(fc.integer({ min: -60, max: 60 }), {
        minLength: n * classes,
        maxLength: n * classes,
      }),
    })
  )
  .map(({ classes, labels, eighths }) =>
    predictionsFromLogits(Float32Array.from(eighths, (value) => value / 8), labels, classes)
  );

/** The same images in another order. */
export function reordered(p: Predictions, order: readonly number[]): Predictions {
  const logits = new Float32Array(p.logits.length);
  for (const [to, from] of order.entries()) {
    logits.set(p.logits.subarray(from * p.classes, (from + 1) * p.classes), to * p.classes);
  }
  return predictionsFromLogits(logits, order.map((from) => p.labels[from]!), p.classes);
}

/** Predictions together with a permutation of their images. */
export const arbitraryReordering: fc.Arbitrary<{ p: Predictions; other: Predictions }> =
  arbitraryPredictions.chain((p) =>
    fc
      .shuffledSubarray(Array.from({ length: p.length }, (_, i) => i), { minLength: p.length })
      .map((order) => ({ p, other: reordered(p, order) }))
  );
