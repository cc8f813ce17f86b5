/** `deno task explore`: a page in which trained networks run in the reader's browser. */
import { runCommandLine } from "./_run_command_line.ts";
import { parseExploreFlags } from "./explore/flags.ts";

const flags = parseExploreFlags(Deno.args);
await runCommandLine(async (signal) => {
  // Loaded late: --help and a wrong flag need no TensorFlow.
  const { runExplore } = await import("./explore/run_explore.ts");
  return await runExplore(flags, signal);
}, "Stopped; the same command continues after the last finished epoch.");
