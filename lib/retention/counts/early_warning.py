"""Customers present on a day, what was known of them, and what became of them."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed, day_after, instant
from retention.counts.early_warning_features import (
    month_before,
    recent_margin,
    with_features,
)
from retention.counts.engine import collect, with_bucket
from retention.counts.value import class_of
from retention.counts.value_windows import Basis, customer_ids

SILENCE = ("since_last", "orders", "trend")
HISTORY_MONTHS = 6
_SINCE = (7, 14, 28, 56, 91)
_SINCE_NAMES = ("1 week", "2 weeks", "4 weeks", "8 weeks", "13 weeks", "longer")
_ORDERS = (1, 3, 7, 15, 31)
_ORDERS_NAMES = ("1", "2-3", "4-7", "8-15", "16-31", "32+")


def warning_days(
    company, *, horizon: int, most: int = 6, history: int = HISTORY_MONTHS
) -> tuple[list[dt.date], dt.date, dt.date]:
    """Landmarks to learn from, one to test on, and today.

    Parameters
    ----------
    company : Company
    horizon : int
        Months looked ahead.
    most : int
        Landmarks to learn from, `horizon` months apart, at most.
    history : int
        Months of records that must lie before a landmark.

    Returns
    -------
    (list of date, date, date)
        Month ends. What the training landmarks were followed to ends by the test
        landmark, so that the test is on a time that the model has not seen. The list
        is empty where the records are too short.
    """
    today = company.observed_to
    if today != month_before(today, 0):
        today = month_before(today, 1)
    test = month_before(today, horizon)
    train = [month_before(test, horizon * (k + 1)) for k in range(most)]
    first = company.observed_from
    if first is not None:
        train = [day for day in train if day_after(month_before(day, history)) >= first]
    return train[::-1], test, today


def warning_cells(
    company,
    on: Sequence[dt.date],
    *,
    horizon: int,
    features: Sequence[str],
    basis: Basis,
    reason: str = "",
    bucket: bool = True,
    study: str = "customer_value",
) -> pd.DataFrame:
    """Customers with a contract at each landmark, counted by what was known of them.

    Parameters
    ----------
    company : Company
        Brings joining and leaving dates and activity.
    on : sequence of date
        Landmarks: month ends. Customers are present if they had joined by then, had
        not left, and had activity in the three months before.
    horizon : int
        Months followed; 0 counts those present and follows nobody.
    features : sequence of str
        From `warning_features`.
    basis : Basis
    reason : str
        Count only losses for this leave reason as events; empty counts every loss.
    bucket : bool
        Keep the jackknife's buckets; without them the table is far smaller.
    study : str

    Returns
    -------
    DataFrame
        `landmark`, the features, `entry` (completed months of tenure at the
        landmark), `duration` (the month of tenure in which the customer left, or
        months completed at the horizon), `event` (1 left within the horizon),
        `bucket`, `n` and `margin` (their margin a month, summed).
    """
    tables = []
    for day in on:
        frame = warning_frame(company, day, features=features, basis=basis, study=study)
        followed = _followed(company, frame, day, horizon, reason)
        tables.append(_counted(followed, day, features, bucket=bucket))
    return pd.concat(tables, ignore_index=True)


def warning_frame(
    company,
    day: dt.date,
    *,
    features: Sequence[str],
    basis: Basis,
    study: str = "customer_value",
) -> nw.LazyFrame:
    """One row a customer with a contract on a day, as it was known then. Lazy.

    Returns
    -------
    LazyFrame
        customer_id, joined_on, left_on, leave_reason, the features, entry and margin
        (a month). Parameters as in `warning_cells`.
    """
    begin = instant(day_after(day))
    left = nw.col("left_on")
    people = company.population(study).filter(
        nw.col("joined_on") < begin, left.is_null() | (left >= begin)
    )
    people = people.join(recent_margin(company, day, basis), on="customer_id")
    people = with_features(company, people, day, features)
    entry = completed(nw.col("joined_on"), day_after(day), "month")
    names = people.collect_schema().names()
    why = ["leave_reason"] if "leave_reason" in names else []
    people = people.with_columns(entry=entry.cast(nw.Int64))
    keep = ["customer_id", "joined_on", "left_on", *why, *features, "entry", "margin"]
    return people.select(*dict.fromkeys(keep))


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
        tables.append(_counted(frame, day, SILENCE))
    return pd.concat(tables, ignore_index=True)


def silence_frame(
    company, day: dt.date, *, basis: Basis, study: str = "customer_value"
) -> nw.LazyFrame:
    """One row a buyer with an order in the six months before a day. Lazy.

    Returns
    -------
    LazyFrame
        customer_id, since_last, orders, trend, entry (0) and margin (a month).
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


def _followed(company, frame, day: dt.date, horizon: int, reason: str):
    """Tenure month in which each customer left, or that it completed, and whether."""
    end = month_before(day, -horizon)
    gone = ~nw.col("left_on").is_null() & (nw.col("left_on") < instant(day_after(end)))
    left = completed(nw.col("joined_on"), nw.col("left_on"), "month") + 1
    stayed = completed(nw.col("joined_on"), day_after(end), "month")
    event = gone
    if reason and company.has("customers", "leave_reason"):
        event = gone & (nw.coalesce(nw.col("leave_reason"), nw.lit("")) == reason)
    lived = nw.when(gone).then(left).otherwise(stayed)
    return frame.with_columns(duration=lived.cast(nw.Int64), event=event.cast(nw.Int64))


def _counted(
    frame, day: dt.date, features: Sequence[str], *, bucket: bool = True
) -> pd.DataFrame:
    keys = [*features, "entry", "duration", "event", *(["bucket"] if bucket else [])]
    frame = with_bucket(frame) if bucket else frame
    grouped = frame.group_by(*keys)
    table = collect(grouped.agg(nw.len().alias("n"), nw.col("margin").sum()))
    table = table.sort_values(keys, ignore_index=True)
    table.insert(0, "landmark", day)
    return table.astype(dict.fromkeys(("entry", "duration", "event", "n"), "int64"))


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
