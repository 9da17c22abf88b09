"""A process that has imported what notebooks need, and forks kernels from itself.

`python -m retention.notebooks.warm SOCKET [COMPANY [PERIOD]]` answers on a socket: a
connection asks for one kernel, and the kernel keeps its end open, so that the end
of the connection is the end of the kernel. It ends when its standard input is
closed, and so with the process that started it, however that one ends. A company
named is read and checked once, for all kernels.
"""

import builtins
import contextlib
import importlib
import json
import os
import random
import select
import signal
import socket
import sys
import tempfile
import threading
from types import SimpleNamespace

READY, UNSAFE = b"ready\n", b"threads\n"
_PRELOADED = (
    "scipy.stats",
    "scipy.optimize",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "PIL.PngImagePlugin",
    "duckdb",
    "pyarrow",
    "narwhals",
    "statsmodels.stats.proportion",
    "statsmodels.tools.numdiff",
    "sklearn.linear_model",
    "sklearn.isotonic",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "ipykernel.zmqshell",
    "retention.company",
    "retention.simulate",
    "retention.survival",
    "retention.projection",
    "retention.plots",
    "retention.notebooks",
)


def main(address, company="", period="") -> None:
    """Fork kernels until standard input is closed; in a fork, be that kernel."""
    _preload()
    if company:
        _open_ahead(company, period)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        # A thread does not survive a fork, and the locks it holds stay locked.
        os.write(1, READY if _threads() == 1 else UNSAFE)
        os.dup2(2, 1)
        # Nobody waits for the kernels: the system forgets them when they end.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        order = _order(listener)
    if order is not None:
        _be_kernel(**order)


def _preload():
    # pandas shows wide tables whole in a notebook, which it tells by this name.
    builtins.get_ipython = lambda: SimpleNamespace(kernel=True)
    importlib.import_module("pandas")
    del builtins.get_ipython
    for name in _PRELOADED:
        # Whoever needs what cannot be imported says so better than this process.
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def _open_ahead(company, period):
    """Read a company; what is wrong with it the notebooks say better."""
    from retention.company import open_ahead

    with contextlib.suppress(Exception):
        open_ahead(company, as_of=period or None)


def _threads():
    """Threads of this process, as the system counts them where it tells."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


def _order(listener):
    """What the kernel is to be, in a fork; None when the parent is gone."""
    while True:
        ready, _, _ = select.select([listener, 0], [], [])
        if 0 in ready:
            return None
        connection, _ = listener.accept()
        order = json.loads(connection.makefile("rb").readline())
        server = os.getpid()
        if os.fork() == 0:
            os.setsid()
            connection.sendall(f"{os.getpid()}\n".encode())
            # Left open for as long as this process lives.
            os.dup(connection.detach())
            return {**order, "parent": server}
        connection.close()


def _be_kernel(argv, cwd, env, quiet, parent):
    """Run a kernel in this process, as `python -m ipykernel_launcher` would."""
    import numpy
    from ipykernel.kernelapp import IPKernelApp

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if quiet:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # a kernel has its own, by its own environment
    sys.argv[1:] = argv
    # Kernels must not draw the same chance.
    random.seed()
    numpy.random.seed()
    IPKernelApp.launch_instance([*argv, f"--IPKernelApp.parent_handle={parent}"])


if __name__ == "__main__":
    main(*sys.argv[1:])
