/** Who may have a cluster run code: the owner of its certificate alone. */
import { join } from "node:path";
import { type ClusterSettings, runOnDask, type TlsFiles } from "../../lib/cli/matrix/_dask.ts";
import { experimentMatrix } from "../../lib/experiments/specs/matrix.ts";
import { planRuns } from "../../lib/experiments/runs/plan_runs.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { tiny } from "../experiments/tiny_spec.ts";
import { python, TestCluster, writeTlsFiles } from "./_dask.ts";

const lab = checkoutRoot();
const baseline = tiny(experimentMatrix("quick").find(({ id }) => id === "svhn-baseline")!);
const NOBODY = 65534;
const isRoot = Deno.uid() === 0;

/** Runs some Python with a text on its stdin; returns its JSON. */
async function ask<T>(args: readonly string[], input = ""): Promise<T> {
  const child = new Deno.Command(python, {
    args: [...args],
    env: { PYTHONDONTWRITEBYTECODE: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The ports where a program of the lab and all that it started listen. */
function listening(program: string): Promise<number[]> {
  return ask([
    "-c",
    `import contextlib, json, psutil, sys
ports = []
for process in psutil.Process(int(sys.argv[1])).children(recursive=True):
    with contextlib.suppress(psutil.NoSuchProcess):  # one that has just ended listens to nobody
        if any(argument.endswith(sys.argv[2]) for argument in process.cmdline()):
            for one in [process, *process.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    connections = one.net_connections("inet")
                    ports += [at.laddr.port for at in connections if at.status == "LISTEN"]
print(json.dumps(sorted(set(ports))))`,
    String(Deno.pid),
    program,
  ]);
}

interface Knocked {
  readonly uid: number;
  readonly ran: Record<"tcp" | "no certificate" | "certificate", number[]>;
}

/** As another user, where this one may become another. */
function knock(ports: readonly number[], tls: TlsFiles): Promise<Knocked> {
  const plan = { ports, tls, uid: isRoot ? NOBODY : null };
  return ask(["tests/cli/_intruder.py"], JSON.stringify(plan));
}

Deno.test("a scheduler and a worker at tls:// run a function for their certificate alone", () =>
  withFolder(async (folder) => {
    await using cluster = await TestCluster.start(folder);
    cluster.addWorker("a");
    const port = Number(cluster.address.split(":").at(-1));
    let ports: number[] = [];
    while (ports.length < 2) { // the worker's port comes when it has started
      const log = await Deno.readTextFile(join(folder, "a.log")).catch(() => "");
      const worker = /Listening to: +tls:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1];
      ports = worker === undefined ? [port] : [port, Number(worker)];
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { uid, ran } = await knock(ports, cluster.tls);
    assertEquals(uid, isRoot ? NOBODY : Deno.uid());
    assertEquals(ran, { tcp: [], "no certificate": [], certificate: ports });
    const foreign = await knock(ports, await writeTlsFiles(folder, "foreign-"));
    assertEquals(foreign.ran, { tcp: [], "no certificate": [], certificate: [] });
  }));

/** Calls a function with another folder for temporary files. */
async function withTemporary(folder: string, body: () => Promise<void>): Promise<void> {
  const before = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", folder);
  try {
    await body();
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
  }
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("local workers listen to their own cluster alone, and leave no file", () =>
  withFolder(async (folder) => {
    const tls = await writeTlsFiles(folder);
    const temporary = join(folder, "tmp");
    const planted = join(temporary, "dask-scratch-space"); // as another user may have left it
    await Deno.mkdir(planted, { recursive: true });
    await Deno.chmod(planted, 0o777);
    const long = { ...baseline, train: { ...baseline.train, epochs: 2000 } };
    const [run] = await planRuns([long], { root: folder });
    const work = { runs: [{ ...run!, work: 1 }], lab, root: folder, data: null };
    const settings = { place: { localWorkers: 2 }, workerLab: lab, python, threads: 1 };
    const stop = new AbortController();
    let looked = false;
    await withTemporary(temporary, async () => {
      for await (const { event } of runOnDask(work, settings, stop.signal)) {
        if (event !== "started") continue;
        const ports = await listening("dask_client.py");
        assertEquals(ports.length, 5, "a scheduler, 2 nannies and 2 workers, and nothing else");
        const { ran } = await knock(ports, tls);
        assertEquals(ran, { tcp: [], "no certificate": [], certificate: [] });
        const [, own, ...rest] = namesIn(temporary);
        assertEquals(rest, []);
        assertEquals(Deno.statSync(join(temporary, own!)).mode! & 0o777, 0o700);
        looked = true;
        stop.abort();
      }
    });
    assert(looked, "no run was started");
    assertEquals(namesIn(temporary), ["dask-scratch-space"]);
    assertEquals(namesIn(planted), []);
  }));

/** What a run on a scheduler is refused with; nobody listens at its port. */
async function refusal(scheduler: string, tls: TlsFiles): Promise<string> {
  const work = { runs: [], lab, root: lab, data: null };
  const settings: ClusterSettings = {
    place: { scheduler, tls },
    workerLab: lab,
    python,
    connectSeconds: 2,
  };
  const error = await assertRejects(() => Array.fromAsync(runOnDask(work, settings)), Error);
  return error.message;
}

const address = "tls://127.0.0.1:1";

/** Calls a function with settings in Dask's own variables of the environment. */
async function withDaskSettings(settings: Record<string, string>, body: () => Promise<void>) {
  const names = Object.keys(settings).map((name) => `DASK_DISTRIBUTED__COMM__TLS__${name}`);
  Object.values(settings).forEach((value, k) => Deno.env.set(names[k]!, value));
  try {
    await body();
  } finally {
    for (const name of names) Deno.env.delete(name);
  }
}

Deno.test("tls:// without certificates names what is missing and how to give it", async () => {
  assertEquals(
    await refusal(address, {}),
    `Cannot use the cluster: ${address} asks for certificates and there is no CA certificate and no ` +
      "certificate: name the files with --tls-ca, --tls-cert and --tls-key, or in Dask's " +
      "configuration under distributed.comm.tls",
  );
  assertStringIncludes(await refusal(address, { ca: "/x" }), "there is no certificate: name");
});

Deno.test("files that are missing, unreadable, public or of another form are named", () =>
  withFolder(async (folder) => {
    const tls = await writeTlsFiles(folder);
    const says = async (files: TlsFiles, text: string) =>
      assertStringIncludes(await refusal(address, { ...tls, ...files }), text);
    const none = join(folder, "none.pem");
    await says({ ca: none }, `there is no TLS CA certificate ${none}: check --tls-ca, or`);
    await says({ key: none }, `there is no TLS key ${none}: check --tls-key, or`);
    await says(
      { cert: folder },
      `cannot read the TLS certificate ${folder} (Is a directory): check`,
    );
    await says({ key: tls.cert }, `cannot use the TLS files ${tls.ca}, ${tls.cert}, ${tls.cert} (`);
    const { key: other } = await writeTlsFiles(folder, "other-");
    await says({ key: other }, "KEY_VALUES_MISMATCH");
    for (const [mode, text] of [[0o644, "0644"], [0o640, "0640"], [0o602, "0602"]] as const) {
      await Deno.chmod(tls.key, mode);
      await says({}, `other users may read the TLS key ${tls.key} (mode ${text})`);
    }
    await Deno.chmod(tls.key, 0o600);
    await says({}, `no Dask scheduler that distributed`);
  }));

Deno.test({
  name: "a key that belongs to somebody else alone cannot be read",
  ignore: !isRoot, // only root can become another user
  fn: () =>
    withFolder(async (folder) => {
      const { key } = await writeTlsFiles(folder);
      const reason = await ask<string>([
        "-c",
        `import json, os, sys
sys.path.insert(0, "lib/cli/matrix")
from refusal import Refusal
from tls_files import require_readable
os.chmod(os.path.dirname(sys.argv[1]), 0o755)
os.seteuid(${NOBODY})
try:
    require_readable("key", sys.argv[1])
except Refusal as refusal:
    print(json.dumps(str(refusal)))`,
        key,
      ]);
      assertStringIncludes(reason, `cannot read the TLS key ${key} (Permission denied): check`);
    }),
});

Deno.test("certificates come from Dask's own configuration, and flags stand above it", () =>
  withFolder(async (folder) => {
    const tls = await writeTlsFiles(folder);
    const names = { CA_FILE: tls.ca, CLIENT__CERT: tls.cert, CLIENT__KEY: tls.key };
    await withDaskSettings(names, async () => {
      assertStringIncludes(await refusal(address, {}), "no Dask scheduler that distributed");
      const ca = join(folder, "none.pem");
      assertStringIncludes(await refusal(address, { ca }), `no TLS CA certificate ${ca}`);
    });
  }));

Deno.test("a scheduler that does not share this side's authority is refused with the reason", () =>
  withFolder(async (folder) => {
    await using cluster = await TestCluster.start(folder);
    const foreign = await writeTlsFiles(folder, "foreign-");
    const says = async (at: string, tls: TlsFiles, text: string) =>
      assertStringIncludes(await refusal(at, tls), text);
    const { address, tls } = cluster;
    await says(address, foreign, "the CA certificate did not sign the scheduler's: [SSL: CERT");
    await says(address, { ...foreign, ca: tls.ca }, "it may not accept this certificate");
    await says(address.replace("tls:", "tcp:"), {}, "it may ask for certificates, at tls://");
  }));

Deno.test("tcp:// says in one line that whoever reaches the port runs code as you", async () => {
  const scheduler = "tcp://127.0.0.1:1";
  const work = { runs: [], lab, root: lab, data: null };
  const settings = { place: { scheduler }, workerLab: lab, python, connectSeconds: 1 };
  const events = runOnDask(work, settings);
  const { value } = await events.next();
  assertEquals(value, {
    event: "message",
    text:
      `${scheduler} has no protection: whoever reaches a port of this scheduler or of its workers ` +
      "can run code as you; tls:// asks for certificates",
  });
  await assertRejects(() => events.next(), Error, "no Dask scheduler");
});
