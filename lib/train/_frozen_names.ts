import vm from "node:vm";

/** Far more than any pattern needs on a few hundred names. */
const LONGEST_MS = 2000;

/**
 * The names that a pattern matches. A pattern may come from a file, and one such as `(.*)*(.*)*x` takes
 * longer than the age of the universe: it is stopped.
 *
 * @param pattern Without the flags g and y.
 * @throws {RangeError} If the pattern takes longer than two seconds.
 */
export function frozenNames({ source, flags }: RegExp, names: readonly string[]): Set<string> {
  const code = `JSON.stringify(((names, pattern) => names.filter((name) => pattern.test(name)))(${
    JSON.stringify(names)
  }, new RegExp(${JSON.stringify(source)}, ${JSON.stringify(flags)})))`;
  try {
    return new Set(JSON.parse(vm.runInNewContext(code, {}, { timeout: LONGEST_MS })));
  } catch (error) {
    if ((error as { readonly code?: unknown })?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") {
      throw error;
    }
    throw new RangeError(
      `Expected freeze to tell a model's names apart within ${
        LONGEST_MS / 1000
      } s but /${source}/ ` +
        "takes longer; use a simpler pattern, e.g. ^layer1",
      { cause: error },
    );
  }
}
