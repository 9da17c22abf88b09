"""The embedded engine: a DuckDB connection of the company's own.

The one place where SQL text is written. Names and values reach it only through
`ident` and `text`.
"""

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd

After = Callable[[int], tuple[np.ndarray, pd.DataFrame]]


def ident(name: str) -> str:
    """SQL identifier, quoted: any column name is only a name."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """SQL string literal, quoted: any value is only a value."""
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True)
class Found:
    """A table as it was found: where its rows are and what its columns are called.

    Parameters
    ----------
    table, label : str
        Our name for it, and the file's name for messages.
    columns : dict
        Their column name -> (SQL expression, DuckDB type).
    source : str
        What stands after FROM.
    materialise : bool
        Parse once into a temporary table (CSV) instead of reading in place.
    row : str
        SQL expression of the row's number, from 1; "" if there is none.
    file : str
        SQL expression of the row's file where one table has several; "" if not.
    after : callable, optional
        Given the number of rows read: the line of each, and the lines that could
        not be read.
    """

    table: str
    label: str
    columns: dict[str, tuple[str, str]]
    source: str
    materialise: bool = False
    row: str = ""
    file: str = ""
    after: After | None = None


class Store:
    """A DuckDB connection in memory, with its own scratch folder for spilling."""

    def __init__(self, memory: str = ""):
        """Connect later; `memory`, such as "2GB", is the most that is held.

        Set `alone` before, and a single thread works: no other survives a fork.
        """
        self.memory = memory
        self.alone = False

    @cached_property
    def connection(self):
        """Open on first use: importing DuckDB costs a fifth of a second."""
        import duckdb

        connection = duckdb.connect(
            config={
                "threads": _processors(),
                "temp_directory": str(self.scratch),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                **({"memory_limit": self.memory} if self.memory else {}),
            }
        )
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        if self.alone:
            _set_threads(connection, work=1, wait=0)
        return connection

    @cached_property
    def scratch(self) -> Path:
        """Folder that goes when the company goes."""
        folder = tempfile.mkdtemp(prefix="retention-")
        weakref.finalize(self, _removed, folder, os.getpid())
        return Path(folder)

    def taken_over(self) -> bool:
        """Go on in a fork, with threads and a scratch folder of its own.

        False if scratch was in use: forks would write over one another there.
        """
        import duckdb

        del self.scratch
        try:
            self.run(f"SET temp_directory = {text(str(self.scratch))}")
        except duckdb.Error:
            return False
        _set_threads(self.connection, work=_processors(), wait=_processors())
        return True

    def run(self, sql: str) -> None:
        """Run a statement for its effect."""
        self.connection.execute(sql)

    def rows(self, sql: str) -> list[tuple]:
        """Rows of a small result."""
        return self.connection.execute(sql).fetchall()

    def frame(self, sql: str) -> pd.DataFrame:
        """A small result as a DataFrame."""
        return self.connection.execute(sql).df()

    def lazy(self, name: str) -> nw.LazyFrame:
        """A table or view of this connection, lazily."""
        return nw.from_native(self.connection.table(ident(name)))

    def kept(self, frame: nw.LazyFrame, name: str) -> nw.LazyFrame:
        """A result computed once, for frames that many queries start from."""
        nw.to_native(frame).create(name)
        return self.lazy(name)

    def types(self, source: str) -> dict[str, str]:
        """Column names and DuckDB types of anything that can stand after FROM."""
        described = self.rows(f"DESCRIBE SELECT * FROM {source}")
        return {row[0]: row[1] for row in described}


def _set_threads(connection, *, work: int, wait: int) -> None:
    """Threads that compute and, where the engine has them, that wait for files."""
    asked = "SELECT name FROM duckdb_settings() WHERE name = 'async_threads'"
    connection.execute(f"SET threads = {work}")
    if connection.execute(asked).fetchall():
        connection.execute(f"SET async_threads = {wait}")


def _removed(folder: str, owner: int) -> None:
    """Remove a folder, unless this is a fork of the process that it belongs to."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1
