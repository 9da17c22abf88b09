"""One process imports the libraries; the kernels of all tests are forked from it.

Importing takes longer than most notebooks' own work. Where kernels cannot be forked,
each starts by itself, and the tests only take longer.
"""

import contextlib
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from retention.notebooks import Kernels, kernel_manager, kernel_surroundings

_ENDING = contextlib.ExitStack()


@cache
def session_kernels() -> Kernels:
    """Kernels of the whole session, begun when the first one is asked for."""
    folder = _ENDING.enter_context(
        tempfile.TemporaryDirectory(prefix="rk", ignore_cleanup_errors=True)
    )
    shipped = str(Path(__file__).with_name("data") / "lakeshore")
    kernels = Kernels(folder, warm=sys.platform == "linux", ahead=[shipped])
    _ENDING.callback(kernels.stop)
    return kernels


def pytest_configure():
    """Let nbval, which runs the notebooks, fork its kernels."""
    import nbval.kernel

    base = nbval.kernel.KernelManager

    def manager(**options):
        return kernel_manager(session_kernels(), base)(**options)

    nbval.kernel.KernelManager = manager


def pytest_unconfigure():
    """End what is left."""
    _ENDING.close()


@pytest.fixture(autouse=True)
def _reports_fork_too(request, monkeypatch):
    """Let reports fork from the session's process as well."""
    if "own_kernels" in request.fixturenames or "retention.reports" not in sys.modules:
        return

    @contextlib.contextmanager
    def surroundings(*, warm=False, ahead=()):
        with kernel_surroundings() as kernels:
            kernels.borrow(session_kernels())
            yield kernels

    room = sys.modules["retention.reports.workshop"]
    monkeypatch.setattr(room, "kernel_surroundings", surroundings)


@cache
def _opened(folder: str):
    from retention.company.opening import open_company

    return open_company(folder)


@pytest.fixture(autouse=True)
def _examples_share_a_company(request, monkeypatch):
    """Examples in docstrings open the shipped company; its tables are read once."""
    if isinstance(request.node, pytest.DoctestItem):
        import retention.company

        opened = retention.company.open_company

        def shared(source, **options):
            plain = isinstance(source, str) and not options
            return _opened(source) if plain else opened(source, **options)

        monkeypatch.setattr(retention.company, "open_company", shared)


@pytest.fixture(autouse=True)
def _examples_leave_no_figure(request):
    """Figures that examples drew are closed, as matplotlib warns of too many."""
    yield
    drawn = sys.modules.get("matplotlib.pyplot")
    if drawn and isinstance(request.node, pytest.DoctestItem):
        drawn.close("all")


@pytest.fixture
def own_kernels():
    """For tests of how kernels are started: a report starts its own."""
