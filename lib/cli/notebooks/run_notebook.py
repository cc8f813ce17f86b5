"""Executes one notebook in a fresh kernel and reports each cell as one line of JSON on stdout.

usage: run_notebook.py SOURCE FOLDER OUTPUT

The kernel works in FOLDER. OUTPUT is written whatever happens, with the cells executed so far, so
that an error can be looked at. The exit code is 1 if a cell failed.
"""
import json
import os
import queue
import subprocess
import sys
import time
import uuid

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, DeadKernelError


# Seconds to listen for outputs after a cell: Deno's kernel may report that it is idle before it has
# sent the last of them, and nbclient stops listening there.
LATE_OUTPUTS = 0.15


def report(**event):
    print(json.dumps(event), flush=True)


def silent_failure(source):
    """Says why a cell failed for which the kernel sent no error: it sends none for a cell that it cannot
    parse, and none for an import at its top that it cannot resolve. Deno's formatter is asked, which
    parses alike.
    """
    deno = os.path.join(os.path.dirname(sys.executable), "deno")
    try:
        parsed = subprocess.run(
            [deno, "fmt", "--ext=ts", "-"],
            input=source, capture_output=True, text=True, timeout=30,
            env={**os.environ, "NO_COLOR": "1"},
        )
    except (OSError, subprocess.TimeoutExpired):
        parsed = None
    if parsed is not None and parsed.returncode != 0:
        lines = parsed.stderr.split("Stack backtrace:")[0].replace("error: ", "", 1).strip().split("\n")
        lines = lines[: next((i + 1 for i, line in enumerate(lines) if line.startswith("    at ")), 8)]
        message = lines[0].removeprefix("SyntaxError: ")
        place = lines[-1].rpartition(".ts:")[2] if lines[-1].startswith("    at ") else ""
        line, _, column = place.partition(":")
        where = f" in line {line}, column {column}" if column else ""
        shown = [text for text in lines[1:] if not text.startswith("    at ")]
        return "SyntaxError", message + where, [f"SyntaxError: {message}{where}", *shown]
    message = "the kernel did not run this cell and sent no reason; an import that it cannot find ends so"
    return "Error", message, [f"Error: {message}"]


def add_silent_failure(cell, error):
    """Puts an error without an output into its cell."""
    if any(output.output_type == "error" for output in cell.get("outputs", [])):
        return f"{error.ename}: {error.evalue}"
    name, value, traceback = silent_failure(cell.source)
    cell.outputs.append(nbformat.v4.new_output("error", ename=name, evalue=value, traceback=traceback))
    return f"{name}: {value}"


def merge_streams(notebook):
    """Joins consecutive stream outputs of a cell: each console.log sends one of its own."""
    for cell in notebook.cells:
        merged = []
        for output in cell.get("outputs", []):
            last = merged[-1] if merged else {}
            if output.output_type == "stream" == last.get("output_type") and (
                output.name == last.name
            ):
                last.text += output.text
            else:
                merged.append(output)
        if cell.cell_type == "code":
            cell.outputs = merged


class Runner(NotebookClient):
    """A client that tells when a cell starts and ends."""

    def __init__(self, notebook, **settings):
        super().__init__(notebook, **settings)
        self.code_cells = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        self.started = 0.0
        self.running = None

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        await super()._async_poll_output_msg(parent_msg_id, cell, cell_index)
        while True:
            try:
                message = await self.kc.iopub_channel.get_msg(timeout=LATE_OUTPUTS)
            except queue.Empty:
                return
            if message["parent_header"].get("msg_id") != parent_msg_id:
                continue
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                pass  # the same "idle" again

    def process_message(self, message, cell, cell_index):
        """Passes on how many seconds the cell's work still takes, where the cell says so."""
        if message["msg_type"] in ("display_data", "update_display_data"):
            progress = message["content"].get("metadata", {}).pop("progress", None)
            if progress is not None:
                number = self.code_cells.index(cell_index) + 1
                report(event="progress", cell=number, secondsLeft=progress["secondsLeft"])
        return super().process_message(message, cell, cell_index)

    async def async_execute_cell(self, cell, cell_index, *rest, **options):
        if cell.cell_type != "code" or not cell.source.strip():
            return await super().async_execute_cell(cell, cell_index, *rest, **options)
        number = self.code_cells.index(cell_index) + 1
        self.started = time.monotonic()
        self.running = (number, cell)
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
        resources={"metadata": {"path": folder}},
    )
    failure, failed_cell = None, None
    try:
        runner.execute()
    except CellExecutionError as error:
        failed_cell, cell = runner.running
        failure = add_silent_failure(cell, error)
    except DeadKernelError:
        failure = "the kernel died (out of memory?)"
        if runner.running is not None:
            failed_cell, cell = runner.running
            cell.outputs.append(
                nbformat.v4.new_output("error", ename="Error", evalue=failure, traceback=[failure])
            )
    finally:
        merge_streams(notebook)
        os.makedirs(os.path.dirname(output), exist_ok=True)
        # Renamed: a symbolic link at OUTPUT is replaced, and not what it leads to.
        temporary = f"{output}.{uuid.uuid4()}.tmp"
        with open(temporary, "x", encoding="utf-8") as file:
            nbformat.write(notebook, file)
        os.replace(temporary, output)
    if failure is not None:
        report(event="failed", reason=failure, **({} if failed_cell is None else {"cell": failed_cell}))
        sys.exit(1)


main(*sys.argv[1:])
