"""What kernels are started in, and with which options."""

import contextlib
import os
import sys
import tempfile

from retention.notebooks.kernels.managers import kernel_manager
from retention.notebooks.kernels.processes import ONE_THREAD, Kernels

KERNEL = "python3"
# A path longer than this does not fit a socket's address.
_SOCKET_PATH = 80
_AT_START = "from retention.notebooks import describe_figures; describe_figures()"


@contextlib.contextmanager
def kernel_surroundings(*, warm: bool = False, ahead=()):
    """Environment and a private folder for kernels started inside the `with`.

    Parameters
    ----------
    warm : bool
        Import the libraries once, in a process from which the kernels are forked.
        Only on Linux; elsewhere, and wherever that process is not fit to be
        forked, every kernel starts cold.
    ahead : sequence of str
        A company, and the period if not all of it, for that process to read and
        check before it forks: kernels that open just that find it done.

    Yields
    ------
    Kernels
        For `kernel_options`. At the end no kernel is left and its folder is gone.

    Notes
    -----
    Bytecode is kept, a foreign JUPYTER_PATH cannot offer another kernel under
    our kernel's name, the user's IPython start-up files are left out, and
    linear algebra runs in one thread unless the caller says otherwise.

    Examples
    --------
    >>> import os
    >>> from retention import notebooks
    >>> with notebooks.kernel_surroundings() as kernels:
    ...     os.path.basename(os.environ["IPYTHONDIR"]), kernels.warm
    ('ipython', False)
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="rk", ignore_cleanup_errors=True) as folder:
        os.environ.update({name: before.get(name, "1") for name in ONE_THREAD})
        os.environ["IPYTHONDIR"] = os.path.join(folder, "ipython")
        os.environ["JUPYTER_RUNTIME_DIR"] = os.path.join(folder, "runtime")
        # Kernels are ended at once, so what they leave is taken away with the folder.
        os.environ["TMPDIR"] = os.path.join(folder, "tmp")
        os.mkdir(os.environ["TMPDIR"])
        for name in ("PYTHONDONTWRITEBYTECODE", "JUPYTER_PATH", "MPLBACKEND"):
            os.environ.pop(name, None)
        kernels = Kernels(folder, warm=warm and sys.platform == "linux", ahead=ahead)
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

    Examples
    --------
    >>> from retention import notebooks
    >>> with notebooks.kernel_surroundings() as kernels:
    ...     options = notebooks.kernel_options(kernels)
    ...     options["shutdown_kernel"], options["extra_arguments"][0]
    ('immediate', '--HistoryManager.enabled=False')
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
    """Result of a call in a thread; the event loop it opened there is closed.

    Parameters
    ----------
    function : callable
    *arguments, **options
        What it is called with.

    Returns
    -------
    object
        What it returns.

    Examples
    --------
    >>> from retention import notebooks
    >>> notebooks.with_own_loop(pow, 2, 5)
    32
    """
    from jupyter_core.utils import ensure_event_loop

    try:
        return function(*arguments, **options)
    finally:
        ensure_event_loop().close()
