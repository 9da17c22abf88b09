"""A report's folder: written apart, put in place when it is whole."""

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path

_PARTIAL, _REPLACED, _DRAFT, _LOCK = ".partial-", ".replaced-", ".draft-", ".lock"
FAILED = "-failed"


@contextlib.contextmanager
def locked(home):
    """Hold a company's folder, so that two runs never write into it at once.

    The system lets go of it when the process ends, however it ends; what a run
    that was cut off left behind is cleared away here.

    Parameters
    ----------
    home : Path
        The company's folder, made where it is missing.

    Raises
    ------
    OSError
        Another run holds it, or it cannot be written.
    """
    home.mkdir(parents=True, exist_ok=True)
    with open(home / _LOCK, "a+b") as lock:
        _take(lock, home)
        _restore(home)
        yield


def _take(lock, home):
    try:
        import fcntl
    except ImportError:  # Windows: a run there is told apart by its folders only
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(
            errno.EBUSY, "Another run is writing here; wait until it is done", str(home)
        ) from None


def _restore(home):
    """Clear what a run that was cut off left; undo a replacement cut in half."""
    for partial in home.glob(f"{_PARTIAL}*"):
        shutil.rmtree(partial, ignore_errors=True)
    for draft in home.glob(f"{_DRAFT}*"):
        draft.unlink(missing_ok=True)
    for old in home.glob(f"{_REPLACED}*"):
        target = home / old.name.removeprefix(_REPLACED)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(old, target)


def stage(home, period) -> Path:
    """New folder beside the target, hidden until it is put in place."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PARTIAL}{period}-", dir=home))
    folder.chmod(0o755)
    return folder


def discard(folder) -> None:
    """Remove a stage that was not put in place."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def put_in_place(stage, target) -> None:
    """Rename a finished folder to its target; the old one goes only afterwards.

    Raises
    ------
    OSError
        The rename fails; the old folder is back in its place.
    """
    old = target.with_name(f"{_REPLACED}{target.name}")
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
    """Write a file through a draft, so that readers see all or nothing."""
    adopt({path: draft(path, text)})


def draft(path, text) -> Path:
    """Text written and forced out beside the file that it is to become.

    Raises
    ------
    OSError
        It could not be written; nothing is left of it.
    """
    handle, name = tempfile.mkstemp(prefix=_DRAFT, dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
    except BaseException:
        os.unlink(name)
        raise
    return Path(name)


def adopt(drafts) -> None:
    """Let each draft take the place of its file; this needs no room on the disk."""
    for path, written in drafts.items():
        os.replace(written, path)
