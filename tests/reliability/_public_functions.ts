import * as lab from "../../lib/mod.ts";

type PublicFunction = (...args: unknown[]) => unknown;

/** The library's public functions by name; not its error classes, which are there to be caught. */
export function publicFunctions(): [name: string, call: PublicFunction][] {
  return Object.entries(lab as Record<string, unknown>).flatMap(([name, value]) =>
    typeof value !== "function" || value.prototype instanceof Error
      ? []
      : [[name, value as PublicFunction]]
  );
}
