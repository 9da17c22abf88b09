"""Where studies run: kernels, and as many hands as there are processors."""

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from retention.notebooks import Kernels, kernel_surroundings, with_own_loop

_MOST_WORKERS = 4


@dataclass(frozen=True, eq=False)
class Workshop:
    """Kernels and the threads that drive them.

    Attributes
    ----------
    kernels : Kernels
    pool : Executor
    """

    kernels: Kernels
    pool: ThreadPoolExecutor

    def submit(self, function, *arguments, **options):
        """Future of a call that a worker makes."""
        return self.pool.submit(with_own_loop, function, *arguments, **options)


@contextlib.contextmanager
def workshop(studies, ahead=()):
    """Kernels and workers for so many studies; nothing of them outlives the `with`.

    Parameters
    ----------
    studies : int
        How many will run in all. A single one starts cold, since nothing would be
        saved by importing once.
    ahead : sequence of str
        Company and period that all of them will open, if it is one.

    Yields
    ------
    Workshop
    """
    workers = max(1, min(_processors(), studies, _MOST_WORKERS))
    with kernel_surroundings(warm=studies > 1, ahead=ahead) as kernels:
        pool = ThreadPoolExecutor(workers, thread_name_prefix="study")
        try:
            yield Workshop(kernels, pool)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            # Without their kernels, studies still under way end at once.
            kernels.stop()
            pool.shutdown()


def _processors():
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1
