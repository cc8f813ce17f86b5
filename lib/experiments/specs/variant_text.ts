/** What a variant changes, in words. */
import { epsilonText } from "../../format/epsilon.ts";
import { settingsOf } from "./_spec_settings.ts";
import type { RunSpec } from "./run_spec.ts";

/** Settings in pixel units, which are read in 255ths. */
const BUDGETS = ["epsilon", "epsilons", "stepSize"];

function valueText(place: string, value: unknown, length = false): string {
  if (value === undefined || value === null) return "none";
  if (Array.isArray(value)) return `[${value.map((one) => valueText(place, one)).join(", ")}]`;
  const budget = !length && BUDGETS.includes(place.split(".").at(-1)!);
  return typeof value === "number" && budget ? epsilonText(value) : String(value);
}

/** A setting as its users call it: where training and evaluation share a name, with its part. */
function settingName(place: string): string {
  return place.startsWith("evaluation.") ? place : place.slice(place.indexOf(".") + 1);
}

/**
 * Lists the settings that a variant changes, with its parent's values.
 *
 * @returns `undefined` for a run that is no variant.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { specById } from "./matrix.ts";
 * import { variantSpec } from "./variant.ts";
 * const parent = specById("quick", "svhn-baseline");
 * const mine = variantSpec(parent, { id: "mine", train: { learningRate: 0.05, epochs: 8 } });
 * assertEquals(changesText(mine), "epochs 8 instead of 4, learningRate 0.05 instead of 0.02");
 * assertEquals(changesText(parent), undefined);
 * ```
 */
export function changesText(spec: RunSpec): string | undefined {
  if (spec.variant === undefined) return undefined;
  const now = settingsOf(spec);
  // A budget in the Euclidean norm is a length, not a number of 255ths.
  const length = spec.train.adversarial?.norm === "l2";
  const changes = Object.entries(spec.variant.before).map(([place, before]) => {
    const text = (value: unknown) => valueText(place, value, length && place.startsWith("train."));
    return `${settingName(place)} ${text(now[place])} instead of ${text(before)}`;
  });
  return changes.length === 0 ? "no other settings" : changes.join(", ");
}

/**
 * Says of which run a variant is one, and what it changes.
 *
 * @returns E.g. "variant of svhn-baseline with epochs 8 instead of 4"; `undefined` for any other run.
 */
export function variantText(spec: RunSpec): string | undefined {
  const changes = changesText(spec);
  return changes === undefined ? undefined : `variant of ${spec.variant!.of} with ${changes}`;
}
