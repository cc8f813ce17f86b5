/**
 * The log odds against one class of an image, `log((1 - p_k) / p_k) = log sum_{j != k} exp(z_j - z_k)`,
 * from its logits in double precision. The other logits are summed in order of size, so that two images
 * with the same logits in another order tie.
 *
 * @param logits Of one or more images, finite; the image's own are [start, start + classes).
 * @param chosen The class k.
 */
export function logOddsAgainst(
  logits: ArrayLike<number>,
  start: number,
  classes: number,
  chosen: number,
): number {
  const others = new Float64Array(classes - 1);
  for (let k = 0, j = 0; k < classes; k++) {
    if (k !== chosen) others[j++] = logits[start + k]!;
  }
  others.sort();
  const largest = others.at(-1)!;
  let sum = 0;
  for (const score of others) sum += Math.exp(score - largest);
  return largest - logits[start + chosen]! + Math.log(sum);
}
