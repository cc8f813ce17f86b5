import { withoutLaterDefaults } from "../../train/knob_definition.ts";
import { trainKnobs } from "../../train/knobs.ts";
import type { RunSpec } from "./run_spec.ts";

/** A value that JSON can hold. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
/** Settings by their place in a spec, e.g. "train.adversarial.epsilon". */
export interface SpecSettings {
  readonly [place: string]: Json;
}

function leaves(prefix: string, value: unknown): [string, Json][] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [[prefix, value as Json]];
  }
  return Object.entries(value).flatMap(([name, inner]) => leaves(`${prefix}.${name}`, inner));
}

/** All settings that decide a run, by their place; knobs at a default that need no mention are left out. */
export function settingsOf(spec: RunSpec): SpecSettings {
  const { data, model, pretrained, evaluation } = spec;
  const train = withoutLaterDefaults(trainKnobs, spec.train);
  const parts = { data, model, pretrained, train, evaluation };
  return Object.fromEntries(Object.entries(parts).flatMap(([name, part]) => leaves(name, part)));
}
