"""Buyers without a contract, as known at a landmark."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed, day_after, instant
from retention.counts.early_warning.contract import counted_cells
from retention.counts.early_warning.days import HISTORY_MONTHS
from retention.counts.early_warning.features import (
    month_before,
    recent_margin,
)
from retention.counts.value import class_of
from retention.counts.value.windows import Basis, customer_ids

SILENCE = ("since_last", "orders", "trend")
_SINCE = (7, 14, 28, 56, 91)
_SINCE_NAMES = ("1 week", "2 weeks", "4 weeks", "8 weeks", "13 weeks", "longer")
_ORDERS = (1, 3, 7, 15, 31)
_ORDERS_NAMES = ("1", "2-3", "4-7", "8-15", "16-31", "32+")


def silence_cells(
    company,
    on: Sequence[dt.date],
    *,
    horizon: int,
    basis: Basis,
    study: str = "customer_value",
) -> pd.DataFrame:
    """Buyers without a contract at each landmark, by how they had been ordering.

    Parameters
    ----------
    company : Company
        Brings orders. Customers with activity have a contract and are left out.
    on : sequence of date
        Landmarks: month ends. Buyers are present with an order in the six months
        before.
    horizon : int
        Months followed; 0 counts those present and follows nobody.
    basis : Basis
    study : str

    Returns
    -------
    DataFrame
        `landmark`, `since_last` (time since the last order), `orders` (days with an
        order in the six months), `trend` (of the last three months against the three
        before), `entry` (0), `duration` (1), `event` (1 = no order within the
        horizon), `bucket`, `n` and `margin` (a month, over the last three, summed).

    Examples
    --------
    >>> import datetime as dt
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company)
    >>> day = dt.date(2026, 4, 30)
    >>> cells = counts.silence_cells(company, [day], horizon=6, basis=basis)
    >>> cells.groupby(["since_last", "event"], sort=False)["n"].sum()
    since_last  event
    1 week      0         35
                1          9
    13 weeks    0         73
                1         64
    2 weeks     0         37
                1         19
    4 weeks     0         59
                1         29
    8 weeks     0         88
                1         59
    longer      0         85
                1        156
    Name: n, dtype: int64
    """
    tables = []
    for day in on:
        frame = silence_frame(company, day, basis=basis, study=study)
        if horizon:
            seen = _ordered_within(company, day, horizon)
            frame = frame.join(seen, on="customer_id", how="left")
            silent = nw.when(nw.col("seen").is_null()).then(nw.lit(1))
            frame = frame.with_columns(event=silent.otherwise(nw.lit(0)))
        else:
            frame = frame.with_columns(event=nw.lit(0))
        frame = frame.with_columns(duration=nw.lit(1))
        tables.append(counted_cells(frame, day, SILENCE))
    return pd.concat(tables, ignore_index=True)


def silence_frame(
    company, day: dt.date, *, basis: Basis, study: str = "customer_value"
) -> nw.LazyFrame:
    """One row a buyer with an order in the six months before a day. Lazy.

    Parameters
    ----------
    company : Company
        Brings orders.
    day : date
        A month end.
    basis : Basis
    study : str

    Returns
    -------
    LazyFrame
        customer_id, since_last, orders, trend, entry (0) and margin (a month).

    Examples
    --------
    >>> import datetime as dt
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company)
    >>> frame = counts.silence_frame(company, dt.date(2026, 4, 30), basis=basis)
    >>> buyers = counts.collect(frame)
    >>> len(buyers), buyers["orders"].value_counts().sort_index().to_dict()
    (713, {'1': 371, '2-3': 203, '4-7': 114, '8-15': 25})
    """
    rows = _orders(company, month_before(day, HISTORY_MONTHS), day, study)
    middle = instant(day_after(month_before(day, HISTORY_MONTHS // 2)))
    late = (nw.col("day") >= middle).cast(nw.Int64)
    days = rows.select("customer_id", "day").unique().with_columns(late=late)
    sums = days.group_by("customer_id").agg(
        nw.len().alias("many"), nw.col("late").sum(), nw.col("day").max().alias("last")
    )
    since = completed(nw.col("last"), day, "day")
    # Step by step: nested into one another, the classes would make a huge expression.
    frame = sums.with_columns(since=since)
    frame = frame.with_columns(
        since=class_of(nw.col("since"), _SINCE), rank=class_of(nw.col("many"), _ORDERS)
    )
    frame = frame.with_columns(
        since_last=_named("since", _SINCE_NAMES),
        orders=_named("rank", _ORDERS_NAMES),
        trend=_trend(nw.col("late"), nw.col("many") - nw.col("late")),
        entry=nw.lit(0),
    )
    money = recent_margin(company, day, basis).select("customer_id", "margin")
    frame = frame.join(money, on="customer_id", how="left")
    frame = frame.with_columns(margin=nw.coalesce(nw.col("margin"), nw.lit(0.0)))
    return frame.select("customer_id", *SILENCE, "entry", "margin")


def _orders(company, after: dt.date, to: dt.date, study: str):
    """Days of orders between two days, of customers without a contract."""
    date = nw.col("ordered_on")
    rows = company.table("orders").filter(
        date >= instant(day_after(after)), date < instant(day_after(to))
    )
    people = customer_ids(company, "orders", study=study)
    rows = rows.join(people, on="customer_id", how="semi")
    if company.has("activity"):
        known = company.table("activity").select("customer_id").unique()
        rows = rows.join(known, on="customer_id", how="anti")
    return rows.select("customer_id", day=date.cast(nw.Date))


def _ordered_within(company, day: dt.date, horizon: int):
    date, end = nw.col("ordered_on"), month_before(day, -horizon)
    rows = company.table("orders").filter(
        date >= instant(day_after(day)), date < instant(day_after(end))
    )
    return rows.select("customer_id").unique().with_columns(seen=nw.lit(1))


def _named(place: str, names: Sequence[str]) -> nw.Expr:
    texts = [
        nw.when(nw.col(place) == k).then(nw.lit(name)) for k, name in enumerate(names)
    ]
    return nw.coalesce(*texts, nw.lit(names[-1]))


def _trend(late: nw.Expr, early: nw.Expr) -> nw.Expr:
    falls = nw.when(late * 3 < early * 2).then(nw.lit("falling"))
    rises = nw.when(late * 2 > early * 3).then(nw.lit("rising"))
    return nw.coalesce(falls, rises, nw.lit("steady"))
