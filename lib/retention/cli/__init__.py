"""The command `retention`."""

from retention.cli.main import main

__all__ = ["main"]
