"""How kernels are started: quiet, apart from the user's own settings, and soon."""

import contextlib
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading

KERNEL = "python3"
# A path longer than this does not fit a socket's address.
_SOCKET_PATH = 80
_AT_START = "from retention.notebooks import describe_figures; describe_figures()"
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_FORKS_FROM = "retention.notebooks.warm"
_WARM_UP = 120


@contextlib.contextmanager
def kernel_surroundings(*, warm: bool = False):
    """Environment and a private folder for kernels started inside the `with`.

    Parameters
    ----------
    warm : bool
        Import the libraries once, in a process from which the kernels are forked.
        Only on Linux; elsewhere, and wherever that process is not fit to be
        forked, every kernel starts cold.

    Yields
    ------
    Kernels
        For `kernel_options`. At the end no kernel is left and its folder is gone.

    Notes
    -----
    Bytecode is kept, a foreign JUPYTER_PATH cannot offer another kernel under
    our kernel's name, the user's IPython start-up files are left out, and
    linear algebra runs in one thread unless the caller says otherwise.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="rk", ignore_cleanup_errors=True) as folder:
        os.environ.update({name: before.get(name, "1") for name in _ONE_THREAD})
        os.environ["IPYTHONDIR"] = os.path.join(folder, "ipython")
        os.environ["JUPYTER_RUNTIME_DIR"] = os.path.join(folder, "runtime")
        # Kernels are ended at once, so what they leave is taken away with the folder.
        os.environ["TMPDIR"] = os.path.join(folder, "tmp")
        os.mkdir(os.environ["TMPDIR"])
        for name in ("PYTHONDONTWRITEBYTECODE", "JUPYTER_PATH", "MPLBACKEND"):
            os.environ.pop(name, None)
        kernels = Kernels(folder, warm=warm and sys.platform == "linux")
        try:
            yield kernels
        finally:
            kernels.stop()
            os.environ.clear()
            os.environ.update(before)


def kernel_options(kernels, *, cold: bool = False) -> dict:
    """Keyword arguments for nbclient (and so for papermill's engine).

    Parameters
    ----------
    kernels : Kernels
        As yielded by `kernel_surroundings`.
    cold : bool
        Start a process of its own even where a warm one could be forked.

    Returns
    -------
    dict
        Kernels without TCP port and shared history, that end with their
        surroundings and at once.
    """
    from jupyter_client import AsyncKernelManager
    from traitlets.config import Config

    sockets = os.path.join(kernels.folder, f"k{next(kernels.numbers)}")
    local = os.name == "posix" and len(sockets) < _SOCKET_PATH
    config = {"KernelManager": {"transport": "ipc", "ip": sockets}} if local else {}
    return {
        "config": Config(config),
        "kernel_manager_class": kernel_manager(kernels, AsyncKernelManager, cold=cold),
        "shutdown_kernel": "immediate",
        "extra_arguments": [
            "--HistoryManager.enabled=False",
            # What goes wrong is read from the notebook, not from the terminal.
            "--IPKernelApp.log_level=50",
            f"--IPKernelApp.exec_lines={_AT_START}",
        ],
    }


def with_own_loop(function, *arguments, **options):
    """Result of a call in a thread; the event loop it opened there is closed."""
    from jupyter_core.utils import ensure_event_loop

    try:
        return function(*arguments, **options)
    finally:
        ensure_event_loop().close()


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

    def __init__(self, folder, *, warm: bool):
        """Start the process to fork from, and do not wait for it."""
        self.folder = folder
        self.address = os.path.join(folder, "warm")
        self.stopped = False
        # Two kernels that start at once must not choose one address.
        self.numbers = itertools.count()
        self._lock = threading.Lock()
        self._groups = set()
        self._ready = None
        self._server = _warm_process(self.address) if warm else None

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
        try:
            self._server.wait(timeout=5)
        except subprocess.TimeoutExpired:
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


def _warm_process(address):
    return subprocess.Popen(
        [sys.executable, "-P", "-Xfrozen_modules=off", "-m", _FORKS_FROM, address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        # Algebra and pyarrow's allocator would start threads; a fork wants none.
        env={
            **os.environ,
            **dict.fromkeys(_ONE_THREAD, "1"),
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
        },
    )


def _said_ready(server):
    from retention.notebooks.warm import READY

    said = select.select([server.stdout], [], [], _WARM_UP)[0]
    return bool(said) and server.stdout.readline() == READY


def kernel_manager(kernels, base, *, cold: bool = False):
    """Class of kernel managers whose kernels end with their surroundings.

    Parameters
    ----------
    kernels : Kernels
    base : type
        A kernel manager of jupyter_client, asynchronous or not.
    cold : bool
        Start a process of its own even where a warm one could be forked.

    Returns
    -------
    type
    """
    cold = cold or not kernels.warm

    class Manager(base):
        async def _async_pre_start_kernel(self, **options):
            if self.provisioner is None and not cold:
                self.kernel_id = self.kernel_id or os.urandom(8).hex()
                self.provisioner = _forking(kernels.address)(
                    kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
                )
            return await super()._async_pre_start_kernel(**options)

        async def _async_launch_kernel(self, command, **options):
            await super()._async_launch_kernel(command, **options)
            self.group = getattr(self.provisioner, "pgid", None)
            if self.group:
                kernels.own(self.group)

        async def _async_cleanup_resources(self, restart=False):
            kernels.disown(getattr(self, "group", None))
            await super()._async_cleanup_resources(restart=restart)

    if base.cleanup_resources is base._async_cleanup_resources:
        Manager.cleanup_resources = Manager._async_cleanup_resources
    return Manager


def _forking(address):
    """Provisioner that forks; the rest is as for a kernel started cold."""
    from jupyter_client import LocalProvisioner

    class Forking(LocalProvisioner):
        async def launch_kernel(self, cmd, **options):
            argv = cmd[cmd.index("ipykernel_launcher") + 1 :]
            self.process = Forked(
                address,
                argv,
                cwd=options.get("cwd"),
                env=options["env"],
                quiet=options.get("stderr") is not None,
            )
            self.pid = self.pgid = self.process.pid
            return self.connection_info

    return Forking
