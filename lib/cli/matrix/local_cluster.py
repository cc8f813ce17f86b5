"""A Dask cluster on this machine that obeys nobody but the process that started it.

Dask runs whatever function reaches one of its ports, as the owner of the process. On a machine with
several users the loopback address protects from nobody: every port here asks for a certificate that
exists in the memory of this cluster's processes alone.
"""
import contextlib
import shutil
import tempfile

import dask
from distributed import Nanny, Scheduler, SpecCluster, Worker
from distributed.security import Security

from refusal import Refusal


class WithoutHttp:
    """A node without its HTTP server, which answers anybody, also with the dashboard off."""

    def start_http_server(self, *args, **kwargs):
        pass


class PrivateScheduler(WithoutHttp, Scheduler):
    pass


class PrivateWorker(WithoutHttp, Worker):
    pass


def temporary_security():
    """A key and its certificate that no other process knows."""
    try:
        return Security.temporary()
    except ImportError as error:
        raise Refusal(
            "local workers need Python's package `cryptography`, for certificates that keep other "
            "users out: pip install cryptography, or leave out --python"
        ) from error


@contextlib.contextmanager
def local_cluster(workers):
    """A running cluster with that number of workers, each making one run at a time."""
    security = temporary_security()
    # Every node imports modules from its folder. Dask's default lies at a fixed name in /tmp, which
    # another user may have created first.
    folder = tempfile.mkdtemp(prefix="lab-cluster-", dir=dask.config.get("temporary-directory"))
    node = {"host": "127.0.0.1", "protocol": "tls://", "security": security, "dashboard": False}
    worker = {
        **node,
        "worker_class": PrivateWorker,
        "nthreads": 1,
        "silence_logs": "ERROR",
    }
    try:
        with dask.config.set({"temporary-directory": folder}), SpecCluster(
            scheduler={"cls": PrivateScheduler, "options": {**node, "port": 0}},
            workers={name: {"cls": Nanny, "options": worker} for name in range(workers)},
            security=security,
            silence_logs="ERROR",
        ) as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)
