"""The one way in which a small result leaves an engine."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import narwhals as nw
import pandas as pd

from retention.company.errors import CompanyError, EngineError

_ENGINES = ("py4j", "pyspark", "psycopg2")
_GONE = {"Py4JNetworkError", "ConnectionRefusedError", "ConnectionResetError"}
_ENDED = (
    "The Spark session has ended while the company was being counted ({}). Nothing "
    "was written; start Spark and run it again."
)
_STOPPED = (
    "stopped SparkContext",
    "SparkContext was shut down",
    "has been stopped",
    "does not exist in the JVM",
)
_DYING = 2  # seconds that a Spark which hung up is given to end
_LOST = ("OperationalError", "InterfaceError", "AdminShutdown", "CrashShutdown")


def collect(frame) -> pd.DataFrame:
    """Run a lazy frame where its tables live and bring its (small) result to pandas.

    Raises
    ------
    EngineError
        If the engine cannot be reached any more, or refuses to run it.
    """
    with spoken():
        server = _server(frame)
        if server is not None:
            return server.collect(frame)
        found = frame.collect("pandas").to_native()
        if frame.implementation.is_duckdb():
            return found
        return found.astype(_days(frame))


def _days(frame) -> dict[str, str]:
    """Dates as DuckDB gives them: engines differ in what they make of a day."""
    kinds = frame.collect_schema().items()
    dated = (nw.Date, nw.Datetime)
    return {name: "datetime64[us]" for name, kind in kinds if kind in dated}


def embedded(frame) -> bool:
    """Whether a frame is run by our own DuckDB, and not by an engine elsewhere."""
    return frame.implementation.is_duckdb() and _server(frame) is None


@contextmanager
def spoken() -> Iterator[None]:
    """Turn what an engine elsewhere throws into one sentence; our own errors pass."""
    try:
        yield
    except Exception as error:
        said = _sentence(error)
        if said is None:
            raise
        raise EngineError(said) from error


def refuse_ended() -> None:
    """Raise EngineError if a Spark that this process counted with has ended.

    Some errors of a dead session are ValueErrors, which a study takes as "not known
    from these data": asked once more when all is counted, none passes for an answer.

    Examples
    --------
    >>> refuse_ended()  # none has
    """
    if _spark_is_dead(0):
        raise EngineError(_ENDED.format("its process is gone"))


def retold(name: str, message: str, traceback: str) -> str:
    """Sentence for an error that ended a study, from what its kernel said of it.

    Each step of a lazy frame asks Spark, and not all steps are taken in `spoken`.

    Parameters
    ----------
    name, message : str
        Of the error.
    traceback : str

    Returns
    -------
    str
        As `EngineError` says it where Spark hung up; else name and message.

    Examples
    --------
    >>> retold("IndexError", "list index out of range", "study.py:2")
    'IndexError: list index out of range'
    >>> retold("ConnectionRefusedError", "[Errno 111]", "py4j/clientserver.py:438")[:40]
    'EngineError: The Spark session has ended'
    """
    if name in _GONE | {"Py4JError"} and "py4j" in traceback:
        return f"{EngineError.__name__}: {_ENDED.format(name)}"
    return f"{name}: {message}".strip(": ")


def _server(frame):
    """PostgreSQL server whose tables a frame stands for; None for all others."""
    postgres = sys.modules.get("retention.company.engines.postgres")
    if postgres is None or not frame.implementation.is_duckdb():
        return None
    return postgres.server_of(frame)


def _sentence(error: Exception) -> str | None:
    """What to tell the user; None if the error is our own or not an engine's."""
    if isinstance(error, EngineError | CompanyError):
        return None
    name, home = type(error).__name__, type(error).__module__.partition(".")[0]
    text = next(iter(str(error).strip().splitlines()), name)
    hung_up = "pyspark" in sys.modules and _GONE & {*_wrapped(error)}
    stopped = hung_up or any(word in str(error) for word in _STOPPED)
    if stopped or _spark_is_dead(_DYING if home in _ENGINES[:2] else 0):
        return _ENDED.format(name)
    if home not in _ENGINES:
        return None
    if home == "psycopg2" and name in _LOST:
        return (
            f"The PostgreSQL server does not answer any more ({text}). Nothing was "
            "written; run it again when the server is back."
        )
    engine = "PostgreSQL" if home == "psycopg2" else "Spark"
    return f"{engine} refused to count: {text[:300]}"


def _wrapped(error: BaseException | None) -> Iterator[str]:
    """Names of an error and of those it came from: Spark wraps a lost connection."""
    while error is not None:
        yield type(error).__name__
        error = error.__cause__ or error.__context__


def _spark_is_dead(patience: float) -> bool:
    """Whether a Spark that this process started has ended, whatever the error says.

    A process that is killed hangs up before the system counts it among the dead.
    """
    context = getattr(sys.modules.get("pyspark"), "SparkContext", None)
    process = getattr(getattr(context, "_gateway", None), "proc", None)
    if process is None:
        return False
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        return False
    return True
