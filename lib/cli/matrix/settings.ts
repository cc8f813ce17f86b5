/** From the flags of `deno task matrix` to a cluster that can be used. */
import { resolve } from "node:path";
import { checkoutRoot } from "../../experiments/records/run_paths.ts";
import { pendingParts } from "../setup/parts.ts";
import { setupPaths } from "../setup/paths.ts";
import type { ClusterPlace, ClusterSettings, TlsFiles } from "./_dask.ts";
import type { MatrixFlags } from "./flags.ts";

/** The lab's own Python with `distributed`; installed where it is not yet. */
async function ownPython(): Promise<string> {
  const { root, python } = setupPaths();
  if ((await pendingParts("cluster")).length === 0) return python;
  // Set-up writes where this command may not: it runs as a process of its own.
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "lib/cli/setup.ts", "--for", "cluster"],
    cwd: root,
    stdin: "null",
  }).spawn().status;
  if (!success) throw new Error("Cannot use a cluster: set-up failed, for the reason above.");
  return python;
}

/** The certificates' files that the flags name; programs elsewhere need whole paths. */
function tlsFiles({ tlsCa, tlsCert, tlsKey }: MatrixFlags): TlsFiles {
  const named = Object.entries({ ca: tlsCa, cert: tlsCert, key: tlsKey });
  return Object.fromEntries(
    named.flatMap(([what, file]) => file === undefined ? [] : [[what, resolve(file)]]),
  );
}

function placeOf(flags: MatrixFlags): ClusterPlace | undefined {
  const { scheduler, localWorkers } = flags;
  if (scheduler !== undefined) return { scheduler, tls: tlsFiles(flags) };
  return localWorkers === undefined ? undefined : { localWorkers };
}

/**
 * The cluster that the flags name.
 *
 * @returns Undefined where runs are to be made in this process.
 * @throws {Error} If the Python packages that a cluster needs cannot be installed.
 */
export async function clusterSettings(flags: MatrixFlags): Promise<ClusterSettings | undefined> {
  const { threads, python, workerLab } = flags;
  const place = placeOf(flags);
  if (place === undefined) return undefined;
  return {
    place,
    workerLab: workerLab ?? resolve(checkoutRoot()),
    python: python ?? await ownPython(),
    ...(threads === undefined ? {} : { threads }),
  };
}
