import { requireInteger, requireOneOf } from "../arguments/require.ts";
import { dlrObjective, targetedDlrObjective } from "./_dlr_loss.ts";
import { labelLoss, type Objective } from "./_input_gradient.ts";

/**
 * What Auto-PGD climbs: cross entropy, the difference of logits ratio, or that ratio towards one class
 * after another.
 */
export type ApgdLoss = "ce" | "dlr" | "dlr-targeted";

/** All of them, for checks. */
export const apgdLosses: readonly ApgdLoss[] = ["ce", "dlr", "dlr-targeted"];

/** The fewest classes whose logits a ratio can be made of. */
const FEWEST_CLASSES: Readonly<Record<ApgdLoss, number>> = { ce: 1, dlr: 3, "dlr-targeted": 4 };

/**
 * Requires the name of a loss that a model has enough classes for.
 *
 * @throws {RangeError} Naming the loss, or the number of classes.
 */
export function requireApgdLoss(loss: ApgdLoss, classes: number): void {
  requireOneOf("loss", loss, apgdLosses);
  const what = `the classes of the model for loss "${loss}" (use "ce" for fewer)`;
  requireInteger(what, classes, { min: FEWEST_CLASSES[loss] });
}

/** The losses of images with these labels and, for "dlr-targeted", these target classes. */
export function apgdObjective(
  loss: ApgdLoss,
  classes: number,
  labels: Int32Array,
  targets: Int32Array | undefined,
): Objective {
  if (targets !== undefined) return targetedDlrObjective(labels, targets);
  return loss === "ce" ? labelLoss(labels, classes) : dlrObjective(labels);
}
