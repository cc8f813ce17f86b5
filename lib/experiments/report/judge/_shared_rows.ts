/** Whether the images of a calibration are those of the test. */
import type { Predictions } from "../../../metrics/predictions.ts";

/** FNV-1a's prime, and two starts: 64 bits of digest. */
const PRIME = 16_777_619;
const STARTS = [2_166_136_261, 84_696_351] as const;

/** A text that equal rows of scores with equal labels share, and hardly any others. */
function digests({ logits, labels, classes, length }: Predictions): string[] {
  const copy = logits.slice(); // its own buffer, from byte 0
  const words = new Uint32Array(copy.buffer);
  return Array.from({ length }, (_, i) => {
    let [a, b]: [number, number] = [...STARTS];
    for (let k = i * classes; k < (i + 1) * classes; k++) {
      a = Math.imul(a ^ words[k]!, PRIME);
      b = Math.imul(b ^ words[k]!, PRIME) ^ (a >>> 13);
    }
    return `${a} ${b} ${labels[i]}`;
  });
}

/**
 * Counts the different rows of a calibration, and those of them that the test holds as well, score by
 * score and with the same label.
 */
export function sharedRows(
  calibration: Predictions,
  test: Predictions,
): { readonly shared: number; readonly different: number } {
  if (calibration.classes !== test.classes) return { shared: 0, different: calibration.length };
  const tested = new Set(digests(test));
  const different = new Set(digests(calibration));
  return {
    shared: [...different].filter((one) => tested.has(one)).length,
    different: different.size,
  };
}
