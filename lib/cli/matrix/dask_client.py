"""Makes runs on the workers of a Dask scheduler, as asked for on stdin.

The first line of stdin is a plan (see dask.ts); a line "stop", or the end of stdin, cancels.
Writes each event as one line of JSON to stdout. The functions below `make_run` travel to
the workers by value, so a worker needs the lab's checkout and `distributed`, but not this file.
"""
import contextlib
import hashlib
import json
import os
import platform
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid

# With safe-path set, Python does not look for modules beside a program by itself.
FOLDER = os.path.dirname(os.path.abspath(__file__))
if FOLDER not in sys.path:
    sys.path.insert(0, FOLDER)
sys.dont_write_bytecode = True  # the lab's code is not for this program to change

from refusal import Refusal, first_line  # noqa: E402
from tls_files import client_security, is_encrypted, no_answer  # noqa: E402

# Runs a command in a process group of its own, in a process of its own: if the worker dies, the end
# of this stdin is what ends the command. A line on stdin asks the command to stop as Ctrl-C does.
SUPERVISOR = """
import os, signal, subprocess, sys, threading
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
def watch():
    while True:
        asked = sys.stdin.buffer.readline()
        try:
            os.killpg(child.pid, signal.SIGINT if asked else signal.SIGKILL)
        except ProcessLookupError:
            return
        if not asked:
            return
threading.Thread(target=watch, daemon=True).start()
code = child.wait()
sys.stdout.flush()
os._exit(code if code >= 0 else 128 - code)
"""

INTERRUPTED = 130
BUSY = 75  # another process works in the run's directory
KILLED = 128  # and the number of the signal
PATIENCE = 2.0  # seconds between two looks at what may have changed


# ---------------------------------------------------------------------------------- on the workers


def source_digest(lab):
    """SHA-256 over the lab's code: what must be the same wherever runs are made."""
    digest = hashlib.sha256()
    paths = [os.path.join(lab, "deno.json")]
    for folder, folders, names in os.walk(os.path.join(lab, "lib")):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        paths += [os.path.join(folder, name) for name in sorted(names)]
    for path in paths:
        with open(path, "rb") as file:
            content = file.read()
        digest.update(f"{os.path.relpath(path, lab)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def cores():
    """Processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def find_deno(settings):
    """The Deno of this machine: the caller's, the lab's own, one on the path, or npx's."""
    own = os.path.join(settings["lab"], ".venv", "bin", "deno")
    for program in [os.environ.get("DENO"), settings["deno"], own, shutil.which("deno")]:
        if program and os.access(program, os.X_OK):
            return [program]
    npx = shutil.which("npx")
    return [npx, "--yes", f"deno@{settings['version']}"] if npx else None


def unfit(settings):
    """Why runs cannot be made on this machine, in a sentence; None if they can."""
    lab, data = settings["lab"], settings["data"]
    if not os.path.isfile(os.path.join(lab, "deno.json")):
        return (
            f"there is no lab in {lab}: clone it there, or name its folder on the workers with "
            f"--worker-lab DIR"
        )
    if find_deno(settings) is None:
        return f"there is neither deno nor npx: install Node or Deno {settings['version']}"
    if not os.path.isfile(os.path.join(lab, ".cache", "setup", "binding.json")):
        return f"the lab in {lab} is not set up: run `deno task setup --for binding` there"
    if source_digest(lab) != settings["digest"]:
        return (
            f"the code of the lab in {lab} differs from this one's: bring both to the same commit"
        )
    if data is not None and not os.path.isdir(data):
        return f"there is no data directory {data}: --data is a path on the workers too"
    return None


def probe(settings):
    """What a worker says about itself before the first run."""
    return {
        "unfit": unfit(settings),
        "cores": cores(),
        "shared": os.path.exists(os.path.join(settings["root"], settings["token"])),
    }


def read_folder(folder):
    """A finished run's files, without those that only a continued training needs."""
    files = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and name != "last.safetensors":
            with open(path, "rb") as file:
                files[name] = file.read()
    return files


def write_folder(folder, files):
    """Writes a finished run's files; the digests come last, so that no half counts as finished."""
    os.makedirs(folder, exist_ok=True)
    for name in sorted(files, key=lambda name: (name == "SHA256SUMS", name)):
        temporary = os.path.join(folder, f".{name}.{uuid.uuid4()}.tmp")
        with open(temporary, "wb") as file:
            file.write(files[name])
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, os.path.join(folder, name))


def run_command(command, environment, stop_asked, on_line):
    """Runs a command to its end; returns its exit code. Reports every line of output."""
    child = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment},
    )
    lines = queue.Queue()

    def read():
        for line in child.stdout:
            lines.put(line.decode(errors="replace").rstrip("\n"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    asked = False
    while True:
        try:
            line = lines.get(timeout=PATIENCE)
            if line is None:
                break
            on_line(line)
        except queue.Empty:
            pass
        if not asked and stop_asked():
            asked = True
            child.stdin.write(b"stop\n")
            child.stdin.flush()
    code = child.wait()
    child.stdin.close()
    return code


def make_run(run, settings, encoder=None):
    """The task: makes one run by the command line that a person would use."""
    from distributed import Event, get_worker

    worker = get_worker()
    host = worker.address.rsplit(":", 1)[0]
    slots = settings["slots"].get(host, worker.state.nthreads)
    threads = settings["threads"] or max(1, cores() // slots)

    def tell(event, **content):
        message = {"event": event, "run": run["name"], "worker": worker.address, **content}
        worker.log_event(settings["topic"], message)

    stop = Event(settings["topic"])
    if stop.is_set():
        return {"status": "interrupted", "files": None}
    reason = unfit(settings)
    if reason is not None:
        raise RuntimeError(f"worker {worker.address}: {reason}")
    root = settings["root"]
    shared = os.path.exists(os.path.join(root, settings["token"]))
    if not shared and run["encoder"] is not None and encoder is not None:
        folder = os.path.join(root, run["encoder"]["directory"])
        if encoder["files"] is not None and not os.path.exists(
            os.path.join(folder, "best.safetensors")
        ):
            write_folder(folder, encoder["files"])
    arguments = ["--spec", json.dumps(run["spec"]), "--expect", run["hash"], "--root", root]
    if settings["data"] is not None:
        arguments += ["--data", settings["data"]]
    task = ["task", "--cwd", settings["lab"], "train"]
    command = [*find_deno(settings), *task, *arguments, "--events"]
    environment = {
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "LAB_DATA": "",  # the data are those that the plan names, whatever the worker's shell says
        "NO_COLOR": "1",
    }
    checked = [time.monotonic(), False]

    def stop_asked():
        if not checked[1] and time.monotonic() - checked[0] > PATIENCE:
            checked[:] = [time.monotonic(), stop.is_set()]
        return checked[1]

    said = []

    def on_line(line):
        if line.startswith('{"stage"'):
            tell("progress", **json.loads(line))
        elif line.strip():
            said.append(line)
            tell("log", line=line)

    tell("started", threads=threads)
    began = time.monotonic()
    while True:
        said.clear()
        code = run_command(command, environment, stop_asked, on_line)
        if code != BUSY or stop.is_set():
            break
        # Usually what a lost worker left behind, which is about to end.
        time.sleep(PATIENCE)
    seconds = time.monotonic() - began
    if code == INTERRUPTED or (code != 0 and stop.is_set()):
        return {"status": "interrupted", "files": None}
    if code > KILLED:
        raise RuntimeError(f"the run was ended by signal {code - KILLED} on {worker.address}")
    if code != 0:
        reason = "\n".join(said[-3:]) or f"it ended with code {code}"
        return {"status": "failed", "reason": reason, "files": None}
    files = None if shared else read_folder(os.path.join(root, run["directory"]))
    tell("made", seconds=seconds)
    return {"status": "finished", "seconds": seconds, "files": files, "worker": worker.address}


# ------------------------------------------------------------------------------------- the client


output = threading.Lock()


def report(event, **content):
    with output:
        print(json.dumps({"event": event, **content}), flush=True)


def packages(versions):
    """The versions on which both ends of a connection must agree."""
    host = dict(versions["host"])
    python = ".".join(str(host["python"]).split(".")[:2])
    return {"Python": python, "distributed": versions["packages"]["distributed"]}


def require_same_versions(client):
    """Refuses a cluster whose Python or distributed differs: functions travel as bytecode."""
    found = client.get_versions(check=False)
    here = packages(found["client"])
    others = {"the scheduler": found["scheduler"]}
    others.update({f"worker {name}": versions for name, versions in found["workers"].items()})
    for name, versions in others.items():
        there = packages(versions) if versions else here
        for package, version in here.items():
            if there[package] != version:
                raise Refusal(
                    f"{name} has {package} {there[package]}, this side {version}: name a Python with "
                    f"the cluster's versions by --python PROGRAM, or install the same ones there"
                )


@contextlib.contextmanager
def connect(plan):
    """A client of the scheduler, or of a new local cluster that ends with it."""
    import distributed

    if plan["localWorkers"] is not None:
        from local_cluster import local_cluster

        with local_cluster(plan["localWorkers"]) as cluster, distributed.Client(cluster) as client:
            yield client
        return
    with connect_to_scheduler(plan["scheduler"], plan["tls"], plan["connectSeconds"]) as client:
        yield client


def connect_to_scheduler(address, files, seconds):
    """A client of a scheduler that is there."""
    import distributed

    if is_encrypted(address):
        security = client_security(address, files)
        flags = " --tls-ca-file FILE --tls-cert FILE --tls-key FILE"
    else:
        security, flags = None, ""
        report(
            "message",
            text=f"{address} has no protection: whoever reaches a port of this scheduler or of its "
            f"workers can run code as you; tls:// asks for certificates",
        )
    try:
        return distributed.Client(address, timeout=seconds, security=security)
    except Exception as error:  # what a foreign version answers has no common class
        raise Refusal(
            f"no Dask scheduler that distributed {distributed.__version__} can speak to answers at "
            f"{address} ({no_answer(address, error)}): start one with `dask scheduler{flags}`, and workers "
            f"with `dask worker {address}{flags}`; if one is there, name a Python with its version "
            f"by --python"
        ) from error


def wait_for_workers(client, stopped):
    """The workers there are; waits for the first one."""
    told = False
    while not stopped.is_set():
        workers = client.nthreads()
        if workers:
            return workers
        if not told:
            report("message", text="the scheduler has no worker yet: waiting for the first")
            told = True
        time.sleep(PATIENCE)
    return {}


def slots_of(workers):
    """Runs that may be made at once on each host."""
    slots = {}
    for address, nthreads in workers.items():
        host = address.rsplit(":", 1)[0]
        slots[host] = slots.get(host, 0) + nthreads
    return slots


def require_fit(client, settings):
    """Asks every worker; refuses if one cannot make runs. Returns what they said."""
    answers = client.run(probe, settings)
    reasons = [f"worker {name}: {said['unfit']}" for name, said in answers.items() if said["unfit"]]
    if reasons:
        raise Refusal("; ".join(reasons))
    return answers


def submit(client, plan, settings, shared):
    """One future a run; a run waits for the run that its encoder comes from."""
    futures = {}
    for run in plan["runs"]:  # an encoder stands before the runs that start from it
        name = run["encoder"] and run["encoder"]["name"]
        encoder = futures.get(name)
        if encoder is None and name is not None and not shared:
            files = read_folder(os.path.join(plan["root"], run["encoder"]["directory"]))
            encoder = client.scatter({"files": files}, hash=False)
        futures[run["name"]] = client.submit(
            make_run,
            run,
            settings,
            encoder,
            key=f"{run['name']}-{run['hash'][:8]}-{settings['topic'][-8:]}",
            retries=2,
            priority=run["work"],
            pure=False,
        )
    return futures


def conclude(name, future, directories):
    """Tells how a run ended; what came back with it is written before."""
    if future.status == "finished":
        result = future.result()
        if result["files"] is not None:
            write_folder(directories[name], result["files"])
        if result["status"] == "failed":
            report("failed", run=name, reason=result["reason"])
        elif result["status"] == "finished":
            report("finished", run=name, seconds=result["seconds"], worker=result["worker"])
    elif future.status == "error":
        report("failed", run=name, reason=first_line(future.exception()))


def follow(client, plan, open_runs, stopped, stop):
    """Waits for all runs, or for those that are being made once a stop was asked for.

    A future that is done leaves `open_runs`, and with it the cluster: as long as it is held, Dask
    would make its run again when the worker that keeps its result is lost.
    """
    directories = {run["name"]: os.path.join(plan["root"], run["directory"]) for run in plan["runs"]}
    known = set(client.nthreads())
    asked = False
    looked = time.monotonic()
    while open_runs:
        for name, future in list(open_runs.items()):
            if future.done():
                conclude(name, open_runs.pop(name), directories)
        future = None  # else the last one would be held
        if stopped.is_set() and not asked:
            asked = True
            stop.set()
            running = {key for keys in client.processing().values() for key in keys}
            for name, future in list(open_runs.items()):
                if future.key not in running:
                    future.cancel()
                    del open_runs[name]
        if time.monotonic() - looked > PATIENCE:
            looked = time.monotonic()
            workers = set(client.nthreads())
            for address in sorted(known - workers):
                report("lost", worker=address)
            known = workers
        time.sleep(0.2)


def work(plan, stopped):
    with connect(plan) as client:
        make_runs(client, plan, stopped)


def make_runs(client, plan, stopped):
    token = os.path.join("data", "runs", f".cluster-{uuid.uuid4()}")
    path = os.path.join(plan["root"], token)
    try:
        from distributed import Event

        workers = wait_for_workers(client, stopped)
        if not workers:
            return
        require_same_versions(client)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8"):
            pass
        topic = f"lab-{uuid.uuid4()}"
        settings = {
            **{key: plan[key] for key in ["data", "deno", "version", "threads"]},
            "lab": plan["workerLab"],
            "root": plan["workerRoot"],
            "digest": source_digest(plan["lab"]),
            "token": token,
            "topic": topic,
            "slots": slots_of(workers),
        }
        answers = require_fit(client, settings)
        shared = all(said["shared"] for said in answers.values())
        report("ready", workers=len(workers), slots=sum(workers.values()), shared=shared)
        client.subscribe_topic(topic, lambda message: report(**message[1]))
        stop = Event(topic, client=client)
        follow(client, plan, submit(client, plan, settings, shared), stopped, stop)
        time.sleep(0.2)  # the last lines of a log may still be on their way
    finally:
        if os.path.exists(path):
            os.remove(path)


def main():
    plan = json.loads(sys.stdin.readline())
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C in a terminal reaches the lab alone, which asks for a stop here
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stopped = threading.Event()

    def listen():
        sys.stdin.readline()
        stopped.set()

    threading.Thread(target=listen, daemon=True).start()
    try:
        import distributed  # noqa: F401
    except ImportError:
        where = f"{sys.executable} (Python {platform.python_version()}, {socket.gethostname()})"
        report("refused", reason=f"{where} has no package `distributed`: pip install distributed")
        return 1
    try:
        work(plan, stopped)
    except Refusal as refusal:
        report("refused", reason=str(refusal))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
