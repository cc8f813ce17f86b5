/** Runs of the matrix and of the user's own, side by side. */
import { requireKnownOptions } from "../../arguments/known_options.ts";
import { requireList, requireParts } from "../../arguments/require.ts";
import { canonicalJson } from "../../format/canonical_json.ts";
import { rowOf, specById, withSeed } from "./matrix.ts";
import { parseRunSpec, type Profile, type RunSpec } from "./run_spec.ts";
import { type VariantChanges, variantNames, variantSpec } from "./variant.ts";

/**
 * Checks that a spec may stand beside the runs of a profile.
 *
 * @param place What it is called in errors.
 * @returns The spec.
 * @throws {TypeError} If it is no spec.
 * @throws {RangeError} If it is of another profile, or has the id of a run of the matrix but not its
 *   settings.
 */
export function ownSpec(profile: Profile, value: unknown, place: string): RunSpec {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`Expected ${place} to be a run's id or a spec but found ${String(value)}`);
  }
  const spec = parseRunSpec(value);
  if (spec.profile !== profile) {
    throw new RangeError(
      `Expected ${spec.id} to be a run of the ${profile} profile but ` +
        `found one of ${spec.profile}; make it as a variant of a run of ${profile}`,
    );
  }
  const known = rowOf(spec.id) && specById(profile, spec.id, spec.seed);
  if (known !== undefined && canonicalJson(known) !== canonicalJson(spec)) {
    throw new RangeError(
      `Expected a run with settings of its own to have an id of its own but found ${spec.id}, a run ` +
        `of the matrix; make it a variant under another id`,
    );
  }
  return spec;
}

/**
 * The specs of ids and of runs of the user's own; each id stands for one run.
 *
 * @returns Specs with seed 0.
 * @throws {TypeError|RangeError} As {@linkcode ownSpec}, if an id is unknown, or if two specs of one
 *   id differ.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { specById } from "./matrix.ts";
 * import { variantSpec } from "./variant.ts";
 * const mine = variantSpec(specById("quick", "svhn-ls"), { id: "mine", train: { epochs: 1 } });
 * assertEquals(specsOf("quick", ["svhn-ls", mine]).map(({ id }) => id), ["svhn-ls", "mine"]);
 * ```
 */
export function specsOf(profile: Profile, runs: readonly (string | RunSpec)[]): RunSpec[] {
  requireList("runs", runs);
  const found = new Map<string, RunSpec>();
  for (const [k, run] of runs.entries()) {
    const spec = typeof run === "string"
      ? specById(profile, run)
      : withSeed(ownSpec(profile, run, `runs[${k}]`), 0);
    const same = found.get(spec.id) ?? spec;
    if (canonicalJson(same) !== canonicalJson(spec)) {
      throw new RangeError(
        `Expected runs of one id to have the same settings but found two of ${spec.id} that differ; ` +
          `give each variant an id of its own`,
      );
    }
    found.set(spec.id, spec);
  }
  return [...found.values()];
}

/**
 * The variants that a file describes.
 *
 * @param value One variant or a list of them: `{ "from": "svhn-baseline", "id": "mine", "train": ... }`
 *   with the changes of {@linkcode variantSpec}, or a whole spec as that function returns it.
 * @returns Specs with seed 0.
 * @throws {TypeError|RangeError} As {@linkcode variantSpec} and {@linkcode specsOf}.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const [mine] = variantsOf("quick", { from: "svhn-ls", id: "mine", train: { epochs: 1 } });
 * assertEquals([mine!.train.epochs, mine!.train.labelSmoothing], [1, 0.1]);
 * ```
 */
export function variantsOf(profile: Profile, value: unknown): RunSpec[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return specsOf(
    profile,
    list.map((one, k) => {
      const place = list.length === 1 ? "the variant" : `variant ${k + 1}`;
      const { from, ...changes } = Object(one) as Record<string, unknown>;
      if (from === undefined && "profile" in changes) return ownSpec(profile, one, place);
      requireParts(place, one, "an object with from, the run that it changes, and id", [
        "from",
        "id",
      ]);
      requireKnownOptions("variant", one, { from: true, ...variantNames });
      return variantSpec(specById(profile, String(from)), changes as unknown as VariantChanges);
    }),
  );
}
