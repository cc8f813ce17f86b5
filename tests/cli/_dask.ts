/** A Dask scheduler and workers for tests, each a process of its own. */
import { join } from "node:path";
import { setupPaths } from "../../lib/cli/setup/paths.ts";

/** The Python that set-up for a cluster fills. */
export const { python } = setupPaths();
const dask = join(setupPaths().venv, "bin", "dask");

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

/** A scheduler with its workers. */
export class TestCluster {
  readonly #workers = new Map<string, Deno.ChildProcess>();

  private constructor(
    readonly address: string,
    readonly folder: string,
    readonly scheduler: Deno.ChildProcess,
  ) {}

  /** Starts a scheduler on a free port of this machine. */
  static async start(folder: string): Promise<TestCluster> {
    const file = join(folder, "scheduler.json");
    const scheduler = start(folder, "scheduler", [
      ...["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
      ...["--scheduler-file", file],
    ]);
    for (let attempt = 0; attempt < 600; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const text = await Deno.readTextFile(file).catch(() => "");
      if (text.endsWith("}")) return new TestCluster(JSON.parse(text).address, folder, scheduler);
    }
    await end(scheduler, "SIGKILL");
    throw new Error(await Deno.readTextFile(join(folder, "scheduler.log")));
  }

  /** Adds a worker that makes one run at a time. */
  addWorker(name: string): void {
    const args = ["worker", this.address, "--name", name, "--nworkers", "1", "--nthreads", "1"];
    const rest = ["--no-nanny", "--no-dashboard", "--local-directory", join(this.folder, name)];
    this.#workers.set(name, start(this.folder, name, [...args, ...rest]));
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
