"""How kernels are started: quiet, apart from the user's own settings, and soon."""

from retention.notebooks.kernels.managers import kernel_manager
from retention.notebooks.kernels.processes import Kernels
from retention.notebooks.kernels.surroundings import (
    KERNEL,
    kernel_options,
    kernel_surroundings,
    with_own_loop,
)

__all__ = [
    "KERNEL",
    "Kernels",
    "kernel_manager",
    "kernel_options",
    "kernel_surroundings",
    "with_own_loop",
]
