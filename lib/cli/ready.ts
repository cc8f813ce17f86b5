/**
 * Whether set-up for a goal is complete: `ready.ts --for GOAL` exits with 0 where it is, else with 1.
 * Tasks ask this before they start `setup.ts`, which needs every permission; this needs to read alone.
 * It imports no package, since it runs before there are any.
 */
import { pendingParts, SETUP_GOALS } from "./setup/parts.ts";

const [flag, name, ...rest] = Deno.args;
const goal = SETUP_GOALS.find((goal) => goal === name);
if (flag !== "--for" || goal === undefined || rest.length > 0) {
  console.error(`Usage: ready.ts --for ${SETUP_GOALS.join("|")}`);
  Deno.exit(2);
}
Deno.exit((await pendingParts(goal)).length === 0 ? 0 : 1);
