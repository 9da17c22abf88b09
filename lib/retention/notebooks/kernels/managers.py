"""Kernel managers that fork, and end what they started."""

import os

from retention.notebooks.kernels.processes import Forked


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

    Examples
    --------
    >>> from jupyter_client import AsyncKernelManager
    >>> from retention import notebooks
    >>> with notebooks.kernel_surroundings() as kernels:
    ...     made = notebooks.kernel_manager(kernels, AsyncKernelManager)
    ...     made.__mro__[1].__name__
    'AsyncKernelManager'
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
