/** `deno task download`: fetches the official files, or builds the published runs' subsets of them. */
import { parseDownloadFlags } from "./download/flags.ts";
import { runDownload } from "./download/run_download.ts";
import { runCommandLine } from "./_run_command_line.ts";

const flags = parseDownloadFlags(Deno.args);
await runCommandLine(
  (signal) => runDownload(flags, signal),
  "Stopped. The same command continues where this one stopped.",
);
