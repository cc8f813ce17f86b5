import type { Norm } from "./_requirements.ts";

/** Of what the plane's distance leaves after each step, this share is rounding. */
const ROUNDING = 1e-12;

/**
 * The shortest move within [0, 1] from a point z to the hyperplane `w . z = b` (Croce & Hein 2020,
 * "Minimally distorted adversarial examples", eq. 5 and 6), or as near to it as the box allows. Each
 * pixel moves by `min(lambda r_i, room_i)` against the excess, with r_i = 1 in linf and |w_i| in l2;
 * what that gains is concave in lambda and made of straight pieces, so Newton's method from 0 ends at
 * the exact lambda after a few passes.
 *
 * @param point z, d pixels.
 * @param weights w.
 * @param excess `w . z - b` at the point.
 * @param move Receives the d pixels of the move.
 * @returns The length of the move in the norm.
 */
export function hyperplaneMove(
  point: Float32Array,
  weights: Float32Array,
  excess: number,
  norm: Norm,
  move: Float64Array,
): number {
  const side = excess >= 0 ? 1 : -1;
  const wanted = Math.abs(excess);
  const room = (k: number) => {
    const pixel = point[k]!;
    return Math.max(side * weights[k]! > 0 ? pixel : 1 - pixel, 0);
  };
  const rate = (k: number) => norm === "linf" ? 1 : Math.abs(weights[k]!);
  let lambda = 0;
  for (;;) {
    let [gained, slope] = [0, 0];
    for (let k = 0; k < move.length; k++) {
      const weight = Math.abs(weights[k]!);
      const reach = lambda * rate(k);
      const most = room(k);
      gained += weight * Math.min(reach, most);
      if (reach < most) slope += weight * rate(k);
    }
    const missing = wanted - gained;
    if (missing <= ROUNDING * wanted || slope === 0) break;
    const next = lambda + missing / slope;
    if (next === lambda) break;
    lambda = next;
  }
  let [largest, squares] = [0, 0];
  for (let k = 0; k < move.length; k++) {
    const weight = weights[k]!;
    const length = weight === 0 ? 0 : Math.min(lambda * rate(k), room(k));
    move[k] = side * weight > 0 ? -length : length;
    largest = Math.max(largest, length);
    squares += length * length;
  }
  return norm === "linf" ? largest : Math.sqrt(squares);
}
