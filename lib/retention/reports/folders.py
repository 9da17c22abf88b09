"""A report's folder: written apart, put in place when it is whole."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

_PARTIAL, _REPLACED = ".partial-", ".replaced-"
FAILED = "-failed"


@contextlib.contextmanager
def staged(home, period):
    """Temporary folder beside the target; it vanishes unless put in place.

    Parameters
    ----------
    home : Path
        The company's folder, made where it is missing.
    period : str

    Yields
    ------
    Path
    """
    home.mkdir(parents=True, exist_ok=True)
    _restore(home, period)
    stage = Path(tempfile.mkdtemp(prefix=f"{_PARTIAL}{period}-", dir=home))
    stage.chmod(0o755)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def put_in_place(stage, target) -> None:
    """Rename a finished folder to its target; the old one goes only afterwards.

    Raises
    ------
    OSError
        The rename fails; the old folder is back in its place.
    """
    old = target.with_name(f"{_REPLACED}{target.name}-{os.getpid()}")
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(stage, target)
    except OSError:
        if old.exists():
            os.replace(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def forget_failed(target) -> None:
    """Remove the failed run of a period for which a report now stands."""
    if not target.name.endswith(FAILED):
        shutil.rmtree(target.with_name(target.name + FAILED), ignore_errors=True)


def write(path, text) -> None:
    """Write a file through a temporary one, so that readers see all or nothing."""
    handle, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _restore(home, period):
    """Undo a replacement that was cut off between its two renames."""
    for old in home.glob(f"{_REPLACED}{period}-*"):
        if (home / period).exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(old, home / period)
