"""One lazy row a customer: its purchases and its money."""

import narwhals as nw

from retention.counts.calendar import completed, day_after, instant
from retention.counts.engine import settled
from retention.counts.once import once
from retention.counts.purchases.days import (
    chosen_customers,
    cutoff_days,
    in_cohort,
    must_bring,
)

WEEK = 7
YEAR = 365
# how many moments a day are told apart, and how many of them are rounded to one
GRAINS = {"hour": (24, 1), "day": (1, 1), "week": (1, WEEK)}
MONEY = ["spend", "first_spend", "holdout_spend", "last_year_spend"]
SUMS = ["spend", "first_spend", "holdout", "holdout_spend"]
SUMS += ["holdout_squares", "returned"]


@once
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
        .with_columns(settled(*MONEY))
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
    must_bring(company, value)
    ordered = nw.col("ordered_on")
    orders = company.table("orders").filter(ordered < instant(day_after(end)))
    if company.has_customers:
        people = chosen_customers(company, where or {}, study).select("customer_id")
        orders = orders.join(people, on="customer_id", how="semi")
    tick = completed(cutoff, ordered, "day").cast(nw.Int64)
    if ticks > 1:
        tick = tick * ticks + ordered.dt.hour().cast(nw.Int64) - (ticks - 1)
    bought = orders.select("customer_id", tick=tick, money=nw.col(value))
    bought = bought.group_by("customer_id", "tick").agg(nw.col("money").sum())
    first = nw.col("tick").min().over("customer_id")
    return bought.with_columns(first=first).filter(nw.col("first") <= 0)


def _one(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))


def _money(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.col("money")).otherwise(nw.lit(0.0))
