/** A JupyterLab as `deno task lab` starts it, to look at notebooks in. */
import { join } from "node:path";
import type { SetupPaths } from "../../lib/cli/setup/paths.ts";

const START_MS = 180_000;

/** A running JupyterLab. */
export interface JupyterLab {
  /** The address of a notebook in it. */
  address(notebook: string): string;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

async function untilServed(address: string, ended: () => boolean): Promise<void> {
  const end = performance.now() + START_MS;
  while (performance.now() < end && !ended()) {
    const answer = await fetch(address).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(
    `JupyterLab does not answer at ${address}: install it with deno run -A lib/cli/setup.ts --for lab`,
  );
}

/**
 * Calls with a JupyterLab, and ends it.
 *
 * @param trusting Whether the lab's own command starts it, which trusts the lab's notebooks, or a plain
 * `jupyter lab` with signatures of its own.
 * @param folder Where a plain one keeps its signatures.
 */
export async function withJupyterLab(
  paths: SetupPaths,
  { trusting, folder }: { readonly trusting: boolean; readonly folder: string },
  use: (lab: JupyterLab) => Promise<void>,
): Promise<void> {
  const port = freePort();
  const token = crypto.randomUUID();
  const flags = [
    ...["--no-browser", "--allow-root", "--ip=127.0.0.1"],
    ...[`--port=${port}`, `--IdentityProvider.token=${token}`],
  ];
  const command = trusting
    ? [Deno.execPath(), "run", "-q", "--no-prompt", "-P=inspect", "lib/cli/lab.ts", ...flags]
    : [
      ...[paths.python, "-m", "jupyterlab", "--notebook-dir", paths.root, ...flags],
      ...[`--NotebookNotary.db_file=${join(folder, "n.db")}`],
      ...[`--NotebookNotary.secret_file=${join(folder, "secret")}`],
    ];
  const child = new Deno.Command(command[0]!, {
    args: command.slice(1),
    cwd: paths.root,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    env: { JUPYTER_PREFER_ENV_PATH: "1", JUPYTER_RUNTIME_DIR: folder, JUPYTER_CONFIG_DIR: folder },
  }).spawn();
  let ended = false;
  const status = child.status.then(() => ended = true);
  const at = `http://127.0.0.1:${port}`;
  try {
    await untilServed(`${at}/api?token=${token}`, () => ended);
    await use({
      address: (notebook) => `${at}/lab/tree/notebooks/${notebook}?token=${token}&reset`,
    });
  } finally {
    // The lab's command waits for its child: the server is asked to stop.
    const stop = await fetch(`${at}/api/shutdown?token=${token}`, { method: "POST" })
      .catch(() => undefined);
    await stop?.body?.cancel();
    if (!stop?.ok && !ended) child.kill("SIGTERM");
    await status;
  }
}
