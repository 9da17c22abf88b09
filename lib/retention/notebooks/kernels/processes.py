"""The process that kernels are forked from, and those that were."""

import contextlib
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_FORKS_FROM = "retention.notebooks.warm"
_WARM_UP = 120


class Kernels:
    """The kernels of one run, and the process they are forked from.

    Attributes
    ----------
    folder : str
        Private folder for sockets and settings.
    warm : bool
        Whether kernels can be forked; asking waits until that is known.
    numbers : iterator of int
        One for each kernel.
    stopped : bool
        Whether the kernels have been ended.
    """

    def __init__(self, folder, *, warm: bool, ahead=()):
        """Start the process to fork from, and do not wait for it.

        `ahead` names a company, and its period, for it to read before it forks.
        """
        self.folder = folder
        self.address = os.path.join(folder, "warm")
        self.stopped = False
        # Two kernels that start at once must not choose one address.
        self.numbers = itertools.count()
        self._lock = threading.Lock()
        self._groups = set()
        self._ready = None
        self._server = _warm_process(self.address, *ahead) if warm else None

    @property
    def warm(self) -> bool:
        """Whether kernels can be forked."""
        with self._lock:
            if self._ready is None:
                self._ready = self._server is not None and _said_ready(self._server)
        return self._ready

    def borrow(self, others) -> None:
        """Fork kernels from the process of others, which ends with those."""
        self._ready, self.address = others.warm, others.address

    def own(self, group) -> None:
        """Remember a kernel's process group, to end it with the run."""
        self._groups.add(group)

    def disown(self, group) -> None:
        """Forget a process group that has ended, whose number may be reused."""
        self._groups.discard(group)

    def stop(self) -> None:
        """End every kernel that still runs, and the process they come from."""
        self.stopped = True
        while self._groups:
            with contextlib.suppress(OSError):
                os.killpg(self._groups.pop(), signal.SIGKILL)
        if self._server is None or self._server.stdin.closed:
            return
        self._server.stdin.close()
        self._server.stdout.close()
        # All that it wrote goes with the folder; tidying up would take it a while.
        self._server.kill()
        self._server.wait()


class Forked:
    """A forked kernel, with the methods of Popen that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, address, argv, *, cwd, env, quiet: bool = False):
        """Ask for a kernel and wait until it is there; quiet closes its stderr.

        Raises
        ------
        RuntimeError
            The process to fork from does not answer.
        """
        order = {
            "argv": argv,
            "cwd": str(cwd or os.getcwd()),
            "env": dict(env),
            "quiet": quiet,
        }
        self._line = socket.socket(socket.AF_UNIX)
        try:
            self._line.connect(address)
            self._line.sendall(json.dumps(order).encode() + b"\n")
            self.pid = int(self._line.makefile("rb").readline())
        except (OSError, ValueError) as error:
            self._line.close()
            raise RuntimeError(f"no kernel could be forked ({error})") from error
        self.returncode = None

    def poll(self):
        """None while the kernel lives; its exit status itself is not known."""
        if self.returncode is None and select.select([self._line], [], [], 0)[0]:
            self._line.close()
            self.returncode = 1
        return self.returncode

    def wait(self):
        """Wait for the end of the kernel."""
        if self.returncode is None:
            select.select([self._line], [], [])
        return self.poll()

    def send_signal(self, number):
        """Send a signal, if there still is a kernel."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self):
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


def _warm_process(address, *ahead):
    python = [sys.executable, "-P", "-Xfrozen_modules=off"]
    return subprocess.Popen(
        [*python, "-m", _FORKS_FROM, address, *ahead],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        # Algebra and pyarrow's allocator would start threads; a fork wants none.
        env={
            **os.environ,
            **dict.fromkeys(ONE_THREAD, "1"),
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
            "TMPDIR": os.path.dirname(address),
        },
    )


def _said_ready(server):
    from retention.notebooks.warm import READY

    said = select.select([server.stdout], [], [], _WARM_UP)[0]
    return bool(said) and server.stdout.readline() == READY
