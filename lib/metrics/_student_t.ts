/** Quantiles of Student's t distribution, by the Cephes library (Moshier 1989) in WebAssembly. */
import { createRequire } from "node:module";

// The package's other form, for import, replaces Node's Buffer by one that Deno cannot load.
const { compiled, stdtri }: typeof import("cephes") = createRequire(import.meta.url)("cephes");
await compiled;

/** The t with P(|T| <= t) = level, T with `freedom` degrees of freedom. */
export function twoSidedStudentQuantile(freedom: number, level: number): number {
  return stdtri(freedom, (1 + level) / 2);
}
