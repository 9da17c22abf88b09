"""The few places where an engine needs a word of its own."""

import hashlib

import narwhals as nw
import pandas as pd

from retention.company.collecting import collect as run
from retention.company.collecting import embedded
from retention.company.store import ident

MOST_HELD = 2_000_000  # rows of a few numbers: tens of megabytes
FINE = 1e6  # parts of a unit of money that are the same however it was added up


def collect(frame) -> pd.DataFrame:
    """Run a lazy frame and bring its (small) result to pandas.

    Parameters
    ----------
    frame : narwhals LazyFrame or DataFrame, or a frame of an engine

    Returns
    -------
    DataFrame
        All rows, in memory: count first, collect then.

    Examples
    --------
    >>> import narwhals as nw
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> orders = company.table("orders")
    >>> counts.collect(orders.group_by("product").agg(nw.len().alias("n")).sort("n"))
       product     n
    0  Archive  1466
    1   Travel  1831
    2  Connect  2158
    3  Protect  3140
    4   Garden  3205
    5  Kitchen  3925
    6     Home  5050
    """
    frame = nw.from_native(frame)
    if isinstance(frame, nw.LazyFrame):
        return run(frame)
    return frame.to_pandas()


def tally(frame: nw.LazyFrame, *keys: str) -> pd.DataFrame:
    """Rows of each combination of keys, as `n`; no value is a value of its own.

    DuckDB is asked in its own words: narwhals names its result anew, and DuckDB then
    looks over the whole query again, which at a million rows is a tenth of the time.
    """
    if not frame.implementation.is_duckdb():
        return collect(frame.group_by(*keys).agg(nw.len().alias("n")))
    names = ", ".join(map(ident, keys))
    counted = nw.to_native(frame).aggregate(f"{names}, count(*) AS n", names)
    return collect(nw.from_native(counted))


def held(frame: nw.LazyFrame, rows: int) -> nw.LazyFrame:
    """Keep narrow rows in memory that would be read several times over.

    Only those of our own DuckDB, which are in this process anyway, and few of them;
    other frames are handed back and read again each time.
    """
    if rows > MOST_HELD or not embedded(frame):
        return frame
    return frame.collect("pyarrow").lazy("duckdb")


def settled(*names: str) -> nw.Expr:
    """Sums of money, the same whatever order they were added up in.

    Engines add in any order: without this, who lies just on a cut, and who is level
    with whom, would be left to chance. Multiplied, as not all can round to decimals.
    """
    return (nw.col(*names) * FINE).round(0) / FINE


def with_bucket(frame: nw.LazyFrame) -> nw.LazyFrame:
    """Add `bucket`, the first two hex characters of md5(customer_id).

    md5 is the one hash that engines agree on, so the buckets, and the intervals
    made from them, are the same everywhere.
    """
    native = nw.to_native(frame)
    if frame.implementation.is_duckdb():
        sql = "*, substr(md5(customer_id), 1, 2) AS bucket"
        return nw.from_native(native.project(sql)).lazy()
    if frame.implementation.is_pyspark():
        return nw.from_native(
            native.selectExpr("*", "substr(md5(customer_id), 1, 2) AS bucket")
        ).lazy()
    rows = collect(frame)
    return nw.from_native(rows.assign(bucket=rows["customer_id"].map(_bucket))).lazy()


def _bucket(customer_id: str) -> str:
    return hashlib.md5(str(customer_id).encode(), usedforsecurity=False).hexdigest()[:2]
