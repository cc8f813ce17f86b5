/**
 * The assertions of `jsr:@std/assert`; where jsr cannot be reached, the same names over
 * `node:assert`. `deno task doctor` names which one is in use.
 */
import type * as Fallback from "./_fallback.ts";

const loaded = await import("@std/assert").then(
  (module) => ({ name: "jsr:@std/assert", module: module as unknown as typeof Fallback }),
  async () => ({ name: "node:assert (fallback)", module: await import("./_fallback.ts") }),
);

/** Which implementation is in use. */
export const assertAdapter: string = loaded.name;
export const assert: typeof Fallback.assert = loaded.module.assert;
export const assertEquals: typeof Fallback.assertEquals = loaded.module.assertEquals;
export const assertNotEquals: typeof Fallback.assertNotEquals = loaded.module.assertNotEquals;
export const assertStrictEquals: typeof Fallback.assertStrictEquals =
  loaded.module.assertStrictEquals;
export const assertAlmostEquals: typeof Fallback.assertAlmostEquals =
  loaded.module.assertAlmostEquals;
export const assertThrows: typeof Fallback.assertThrows = loaded.module.assertThrows;
export const assertRejects: typeof Fallback.assertRejects = loaded.module.assertRejects;
export const assertStringIncludes: typeof Fallback.assertStringIncludes =
  loaded.module.assertStringIncludes;
export const assertMatch: typeof Fallback.assertMatch = loaded.module.assertMatch;
