"""How kernels are started: quiet, apart from the user's own settings."""

import contextlib
import os
import tempfile

KERNEL = "python3"
# A path longer than this does not fit a socket's address.
_SOCKET_PATH = 80
_AT_START = "from retention.notebooks import describe_figures; describe_figures()"
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextlib.contextmanager
def kernel_surroundings():
    """Environment and a private folder for kernels started inside the `with`.

    Yields
    ------
    str
        Folder for `kernel_options`; it is removed at the end.

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
        for name in ("PYTHONDONTWRITEBYTECODE", "JUPYTER_PATH", "MPLBACKEND"):
            os.environ.pop(name, None)
        try:
            yield folder
        finally:
            os.environ.clear()
            os.environ.update(before)


def kernel_options(folder) -> dict:
    """Keyword arguments for nbclient (and so for papermill's engine).

    Parameters
    ----------
    folder : str
        As yielded by `kernel_surroundings`.

    Returns
    -------
    dict
        `config` and `extra_arguments`: no TCP port, no shared history.
    """
    from traitlets.config import Config

    sockets = os.path.join(folder, "k")
    local = os.name == "posix" and len(sockets) < _SOCKET_PATH
    config = {"KernelManager": {"transport": "ipc", "ip": sockets}} if local else {}
    return {
        "config": Config(config),
        "extra_arguments": [
            "--HistoryManager.enabled=False",
            # What goes wrong is read from the notebook, not from the terminal.
            "--IPKernelApp.log_level=50",
            f"--IPKernelApp.exec_lines={_AT_START}",
        ],
    }
