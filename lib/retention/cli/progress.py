"""A progress bar for people; silence, or lines of JSON, for schedulers."""

import datetime
import json
import sys

_WIDTH = 24


def bar(stream=None):
    """Callable that draws progress on a terminal, and does nothing elsewhere.

    Parameters
    ----------
    stream : text file, optional
        Standard error unless given.

    Returns
    -------
    callable
        Takes (done, total, StudyRun or None), as `reports.run` calls it.
    """
    stream = stream or sys.stderr
    if not stream.isatty():
        return lambda done, total, study: None

    def draw(done, total, study):
        filled = _WIDTH * done // max(total, 1)
        name = f" {study.name}" if study else ""
        line = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {done} of {total}{name}"
        # An erased line at the end leaves the terminal to the results.
        stream.write("\r\x1b[K" + ("" if done == total else line))
        stream.flush()

    return draw


def log(event, **facts) -> None:
    """Write one line of JSON to standard error: time, event and its facts."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"time": now, "event": event, **facts})
    print(line, file=sys.stderr, flush=True)
