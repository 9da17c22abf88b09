"""Repeat purchases counted in the engine: how many, when last, and what came after.

The clock of a customer starts with the first order. Orders of one day are one purchase
(of one hour, if asked for), and only the purchases after the first are counted: ``x``
of them by the cut-off day, the last ``t_x`` weeks and the cut-off ``T`` weeks after it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed, day_after, instant
from retention.counts.engine import collect, with_bucket

WEEK = 7
YEAR = 365
# how many moments a day are told apart, and how many of them are rounded to one
GRAINS = {"hour": (24, 1), "day": (1, 1), "week": (1, WEEK)}
SUMS = ["spend", "first_spend", "holdout", "holdout_spend"]
SUMS += ["holdout_squares", "returned"]
MOST_ROWS = 2_000_000

Choice = Mapping[str, Sequence]
Day = dt.date | str


def purchases(
    company,
    *,
    where: Choice | None = None,
    as_of: Day | None = None,
    holdout_weeks: int = 0,
    cohort: tuple[Day, Day] | None = None,
    grain: str = "day",
    value: str = "amount",
    bucket: bool = False,
    study: str = "customer_value",
) -> pd.DataFrame:
    """Customers counted by their repeat purchases up to a day, and sums after it.

    Parameters
    ----------
    company : Company
        One that brings orders.
    where : mapping of str to sequence, optional
        Values of columns of the customers table to keep, as in
        ``{"business": ["shop"]}``.
    as_of : date or str, optional
        Cut-off day, the last one counted into ``x``. Unless given, the records end
        with the holdout.
    holdout_weeks : int
        Weeks after the cut-off in which purchases are counted apart.
    cohort : pair of date or str, optional
        Only customers whose first order falls between these days, both included.
        Where records begin later than the company did, a first order on record need
        not be the first ever: a cohort that begins later is the remedy.
    grain : {"day", "week", "hour"}
        Orders of one day are one purchase; "week" also rounds ``t_x`` and ``T`` to
        whole weeks, which makes far fewer cells. With "hour" only orders of one hour
        are one purchase: for companies whose customers decide anew within a day.
    value : {"amount", "margin"}
        Column of the orders that the sums of spend add up.
    bucket : bool
        Add the jackknife bucket.
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        ``x`` (repeat purchases), ``t_x`` and ``T`` (weeks from the first purchase to
        the last one and to the cut-off), ``bucket`` if asked for, ``n`` (customers),
        and over these customers the sums ``spend`` (of repeat purchases),
        ``first_spend`` (of the first), ``holdout`` and ``holdout_spend`` (purchases
        in the holdout and their money), ``holdout_squares`` (the customers' holdout
        purchases squared, for intervals) and ``returned`` (customers with at least
        one).

    Raises
    ------
    ValueError
        If the company brings no orders, the days lie outside the records, a column
        is missing or no customer is left.
    """
    frame = purchase_frame(
        company, where, as_of, holdout_weeks, cohort, grain, value, study
    )
    keys = ["x", "t_x", "T"]
    if bucket:
        frame, keys = with_bucket(frame), [*keys, "bucket"]
    ticks, width = GRAINS[grain]
    rounded = frame.with_columns(
        (nw.col("t_x") + width // 2) // width, (nw.col("T") + width // 2) // width
    )
    counted = collect(
        rounded.group_by(keys).agg(nw.len().alias("n"), nw.col(*SUMS).sum())
    )
    counted = _whole(counted, ["x", "n", "holdout", "holdout_squares", "returned"])
    counted[["t_x", "T"]] = counted[["t_x", "T"]].astype(float) * (
        width / (WEEK * ticks)
    )
    return _some(counted)[[*keys, "n", *SUMS]].sort_values(keys, ignore_index=True)


def purchase_rows(
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
    """One row a customer, for lists and for scores that need the customer's own spend.

    Parameters
    ----------
    company, where, as_of, holdout_weeks, cohort, value, study
        As in `purchases`.
    grain : {"day", "hour"}
        As in `purchases`.

    Returns
    -------
    DataFrame
        ``customer_id``, ``bucket``, ``x``, ``t_x``, ``T``, ``n`` (1), ``spend``,
        ``first_spend``, ``holdout``, ``holdout_spend``, ``holdout_squares`` and
        ``returned`` as in `purchases`; ``recency`` (weeks since the last purchase),
        ``orders`` (x + 1), ``mean_amount`` (of repeat purchases, missing where there
        is none), ``total_spend``, and ``last_year_spend`` and ``last_year_orders`` of
        the 365 days that end with the cut-off.

    Raises
    ------
    ValueError
        As in `purchases`, and beyond 2,000,000 customers: count cells instead.
    """
    frame = purchase_frame(
        company, where, as_of, holdout_weeks, cohort, grain, value, study
    )
    found = int(collect(frame.select(nw.len().alias("n")))["n"].iloc[0])
    if found > MOST_ROWS:
        raise ValueError(
            f"{found:,} customers are too many for a row each ({MOST_ROWS:,} at most): "
            "use counts.purchases, or choose some with where= or cohort=."
        )
    rows = _some(collect(with_bucket(frame)))
    rows = _whole(
        rows, ["x", "last_year_orders", "holdout", "holdout_squares", "returned"]
    )
    rows[["t_x", "T"]] = rows[["t_x", "T"]].astype(float) / (WEEK * GRAINS[grain][0])
    repeats = rows["x"].where(rows["x"] > 0)
    rows = rows.assign(
        n=1,
        recency=rows["T"] - rows["t_x"],
        orders=rows["x"] + 1,
        mean_amount=rows["spend"] / repeats,
        total_spend=rows["spend"] + rows["first_spend"],
    )
    return rows.sort_values("customer_id", ignore_index=True)


def purchase_frame(company, where, as_of, holdout_weeks, cohort, grain, value, study):
    """Lazy frame with a row a customer; times are whole numbers of ticks."""
    if grain not in GRAINS:
        raise ValueError(f"grain is {grain!r}; it can be {', '.join(GRAINS)}.")
    ticks = GRAINS[grain][0]
    bounds = cutoff_days(company, as_of, holdout_weeks)
    bought = moments(company, *bounds, where, value, study, ticks=ticks)
    bought = in_cohort(bought, bounds[0], cohort, ticks=ticks)
    before, first = nw.col("tick") <= 0, nw.col("tick") == nw.col("first")
    recent = before & (nw.col("tick") > -YEAR * ticks)
    return (
        bought.with_columns(
            x=_one(before & ~first),
            last=nw.when(before).then(nw.col("tick")),
            spend=_money(before & ~first),
            first_spend=_money(first),
            holdout=_one(~before),
            holdout_spend=_money(~before),
            last_year_spend=_money(recent),
            last_year_orders=_one(recent),
        )
        .group_by("customer_id", "first")
        .agg(
            nw.col("last").max(),
            nw.col(*SUMS[:4], "x", "last_year_spend", "last_year_orders").sum(),
        )
        .with_columns(
            t_x=nw.col("last") - nw.col("first"),
            T=-nw.col("first"),
            holdout_squares=nw.col("holdout") * nw.col("holdout"),
            returned=_one(nw.col("holdout") > 0),
        )
        .drop("first", "last")
    )


def moments(company, cutoff, end, where, value, study, *, ticks: int = 1):
    """Lazy frame of moments with an order, one row each.

    Parameters
    ----------
    company : Company
    cutoff, end : date
        Last day before the holdout, and last day looked at.
    where, value, study
        As in `purchases`.
    ticks : {1, 24}
        Moments told apart a day.

    Returns
    -------
    LazyFrame
        ``customer_id``, ``tick`` (0 is the last moment of the cut-off day), ``money``
        and ``first`` (the customer's first tick); customers who came after the
        cut-off are not in it.
    """
    _brings(company, value)
    ordered = nw.col("ordered_on")
    orders = company.table("orders").filter(ordered < instant(day_after(end)))
    if company.has_customers:
        people = _chosen(company, where or {}, study).select("customer_id")
        orders = orders.join(people, on="customer_id", how="semi")
    tick = completed(cutoff, ordered, "day").cast(nw.Int64)
    if ticks > 1:
        tick = tick * ticks + ordered.dt.hour().cast(nw.Int64) - (ticks - 1)
    bought = orders.select("customer_id", tick=tick, money=nw.col(value))
    bought = bought.group_by("customer_id", "tick").agg(nw.col("money").sum())
    first = nw.col("tick").min().over("customer_id")
    return bought.with_columns(first=first).filter(nw.col("first") <= 0)


def cutoff_days(company, as_of: Day | None, holdout_weeks: int) -> tuple:
    """The cut-off day and the last day of the holdout, both on record."""
    if not company.has("orders"):
        raise ValueError(
            f"{company.name} brings no orders; purchases are counted from orders with "
            "customer_id, ordered_on and amount."
        )
    length = dt.timedelta(weeks=holdout_weeks)
    cutoff = date_of(as_of) if as_of else company.observed_to - length
    if holdout_weeks < 0 or cutoff + length > company.observed_to:
        raise ValueError(
            f"{holdout_weeks} weeks after {cutoff} do not end by "
            f"{company.observed_to}, the last day on record: choose an earlier as_of "
            "or a shorter holdout."
        )
    return cutoff, cutoff + length


def in_cohort(bought, cutoff: dt.date, cohort: tuple[Day, Day] | None, *, ticks=1):
    """Only customers whose first day lies between two days."""
    if cohort is None:
        return bought
    first, last = ((date_of(day) - cutoff).days * ticks for day in cohort)
    begin = nw.col("first") > first - ticks
    return bought.filter(begin, nw.col("first") <= last)


def date_of(day: Day) -> dt.date:
    """A day given as a date or written as 2025-10-31."""
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"{day!r} is not a day; write it as 2025-10-31.") from error


def _brings(company, value: str) -> None:
    if value not in ("amount", "margin"):
        raise ValueError(f"value is {value!r}; it can be amount or margin.")
    if not company.has("orders", value):
        raise ValueError(
            f"The orders of {company.name} have no column {value!r}: use "
            'value="amount" and call the result revenue.'
        )


def _chosen(company, where: Choice, study: str):
    people = company.population(study)
    names = people.collect_schema().names()
    for column, values in where.items():
        if column not in names:
            raise ValueError(
                f"No column named {column} in the customers table. It has: "
                f"{', '.join(sorted(names))}."
            )
        people = people.filter(nw.col(column).is_in(list(values)))
    return people


def _one(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))


def _money(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.col("money")).otherwise(nw.lit(0.0))


def _whole(counted: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return counted.astype(dict.fromkeys(names, "int64"))


def _some(counted: pd.DataFrame) -> pd.DataFrame:
    if counted.empty:
        raise ValueError(
            "No customer had placed an order by the cut-off day: choose a later as_of, "
            "other customers or a wider cohort."
        )
    return counted
