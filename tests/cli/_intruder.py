"""Knocks at ports of this machine as another user, and asks what answers to run a function.

stdin: {"ports": [...], "tls": {"ca", "cert", "key"}, the files of a certificate, "uid": a user, or
null for this one}. stdout: {"uid", "ran": {way of knocking: [ports where the function ran]}}.
"""
import asyncio
import json
import os
import ssl
import sys

import dask
from distributed.comm import connect
from distributed.protocol.pickle import dumps
from distributed.security import Security

SECONDS = 3


async def ask(address, operation, arguments):
    """Speaks Dask's protocol by hand; returns what the function returned, run over there."""
    comm = await connect(address, timeout=SECONDS, **arguments)
    try:
        await comm.write({"op": operation, "function": dumps(os.getpid), "reply": True})
        answer = await asyncio.wait_for(comm.read(), SECONDS)
    finally:
        comm.abort()
    if not isinstance(answer, dict) or answer.get("status") != "OK":
        raise OSError(f"{operation}: {answer!r}")
    return answer["result"]


async def runs_a_function(address, arguments):
    for operation in ["run", "run_function"]:  # of workers and nannies, and of schedulers
        try:
            return await ask(address, operation, arguments) != os.getpid()
        except Exception as error:  # whatever a port answers that does not run it
            print(address, repr(error), file=sys.stderr)
    return False


def without_certificate():
    """TLS as a browser speaks it: encrypted, and this side shows nothing."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return {"ssl_context": context, "require_encryption": True}


def with_certificate(tls):
    security = Security(
        require_encryption=True,
        tls_ca_file=tls["ca"],
        tls_client_cert=tls["cert"],
        tls_client_key=tls["key"],
    )
    return security.get_connection_args("client")


async def knock(ports, ways):
    ran = {}
    for way, (protocol, arguments) in ways.items():
        addresses = [(port, f"{protocol}://127.0.0.1:{port}") for port in ports]
        ran[way] = [port for port, at in addresses if await runs_a_function(at, arguments)]
    return ran


def main():
    plan = json.load(sys.stdin)
    dask.config.set({"distributed.comm.retry.count": 0})
    ways = {
        "tcp": ("tcp", {}),
        "no certificate": ("tls", without_certificate()),
        "certificate": ("tls", with_certificate(plan["tls"])),
    }
    if plan["uid"] is not None:
        os.setgroups([])
        os.setgid(plan["uid"])
        os.setuid(plan["uid"])
    print(json.dumps({"uid": os.getuid(), "ran": asyncio.run(knock(plan["ports"], ways))}))


if __name__ == "__main__":
    main()
