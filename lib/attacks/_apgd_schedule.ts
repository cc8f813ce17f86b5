/** Auto-PGD's bookkeeping in plain numbers: when to look back, and whose step to halve. */

/** A step must have raised the loss in this share of a period's iterations (rho in the paper). */
const RISING_SHARE = 0.75;

/**
 * The iterations at which step sizes are reviewed (Croce & Hein 2020, section 3.2): the first after
 * 22 % of the budget, then after periods that each shrink by 3 % of it, down to 6 %.
 *
 * @param steps The budget, >= 1.
 * @returns Lengths of the periods; their sum never exceeds `steps`.
 */
export function reviewPeriods(steps: number): number[] {
  const share = (fraction: number) => Math.max(Math.trunc(fraction * steps), 1);
  const [shortest, decrement] = [share(0.06), share(0.03)];
  const periods: number[] = [];
  let period = share(0.22);
  for (let used = period; used <= steps; used += period) {
    periods.push(period);
    period = Math.max(period - decrement, shortest);
  }
  return periods;
}

/** One image's step size and what its halving depends on. */
export class StepControl {
  #best = -Infinity;
  #bestAtReview = -Infinity;
  /** The start's loss is compared with nothing: it is no rise. */
  #last = Infinity;
  #rises = 0;
  #halvedAtReview = true;

  /** @param stepSize The first step's size. */
  constructor(public stepSize: number) {}

  /** Notes the loss of the start or of an iteration; `true` if it is the highest so far. */
  record(loss: number): boolean {
    if (loss > this.#last) this.#rises++;
    this.#last = loss;
    if (!(loss > this.#best)) return false;
    this.#best = loss;
    return true;
  }

  /**
   * Ends a period. Halves the step if the loss rose too seldom in it (condition 1), or if neither the
   * step nor the best loss has changed since the review before (condition 2).
   *
   * @returns `true` if it was halved: the search then continues from the best point.
   */
  review(period: number): boolean {
    const tooFewRises = this.#rises <= RISING_SHARE * period;
    const stuck = !this.#halvedAtReview && this.#bestAtReview >= this.#best;
    const halve = tooFewRises || stuck;
    if (halve) this.stepSize /= 2;
    this.#halvedAtReview = halve;
    this.#bestAtReview = this.#best;
    this.#rises = 0;
    return halve;
  }
}
