/** A Dask scheduler and workers for tests, each a process of its own. */
import { join } from "node:path";
import type { TlsFiles } from "../../lib/cli/matrix/_dask.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";

/** The Python that set-up for a cluster fills. */
export const { python } = setupPaths();
const dask = join(setupPaths().venv, "bin", "dask");

/** Writes the files of a certificate authority with one certificate, its own. */
export async function writeTlsFiles(folder: string, name = ""): Promise<Required<TlsFiles>> {
  const [ca, cert, key] = ["ca", "cert", "key"].map((what) => join(folder, `${name}${what}.pem`));
  const program = `import os, sys
from distributed.security import Security
os.umask(0o077)
made = Security.temporary()
parts = [made.tls_ca_file, made.tls_client_cert, made.tls_client_key]
for path, content in zip(sys.argv[1:], parts):
    with open(path, "w") as file:
        file.write(content)
`;
  const { success, stderr } = await new Deno.Command(python, {
    args: ["-c", program, ca!, cert!, key!],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return { ca: ca!, cert: cert!, key: key! };
}

/** The certificates as Dask's own programs take them. */
function certificates({ ca, cert, key }: Required<TlsFiles>): string[] {
  return ["--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key];
}

function start(folder: string, name: string, args: readonly string[]): Deno.ChildProcess {
  const log = join(folder, `${name}.log`);
  return new Deno.Command("sh", {
    args: ["-c", 'exec "$0" "$@" > "$LOG" 2>&1', dask, ...args],
    env: { LOG: log, PYTHONDONTWRITEBYTECODE: "1" },
    stdin: "null",
  }).spawn();
}

async function end(process: Deno.ChildProcess, signal: Deno.Signal): Promise<void> {
  try {
    process.kill(signal);
  } catch {
    // it has ended by itself
  }
  await process.status;
}

/** A scheduler with its workers, which ask for certificates as one at work does. */
export class TestCluster {
  readonly #workers = new Map<string, Deno.ChildProcess>();

  private constructor(
    readonly address: string,
    readonly folder: string,
    readonly tls: Required<TlsFiles>,
    readonly scheduler: Deno.ChildProcess,
  ) {}

  /** Starts a scheduler on a free port of this machine. */
  static async start(folder: string): Promise<TestCluster> {
    const file = join(folder, "scheduler.json");
    const tls = await writeTlsFiles(folder);
    const scheduler = start(folder, "scheduler", [
      ...["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
      ...["--scheduler-file", file, "--protocol", "tls", ...certificates(tls)],
    ]);
    for (let attempt = 0; attempt < 600; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const text = await Deno.readTextFile(file).catch(() => "");
      if (text.endsWith("}")) {
        return new TestCluster(JSON.parse(text).address, folder, tls, scheduler);
      }
    }
    await end(scheduler, "SIGKILL");
    throw new Error(await Deno.readTextFile(join(folder, "scheduler.log")));
  }

  /** Adds a worker that makes one run at a time. */
  addWorker(name: string): void {
    const args = ["worker", this.address, "--name", name, "--nworkers", "1", "--nthreads", "1"];
    const rest = ["--no-nanny", "--no-dashboard", "--local-directory", join(this.folder, name)];
    const all = [...args, ...rest, ...certificates(this.tls)];
    this.#workers.set(name, start(this.folder, name, all));
  }

  /** Ends a worker as a crash or a power cut would. */
  async killWorker(name: string): Promise<void> {
    await end(this.#workers.get(name)!, "SIGKILL");
    this.#workers.delete(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers.values()) await end(worker, "SIGKILL");
    await end(this.scheduler, "SIGKILL");
  }
}
