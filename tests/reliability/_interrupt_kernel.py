"""Interrupts cells of a Deno kernel as a notebook does; prints one line of JSON for each cell.

Usage: PYTHON _interrupt_kernel.py FOLDER < cells.json, with [[name, code], ...]: the first cell is run to its
end, each of the others is interrupted after it printed "begun", and must end within 20 seconds.
"""

import json
import sys
import time

from jupyter_client.manager import KernelManager

cells = json.load(sys.stdin)
manager = KernelManager(kernel_name="deno")
manager.start_kernel(cwd=sys.argv[1])
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)


def run(code, interrupt):
    """What the cell ends with, and the seconds from the interrupt to that end."""
    request = client.execute(code)
    said, error, pressed = "", None, None
    limit = time.time() + 240
    while time.time() < limit:
        if not manager.is_alive():
            return "the kernel died", None, said
        try:
            message = client.get_iopub_msg(timeout=1)
        except Exception:  # queue.Empty: the cell computes on
            if pressed is not None and time.time() - pressed > 20:
                return "not stopped", None, said
            continue
        if message["parent_header"].get("msg_id") != request:
            continue
        content = message["content"]
        if message["msg_type"] == "stream":
            said += content["text"]
            if interrupt and pressed is None and "begun" in said:
                time.sleep(0.5)
                pressed = time.time()
                manager.interrupt_kernel()
        elif message["msg_type"] == "error":
            error = f"{content['ename']}: {content['evalue']}"
        elif message["msg_type"] == "status" and content["execution_state"] == "idle":
            return error, None if pressed is None else time.time() - pressed, said
    return "out of time", None, said


for position, (name, code) in enumerate(cells):
    error, seconds, said = run(code, position > 0)
    after, _, known = run('console.log(typeof kept, "known")', False)
    result = {"cell": name, "error": error, "seconds": seconds, "said": said[-300:], "after": after,
              "known": known.strip()}
    print(json.dumps(result), flush=True)
    if not manager.is_alive():
        break
client.stop_channels()
manager.shutdown_kernel(now=True)
