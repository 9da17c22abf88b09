"""One table, from typed to clean: every rule, and the cut at the day asked for."""

import datetime as dt
from dataclasses import dataclass

import narwhals as nw
import pandas as pd

from retention.company import crossrules, rowrules
from retention.company.collecting import collect
from retention.company.errors import CompanyError
from retention.company.load import Loaded
from retention.company.people import not_yet
from retention.company.quarantine import Bin, sentence
from retention.schema import ENDINGS, Table


@dataclass(frozen=True, eq=False)
class Checked:
    """A clean table and what happened on the way to it."""

    clean: nw.LazyFrame
    read: int
    bin: Bin
    first: dt.date | None = None
    last: dt.date | None = None

    @property
    def used(self) -> int:
        """Rows that were neither set aside nor dated after the day of the report."""
        return self.read - self.bin.total - self.bin.skipped


def check(loaded: Loaded, table: Table, company) -> Checked:
    """Apply every rule of a table; what breaks one goes to the table's bin.

    Parameters
    ----------
    loaded : Loaded
    table : Table
    company : Company
        For its settings, its window and the customers that rows refer to.

    Returns
    -------
    Checked
        If no row is bad, `clean` is the typed table itself.
    """
    frame, bin, settings = loaded.frame, loaded.bin, company.settings
    names = frame.collect_schema().names()
    later = not_yet(table, company.as_of, settings)
    checks = rowrules.checks(table, names, settings, company.recorded_to)
    read, frame = _rows(frame, checks, later, bin)
    read += loaded.unread
    left = read - bin.total - bin.skipped
    frame = crossrules.unique(frame, table, left, bin, settings)
    frame = _crossed(frame, table, company, bin)
    frame = _cut(frame, table, company.as_of)
    frame = frame.select(*crossrules.own_columns(frame))
    if table.name == "tenure_counts":
        frame = _completed(frame)
    if loaded.store and table.name == "orders" and "order_id" in names:
        frame = loaded.store.kept(frame, "summed_orders")
    checked = Checked(frame, read, bin, *_span(frame, table))
    if not checked.used and bin.total:
        raise _nothing_left(checked)
    return checked


def _nothing_left(checked: Checked) -> CompanyError:
    """A table of which every row breaks a rule is read the wrong way."""
    bin = checked.bin
    rules = ", ".join(f"{n:,} x {rule}" for (rule, _), n in bin.counts.items())
    first = sentence(next(bin.rows.itertuples()))
    return CompanyError(
        f"{bin.label}: none of its {checked.read:,} rows can be used ({rules}). The "
        f"first: {first}",
        rule="nothing_left",
    )


def broken(checked: Checked) -> CompanyError:
    """What --strict says of a table with any row set aside."""
    first = sentence(next(checked.bin.rows.itertuples()))
    return CompanyError(
        f"{checked.bin.label}: {checked.bin.total:,} of {checked.read:,} rows break a "
        f"rule, and --strict allows none. The first: {first}"
    )


def _rows(frame, checks, later, bin: Bin) -> tuple[int, nw.LazyFrame]:
    """Rows read, and those that pass the rules of single rows: one pass if all do."""
    bad = [nw.coalesce(c.bad, nw.lit(False)) for c in checks]
    facts = [nw.len().alias("read")]
    if later is not None:
        facts += [_count(later).alias("later")]
    now = bad if later is None else [b & ~later for b in bad]
    facts += [_count(b).alias(f"bad{i}") for i, b in enumerate(now)]
    found = collect(frame.select(*facts)).iloc[0].fillna(0).astype("int64")
    if found.get("later", 0):
        bin.skip(int(found["later"]))
        frame = frame.filter(~later)
    broken = [i for i in range(len(bad)) if found[f"bad{i}"]]
    if not broken:
        return int(found["read"]), frame
    mark = nw.lit(-1)
    for i in reversed(broken):
        mark = nw.when(bad[i]).then(nw.lit(i)).otherwise(mark)
    marked = frame.with_columns(__broken__=mark)
    for i in broken:
        at = nw.col("__broken__") == i
        bin.add(checks[i].rule, checks[i].column, marked.filter(at))
    kept = marked.filter(nw.col("__broken__") == -1).drop("__broken__")
    return int(found["read"]), kept


def _count(flag: nw.Expr) -> nw.Expr:
    return flag.cast(nw.Int64).sum().cast(nw.Int64)


def _crossed(frame, table: Table, company, bin: Bin) -> nw.LazyFrame:
    """Rules between rows and tables; the order is that of `rules.RULES`."""
    if table.name == "orders":
        frame = crossrules.orders(frame, bin)
    if company.has_customers and any(c.refers for c in table.columns):
        derived = table.name == company.customers_from
        if not derived:
            frame = crossrules.known_customers(frame, table, company.people, bin)
    if table.name == "referrals":
        return crossrules.referrals(frame, company.joined, bin)
    if table.name == "memberships":
        return crossrules.memberships(frame, company.joined, bin)
    if table.name == "points":
        return crossrules.points(frame, bin)
    if table.name == "touchpoints":
        return crossrules.journeys(frame, bin)
    return frame


def _completed(frame: nw.LazyFrame) -> nw.LazyFrame:
    """Count table with `entry` (0 where absent) and no empty cause."""
    names = frame.collect_schema().names()
    if "entry" not in names:
        frame = frame.with_columns(entry=nw.lit(0).cast(nw.Int64))
    if "cause" in names:
        frame = frame.with_columns(cause=nw.coalesce(nw.col("cause"), nw.lit("")))
    return frame


def _cut(frame, table: Table, cut: dt.date | None) -> nw.LazyFrame:
    """What ended after the day of the report has not ended yet."""
    if cut is None:
        return frame
    names = frame.collect_schema().names()
    for column in (c for c in table.columns if c.ends and c.name in names):
        lasts = nw.coalesce(rowrules.after(column, cut), nw.lit(False))
        changes = {column.name: None, **ENDINGS.get((table.name, column.name), {})}
        changed = [
            nw.when(~lasts).then(nw.col(name)).otherwise(nw.lit(value)).alias(name)
            for name, value in changes.items()
            if name in names
        ]
        frame = frame.with_columns(*changed)
    return frame


def _span(frame, table: Table) -> tuple[dt.date | None, dt.date | None]:
    """First and last date of a table, as days."""
    dated = table.date or ("enrolled_on" if table.name == "memberships" else "")
    if dated not in frame.collect_schema().names():
        return None, None
    day = nw.col(dated)
    found = collect(frame.select(day.min().alias("a"), day.max().alias("b"))).iloc[0]
    return tuple(None if pd.isna(v) else pd.Timestamp(v).date() for v in found)
