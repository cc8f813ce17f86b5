"""PyTorch's side of `deno task bench`.

Reads requests from stdin and answers on stdout, one JSON object a line, so that each side measures
while the other one waits. The same protocol as lib/cli/bench/our_side.ts.

usage: pytorch_side.py INPUTS THREADS
"""

import importlib.metadata
import json
import os
import resource
import sys
import time
import traceback

import torch

from pytorch_tasks import TASKS, load_inputs, skipped, variants


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def describe() -> dict:
    packages = ["torch", "torchvision", "torchattacks", "foolbox", "onnxruntime", "umap-learn", "numba", "numpy"]
    versions = {"python": sys.version.split()[0], **{name: version(name) for name in packages}}
    found = {name: variants(name) for name in TASKS}
    return {"versions": versions, "variants": found, "skipped": skipped()}


def peak_memory() -> int:
    """Bytes. VmHWM starts anew with the program; ru_maxrss may be the parent's."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except FileNotFoundError:
        pass
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


class Side:
    def __init__(self, inputs):
        self.inputs = inputs
        self.prepared_key = None
        self.prepared = {}  # the last task's variants

    def prepare(self, task: str, variant: str, options: dict):
        key = json.dumps([task, options])
        if key != self.prepared_key:
            self.prepared_key, self.prepared = key, {}  # frees the last task's memory first
        if variant not in self.prepared:
            run = self.prepared[variant] = TASKS[task](self.inputs, variant, **options)
            run()  # warm-up: allocations, primitive caches, JIT
        return self.prepared[variant]

    def time(self, request: dict) -> list[float]:
        """Seconds of each call, until the budget is spent; at least one."""
        run = self.prepare(request["task"], request["variant"], request["options"])
        seconds = []
        while not seconds or sum(seconds) < request["budget"]:
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
        return seconds

    def answer(self, request: dict):
        match request["kind"]:
            case "describe":
                return describe()
            case "time":
                return self.time(request)
            case "memory":
                return peak_memory()
            case kind:
                raise ValueError(f"unknown request {kind}")


def main() -> None:
    directory, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    # Libraries may print; only answers go to the real stdout.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    side = Side(load_inputs(directory))
    for line in sys.stdin:
        try:
            answer = {"value": side.answer(json.loads(line))}
        except Exception:  # the conductor reports it and stops
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
