"""Money by customer and month."""

import narwhals as nw

from retention.counts.calendar import day_after
from retention.counts.once import once

_ORDERS = ("ordered_on", "amount")


def number(day: nw.Expr) -> nw.Expr:
    """Month number of a date: twelve times the year plus 0 to 11."""
    return (day.dt.year() * 12 + day.dt.month() - 1).cast(nw.Int64)


def last_month(company) -> int:
    """Number of the last month that the records cover to its end.

    Parameters
    ----------
    company : Company

    Returns
    -------
    int
        Months since the year 0: 12 times the year, plus the month, minus 1.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> month = counts.last_month(company)
    >>> month, counts.month_name(month)
    (24321, '2026-10')
    """
    following = day_after(company.observed_to)
    return following.year * 12 + following.month - 2


def of_study(company, frame: nw.LazyFrame, study: str) -> nw.LazyFrame:
    """Rows of the customers whom a study is about."""
    people = company.population(study).select("customer_id").unique()
    return frame.join(people, on="customer_id", how="semi")


@once
def monthly_spend(company, *, study: str = "loyalty") -> nw.LazyFrame:
    """Each customer's money in each month in which it was active. Lazy.

    Parameters
    ----------
    company : Company
        One that brings activity or, in its place, orders.
    study : str
        Whose population is kept.

    Returns
    -------
    LazyFrame
        `customer_id`, `time` (month number), `revenue` and `margin` (the table's own;
        else revenue times ``[economics] margin_rate``; else missing).

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> spend = counts.collect(counts.monthly_spend(company))
    >>> spend.groupby("time")["revenue"].mean().round(2).tail(2)
    time
    24320    61.17
    24321    62.33
    Name: revenue, dtype: float64
    """
    table = "activity" if company.has("activity", "month", "revenue") else "orders"
    day, paid = ("month", "revenue") if table == "activity" else _ORDERS
    frame = of_study(company, company.table(table), study)
    rate = company.settings.economics.get("margin_rate")
    if company.has(table, "margin"):
        margin = nw.col("margin")
    else:
        margin = nw.col(paid) * rate if rate else nw.lit(None).cast(nw.Float64)
    frame = frame.select(
        "customer_id",
        number(nw.col(day)).alias("time"),
        nw.col(paid).alias("revenue"),
        margin.alias("margin"),
    )
    money = (nw.col("revenue").sum(), nw.col("margin").sum())
    return frame.group_by("customer_id", "time").agg(*money)
