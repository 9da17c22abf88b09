"""Purchases counted otherwise: by what they cost, by week, and by period of time."""

import narwhals as nw
import pandas as pd

from retention.counts.engine import collect, with_bucket
from retention.counts.purchases import (
    GRAINS,
    WEEK,
    Choice,
    Day,
    cutoff_days,
    in_cohort,
    moments,
    purchase_frame,
)


def order_values(
    company,
    *,
    where: Choice | None = None,
    as_of: Day | None = None,
    holdout_weeks: int = 0,
    cohort: tuple[Day, Day] | None = None,
    grain: str = "day",
    value: str = "amount",
    width: float = 0.01,
    bucket: bool = False,
    study: str = "customer_value",
) -> pd.DataFrame:
    """Customers who bought again, counted by how often and for how much on average.

    Parameters
    ----------
    company, where, as_of, holdout_weeks, cohort, grain, value, bucket, study
        As in `retention.counts.purchases`.
    width : float
        Means that differ by less than this share are counted together, at their
        own mean; 0 keeps every mean apart.

    Returns
    -------
    DataFrame
        ``x`` (repeat purchases), ``mean_amount`` (of these purchases, in the
        company's currency), ``bucket`` if asked for, and ``n``. Customers whose
        mean is not above 0 are left out.

    Raises
    ------
    ValueError
        As in `retention.counts.purchases`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> values = counts.order_values(company, where={"business": ["shop"]}, width=0.2)
    >>> values[values["x"] == 3].head(3).round(2)
        x  mean_amount   n
    42  3         9.33   8
    43  3        11.11  13
    44  3        13.53  15
    """
    frame = purchase_frame(
        company, where, as_of, holdout_weeks, cohort, grain, value, study
    )
    frame = frame.filter(nw.col("x") > 0, nw.col("spend") > 0)
    frame = frame.with_columns(mean_amount=nw.col("spend") / nw.col("x"))
    place = nw.col("mean_amount")
    if width > 0:
        place = (place.log() / width).round(0)
    keys = ["x", "place"]
    if bucket:
        frame, keys = with_bucket(frame), [*keys, "bucket"]
    counted = collect(
        frame.with_columns(place=place)
        .group_by(keys)
        .agg(nw.col("mean_amount").mean(), nw.len().alias("n"))
    )
    columns = ["x", "mean_amount", *keys[2:], "n"]
    counted = counted.astype({"x": "int64", "n": "int64"})[columns]
    return counted.sort_values(columns, ignore_index=True)


def weekly_orders(
    company,
    *,
    where: Choice | None = None,
    as_of: Day | None = None,
    holdout_weeks: int = 0,
    cohort: tuple[Day, Day] | None = None,
    grain: str = "day",
    value: str = "amount",
    study: str = "customer_value",
) -> pd.DataFrame:
    """Repeat purchases of each week before and after the cut-off day.

    Parameters
    ----------
    company, where, as_of, holdout_weeks, cohort, grain, value, study
        As in `retention.counts.purchases`, whose customers these are.

    Returns
    -------
    DataFrame
        ``week`` (0 is the week that ends with the cut-off day, 1 the first of the
        holdout), ``orders`` (repeat purchases) and ``spend``. Weeks without any are
        rows too.

    Raises
    ------
    ValueError
        As in `retention.counts.purchases`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> weekly = counts.weekly_orders(
    ...     company, where={"business": ["shop"]}, holdout_weeks=26
    ... )
    >>> weekly[weekly["week"].between(-1, 1)].round(2)
         week  orders    spend
    102    -1      54  2057.55
    103     0      50  1882.87
    104     1      69  2099.19
    """
    if grain not in GRAINS:
        raise ValueError(f"grain is {grain!r}; it can be {', '.join(GRAINS)}.")
    ticks = GRAINS[grain][0]
    bounds = cutoff_days(company, as_of, holdout_weeks)
    bought = moments(company, *bounds, where, value, study, ticks=ticks)
    bought = in_cohort(bought, bounds[0], cohort, ticks=ticks)
    begin = collect(bought.select(nw.col("first").min()))["first"].iloc[0]
    if pd.isna(begin):
        raise ValueError("No customer had placed an order by the cut-off day.")
    repeats = bought.filter(nw.col("tick") > nw.col("first"))
    counted = collect(
        repeats.with_columns(week=_period(WEEK * ticks))
        .group_by("week")
        .agg(nw.len().alias("orders"), nw.col("money").sum().alias("spend"))
    )
    first = -(-int(begin) // (WEEK * ticks))
    weeks = pd.RangeIndex(first, holdout_weeks + 1, name="week")
    counted = counted.set_index("week").reindex(weeks, fill_value=0)
    return counted.astype({"orders": "int64", "spend": float}).reset_index()


def purchase_occasions(
    company,
    *,
    weeks: int = 4,
    where: Choice | None = None,
    as_of: Day | None = None,
    holdout_weeks: int = 0,
    cohort: tuple[Day, Day] | None = None,
    bucket: bool = False,
    study: str = "customer_value",
) -> pd.DataFrame:
    """Customers counted by the periods in which they bought again.

    Time is cut into periods of so many weeks, the last of which ends with the
    cut-off day; what counts is whether a customer bought in a period, not how often.

    Parameters
    ----------
    company, where, as_of, holdout_weeks, cohort, bucket, study
        As in `retention.counts.purchases`.
    weeks : int
        Length of a period. The holdout should be a multiple of it.

    Returns
    -------
    DataFrame
        ``x`` (periods with a purchase after that of the first), ``t_x`` (the last of
        these, 0 if none), ``T`` (periods after the first up to the cut-off),
        ``bucket`` if asked for, ``n`` (customers), ``holdout`` (sum of periods with
        a purchase after the cut-off) and ``returned`` (customers with at least one).

    Raises
    ------
    ValueError
        As in `retention.counts.purchases`.

    Examples
    --------
    >>> import datetime as dt
    >>> import pandas as pd
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> orders = pd.DataFrame({
    ...     "customer_id": ["a", "a", "b"], "amount": [9.0, 9.0, 9.0],
    ...     "ordered_on": pd.to_datetime(["2025-01-05", "2025-03-02", "2025-01-12"]),
    ... })
    >>> company = open_company({
    ...     "customers": pd.DataFrame({"customer_id": ["a", "b"]}), "orders": orders,
    ... }, settings={"company": {"observed_to": dt.date(2025, 3, 30)}})
    >>> counts.purchase_occasions(company, weeks=4)[["x", "t_x", "T", "n"]]
       x  t_x  T  n
    0  0    0  2  1
    1  1    2  3  1
    """
    bounds = cutoff_days(company, as_of, holdout_weeks)
    bought = moments(company, *bounds, where, "amount", study)
    bought = in_cohort(bought, bounds[0], cohort)
    bought = bought.with_columns(tick=_period(WEEK * weeks))
    one = bought.select("customer_id", "tick").unique()
    frame, keys = _occasions(one), ["x", "t_x", "T"]
    if bucket:
        frame, keys = with_bucket(frame), [*keys, "bucket"]
    counted = collect(
        frame.group_by(keys).agg(
            nw.len().alias("n"), nw.col("holdout", "returned").sum()
        )
    )
    whole = ["x", "t_x", "T", "n", "holdout", "returned"]
    counted = counted.astype(dict.fromkeys(whole, "int64"))
    if counted.empty:
        raise ValueError("No customer had placed an order by the cut-off day.")
    return counted.sort_values(keys, ignore_index=True)


def _period(ticks: int) -> nw.Expr:
    """Number of the period that a tick falls into; 0 ends with the cut-off."""
    return -((-nw.col("tick")) // ticks)


def _occasions(one):
    """A row a customer from its periods with a purchase."""
    first = nw.col("tick").min().over("customer_id")
    before = nw.col("tick") <= 0
    counted = (
        one.with_columns(first=first)
        .with_columns(
            last=nw.when(before).then(nw.col("tick")),
            x=(before & (nw.col("tick") > nw.col("first"))).cast(nw.Int64),
            holdout=(~before).cast(nw.Int64),
        )
        .group_by("customer_id", "first")
        .agg(nw.col("last").max(), nw.col("x", "holdout").sum())
    )
    return counted.with_columns(
        t_x=nw.col("last") - nw.col("first"),
        T=-nw.col("first"),
        returned=(nw.col("holdout") > 0).cast(nw.Int64),
    )
