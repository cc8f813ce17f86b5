/** How badly a class fits an image: the conformity scores of prediction sets. */
import { throwIfInterrupted } from "../terminal/interrupt.ts";
import { generator } from "../random/generator.ts";
import type { Predictions } from "./predictions.ts";

/** RAPS: penalty for each class beyond the first `FREE_RANKS` (Angelopoulos et al. 2021, eq. 5). */
const PENALTY = 0.01;
const FREE_RANKS = 1;

/** The classes of one image from the most to the least probable; as the argmax, ties by logit. */
function ranking({ probabilities, logits, classes }: Predictions, image: number): Uint32Array {
  const start = image * classes;
  return Uint32Array.from({ length: classes }, (_, k) => k).sort((a, b) =>
    probabilities[start + b]! - probabilities[start + a]! ||
    logits[start + b]! - logits[start + a]! ||
    a - b
  );
}

/** K scores of one image into `into`, given its draw u from [0, 1). */
type Score = (p: Predictions, image: number, u: number, into: Float64Array) => void;

/** Probability of the classes before, u times its own, and a penalty that rises with the rank. */
function cumulative(penalty: number): Score {
  return (p, image, u, into) => {
    let before = 0;
    ranking(p, image).forEach((k, place) => {
      const own = p.probabilities[image * p.classes + k]!;
      into[k] = before + u * own + penalty * Math.max(0, place + 1 - FREE_RANKS);
      before += own;
    });
  };
}

/** The scores by name; smaller fits better. */
export const conformalScores: Readonly<Record<ConformalScore, Score>> = {
  /** 1 - p (Sadinle et al. 2019); draws nothing. */
  lac({ probabilities, classes }, image, _, into) {
    for (let k = 0; k < classes; k++) into[k] = 1 - probabilities[image * classes + k]!;
  },
  aps: cumulative(0),
  raps: cumulative(PENALTY),
};

/** The name of a conformity score. */
export type ConformalScore = "lac" | "aps" | "raps";

/** Calls `use` with the K scores of each image in turn; the array is reused. */
export function eachImagesScores(
  p: Predictions,
  score: ConformalScore,
  draws: { readonly seed: number; readonly stream: number },
  use: (scores: Float64Array, image: number) => void,
): void {
  const { uniform } = generator(draws.seed, draws.stream);
  const scores = new Float64Array(p.classes);
  for (let image = 0; image < p.length; image++) {
    throwIfInterrupted();
    conformalScores[score](p, image, uniform(), scores);
    use(scores, image);
  }
}
