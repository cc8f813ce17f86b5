"""Runs a command that ends when the program that started this ends.

usage: supervise.py COMMAND [ARGUMENT...]

Standard input is the leash: its other end is held by the program that started this, and the system
closes it when that program ends, however it ends. The command and all that it started is then
killed, so that nothing goes on writing where the next set-up works.
"""
import os
import signal
import subprocess
import sys
import threading


def main(command):
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    except FileNotFoundError:
        sys.exit(127)

    def end(*_):
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def watch():
        while os.read(0, 4096):
            pass
        end()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, end)
    threading.Thread(target=watch, daemon=True).start()
    status = child.wait()
    if status < 0:  # ended by a signal: end in the same way, so that the reason can be told
        signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
        os.kill(os.getpid(), -status)
    os._exit(status)


main(sys.argv[1:])
