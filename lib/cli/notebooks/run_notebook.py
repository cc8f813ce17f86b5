"""Executes one notebook in a fresh kernel and reports each cell as one line of JSON on stdout.

usage: run_notebook.py SOURCE FOLDER OUTPUT

The kernel works in FOLDER. OUTPUT is written whatever happens, with the cells executed so far, so
that an error can be looked at. The exit code is 1 if a cell failed.
"""
import json
import os
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError


def report(**event):
    print(json.dumps(event), flush=True)


class Runner(NotebookClient):
    """A client that tells when a cell starts and ends."""

    def __init__(self, notebook, **settings):
        super().__init__(notebook, **settings)
        self.code_cells = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        self.started = 0.0

    async def async_execute_cell(self, cell, cell_index, *rest, **options):
        if cell.cell_type != "code" or not cell.source.strip():
            return await super().async_execute_cell(cell, cell_index, *rest, **options)
        number = self.code_cells.index(cell_index) + 1
        self.started = time.monotonic()
        report(event="start", cell=number, cells=len(self.code_cells))
        result = await super().async_execute_cell(cell, cell_index, *rest, **options)
        seconds = time.monotonic() - self.started
        report(event="done", cell=number, cells=len(self.code_cells), seconds=seconds)
        return result


def main(source, folder, output):
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    runner = Runner(
        notebook,
        kernel_name="deno",
        timeout=None,
        startup_timeout=120,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": folder}},
    )
    failure = None
    try:
        runner.execute()
    except CellExecutionError as error:
        failure = f"{error.ename}: {error.evalue}"
    except DeadKernelError:
        failure = "the kernel died (out of memory?)"
    finally:
        os.makedirs(os.path.dirname(output), exist_ok=True)
        nbformat.write(notebook, output)
    if failure is not None:
        report(event="failed", reason=failure)
        sys.exit(1)


main(*sys.argv[1:])
