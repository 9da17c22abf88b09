"""Entry of the command: runs a subcommand, turns what goes wrong into an exit code."""

import contextlib
import importlib
import os
import sys

from retention.cli.options import parser

DONE, STUDY_FAILED, REFUSED, NOT_WRITTEN, STOPPED = 0, 1, 2, 3, 130


def main(argv=None) -> int:
    """Exit code of one command.

    Parameters
    ----------
    argv : list of str, optional
        The command line unless given.

    Returns
    -------
    int
        0 done, 1 a study failed, 2 the input was refused, 3 the output could not
        be written, 130 stopped from the keyboard.

    Examples
    --------
    >>> main(["check", "no-such-company"])  # the reason goes to standard error
    2
    """
    _tolerate_narrow_terminals()
    options = parser().parse_args(argv)
    # It compiles grammars for most of a second and only serves a check of links.
    sys.modules.setdefault("rfc3987_syntax", None)
    try:
        return _carried_out(options)
    except BrokenPipeError:
        # The reader went away, as `| head` does; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print("Stopped. Nothing was changed.", file=sys.stderr)
        return STOPPED
    except (ValueError, OSError, RuntimeError) as error:
        if options.debug or not _is_users(error):
            raise
        print(f"retention: {error_text(error)}", file=sys.stderr)
        return NOT_WRITTEN if isinstance(error, OSError) else REFUSED


def error_text(error) -> str:
    """Message of an error as a user reads it.

    Examples
    --------
    >>> error_text(PermissionError(13, "Permission denied", "reports"))
    'Permission denied: reports. Nothing that stood there was changed.'
    """
    if not isinstance(error, OSError):
        return str(error)
    said = error.strerror or str(error)
    where = f": {error.filename}" if error.filename else ""
    return f"{said}{where}. Nothing that stood there was changed."


def _carried_out(options):
    module, function = options.runs.split(":")
    command = getattr(importlib.import_module(f"retention.cli.{module}"), function)
    try:
        return command(options)
    except Exception:
        from retention.company.collecting import spoken

        with spoken():
            raise


def _is_users(error):
    """True for what a user can mend; other errors are ours and keep their trace."""
    from retention.company import CompanyError, EngineError
    from retention.notebooks import ParameterError
    from retention.reports import ReportError

    users = CompanyError, EngineError, ParameterError, ReportError, OSError
    return isinstance(error, users)


def _tolerate_narrow_terminals():
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")
