"""Customers with a contract, as known at a landmark."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed, day_after, instant
from retention.counts.early_warning.features import (
    month_before,
    recent_margin,
    with_features,
)
from retention.counts.engine import collect, tally, with_bucket
from retention.counts.once import once
from retention.counts.tenure import tenure_frame
from retention.counts.value.windows import Basis


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

    Examples
    --------
    >>> import datetime as dt
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company)
    >>> day = dt.date(2026, 4, 30)
    >>> cells = counts.warning_cells(
    ...     company, [day], horizon=6, features=["complaint"], basis=basis, bucket=False
    ... )
    >>> cells.groupby(["complaint", "event"])["n"].sum().unstack()
    event         0     1
    complaint
    no         9969  1108
    yes         736    84
    """
    tables = []
    for day in on:
        frame = warning_frame(company, day, features=features, basis=basis, study=study)
        followed = _followed(company, frame, day, horizon, reason)
        tables.append(counted_cells(followed, day, features, bucket=bucket))
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

    Parameters
    ----------
    company, features, basis, study
        As in `warning_cells`.
    day : date
        A month end.

    Returns
    -------
    LazyFrame
        customer_id, joined_on, left_on, leave_reason, the features, entry and margin
        (a month). Parameters as in `warning_cells`.

    Examples
    --------
    >>> import datetime as dt
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company)
    >>> frame = counts.warning_frame(
    ...     company, dt.date(2026, 4, 30), features=["complaint", "plan"], basis=basis
    ... )
    >>> counts.collect(frame).groupby("plan")["margin"].mean().round(2)
    plan
    basic      22.40
    plus       28.18
    premium    36.08
    Name: margin, dtype: float64
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


@once
def warning_reasons(company, *, study: str = "customer_value") -> pd.Series:
    """Losses by leave reason, of the customers whom early warning can look at.

    Parameters
    ----------
    company : Company
        With customers.leave_reason.
    study : str
        Whose population is counted.

    Returns
    -------
    Series
        Customers who left, by leave_reason. Where there is a table of activity, only
        customers in it: the others are in no landmark. A loss without a reason is
        not counted.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> counts.warning_reasons(open_company("data/lakeshore")).to_dict()
    {'involuntary': 3141, 'voluntary': 7067}
    """
    lost = tenure_frame(company, study=study).filter(
        nw.col("event") == 1, nw.col("cause") != "not stated"
    )
    if company.has("activity"):
        known = company.table("activity").select("customer_id").unique()
        lost = lost.join(known, on="customer_id")
    counted = tally(lost, "cause")
    return counted.set_index("cause")["n"].sort_index().rename_axis("leave_reason")


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


def counted_cells(
    frame, day: dt.date, features: Sequence[str], *, bucket: bool = True
) -> pd.DataFrame:
    """Customers of a landmark by features, follow-up and bucket, with their margin."""
    keys = [*features, "entry", "duration", "event", *(["bucket"] if bucket else [])]
    frame = with_bucket(frame) if bucket else frame
    grouped = frame.group_by(*keys)
    table = collect(grouped.agg(nw.len().alias("n"), nw.col("margin").sum()))
    table = table.sort_values(keys, ignore_index=True)
    table.insert(0, "landmark", day)
    return table.astype(dict.fromkeys(("entry", "duration", "event", "n"), "int64"))
