"""Sums of closed months, kept, so that a new month is all that has to be read."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import pandas as pd

from retention.company import open_company
from retention.company.readers import ParquetFile, fingerprint
from retention.counts.engine import collect
from retention.schema import TABLES

_FORMAT = "1"


@dataclass(frozen=True, eq=False)
class MonthlySums:
    """Rows and sums by month, and which files they were counted from just now.

    Attributes
    ----------
    table : DataFrame
        `month` (its first day), the columns asked for, `n` (rows) and the sums.
    read : tuple of str
        Files read and checked in this run.
    kept : tuple of str
        Files whose sums of an earlier run were taken.
    """

    table: pd.DataFrame
    read: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def summary(self) -> str:
        """What was read, what was not, and what that leaves unseen."""
        unseen = (
            " What is in two files at once, and a customer who has gone from the "
            "customers table since, is seen only where all files are read together."
        )
        return (
            f"{len(self.read)} of {len(self.read) + len(self.kept)} files were read, "
            f"{len(self.kept)} taken from stored sums.{unseen if self.kept else ''}"
        )


def monthly_sums(
    folder, table: str, *, by: Sequence[str] = (), sums: Sequence[str] = (), kept
) -> MonthlySums:
    """Rows and sums of an event table by month, reading only files that are new.

    Only what adds up over files is offered. Distinct customers, durations, risk sets
    and last dates do not: they are counted in full, from the customers table.

    Parameters
    ----------
    folder : str or Path
        A company whose table is a folder of Parquet files, such as
        ``activity/2026-10.parquet``.
    table : str
        A table with a date.
    by : sequence of str
        Columns of the table to group by.
    sums : sequence of str
        Columns to add up.
    kept : str or Path
        Folder for the sums of each file, made where it is missing. They are used
        again as long as the file, how it is read and the question stay the same. A
        file of which a row was set aside is not kept: what was wrong with it may be
        put right in another table.

    Returns
    -------
    MonthlySums

    Raises
    ------
    ValueError
        If the table has no date, or is not a folder of Parquet files.

    Examples
    --------
    >>> import tempfile
    >>> from retention.simulate import write_company
    >>> home = Path(tempfile.mkdtemp())
    >>> _ = write_company(home, seed=1, scale=0.01)
    >>> whole = pd.read_parquet(home / "activity.parquet")
    >>> (home / "activity.parquet").unlink()
    >>> (home / "activity").mkdir()
    >>> for month, rows in whole.groupby("month"):
    ...     if month.year == 2026:
    ...         rows.to_parquet(home / "activity" / f"{month:%Y-%m}.parquet")
    >>> first = monthly_sums(home, "activity", sums=["revenue"], kept=home / "kept")
    >>> again = monthly_sums(home, "activity", sums=["revenue"], kept=home / "kept")
    >>> len(first.kept), len(again.read), again.table.equals(first.table)
    (0, 0, True)
    """
    parts = sorted((Path(folder) / table).glob("*.parquet"))
    if not TABLES[table].date or not parts:
        raise ValueError(
            f"Sums by month are kept for a table with dates that is a folder of "
            f"Parquet files; {table} is not one."
        )
    Path(kept).mkdir(parents=True, exist_ok=True)
    declared = open_company(folder).settings.tables
    found, read = [], []
    for part in parts:
        own = {**declared.get(table, {}), "file": f"{table}/{part.name}"}
        company = open_company(folder, settings={"tables": {**declared, table: own}})
        place = Path(kept) / f"{_key(company, table, part, by, sums)}.parquet"
        if place.exists():
            found.append(pd.read_parquet(place))
            continue
        read.append(part.name)
        found.append(_counted(company, table, by, sums))
        if not company.checked(table).bin.total:
            _write(found[-1], place)
    names = tuple(part.name for part in parts if part.name not in read)
    return MonthlySums(_added(found, by, sums), tuple(read), names)


def _key(company, table: str, part: Path, by, sums) -> str:
    settings = company.settings
    read = settings.tables.get(table), settings.company.get("time_zone")
    file = fingerprint({table: ParquetFile(table, part, None)}, repr(read))
    asked = repr((_FORMAT, table, [*by], [*sums], file))
    return hashlib.blake2b(asked.encode(), digest_size=16).hexdigest()


def _counted(company, table: str, by, sums) -> pd.DataFrame:
    month = nw.col(TABLES[table].date).cast(nw.Datetime("us")).dt.truncate("1mo")
    rows = company.table(table).select(*by, *sums, month=month)
    added = [nw.col(name).sum() for name in sums]
    counted = collect(rows.group_by("month", *by).agg(nw.len().alias("n"), *added))
    return counted.astype({"month": "datetime64[us]", "n": "int64"})


def _added(found, by, sums) -> pd.DataFrame:
    """Sums of the files' sums, since a month may be in more than one file."""
    keys = ["month", *by]
    table = pd.concat(found, ignore_index=True)
    table = table.groupby(keys, as_index=False, dropna=False)[["n", *sums]].sum()
    return table.sort_values(keys, ignore_index=True)


def _write(table: pd.DataFrame, place: Path) -> None:
    draft = place.with_suffix(f".{os.getpid()}.draft")
    table.to_parquet(draft)
    os.replace(draft, place)
