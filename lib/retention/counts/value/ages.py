"""Margin and cost in and after a customer's first year."""

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed
from retention.counts.engine import collect, with_bucket
from retention.counts.service import contact_costs
from retention.counts.value.cells import whole_numbers
from retention.counts.value.frame import in_window
from retention.counts.value.windows import (
    Basis,
    Window,
)


def margin_by_age(
    company, window: Window, *, basis: Basis, study: str = "customer_value"
) -> pd.DataFrame:
    """Margin and cost of contacts in and after a customer's first twelve months.

    Parameters
    ----------
    company, window, basis, study
        As in `value_frame`; the company needs activity and joining dates.

    Returns
    -------
    DataFrame
        `old` (1 after twelve completed months), `both` (1 for customers with rows on
        either side of the line), `bucket`, `n` (customers), `months`, revenue,
        margin and cost.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company)
    >>> year = counts.value_windows(company, basis)[-1]
    >>> ages = counts.margin_by_age(company, year, basis=basis)
    >>> ages.groupby("old")[["n", "months"]].sum()
             n    months
    old
    0     6284   36094.0
    1    11017  109386.0
    """
    people = company.population(study).group_by("customer_id")
    people = people.agg(nw.col("joined_on").min())
    rows = in_window(company, window, basis).rename({"when": "day"})
    served = contact_costs(company, window) if basis.contacts else None
    parts = [rows.with_columns(cost=nw.lit(0.0), months=nw.lit(1))]
    if served is not None:
        blank = {"revenue": nw.lit(0.0), "margin": nw.lit(0.0), "months": nw.lit(0)}
        parts.append(served.with_columns(**blank))
    names = ["customer_id", "day", "revenue", "margin", "cost", "months"]
    stacked = nw.concat([part.select(*names) for part in parts], how="vertical")
    stacked = stacked.join(people, on="customer_id", how="inner")
    old = completed(_month_of("joined_on"), _month_of("day"), "month") >= 12
    totals = _by_customer(stacked.with_columns(old=old.cast(nw.Int64)))
    sides = totals.group_by("customer_id").agg(nw.len().alias("sides"))
    totals = with_bucket(totals.join(sides, on="customer_id", how="left"))
    totals = totals.with_columns(both=(nw.col("sides") > 1).cast(nw.Int64))
    counted = totals.group_by("old", "both", "bucket").agg(
        nw.len().alias("n"),
        *(nw.col(c).sum() for c in ("months", "revenue", "margin", "cost")),
    )
    return whole_numbers(
        collect(counted), ["old", "both", "n"], by=["old", "both", "bucket"]
    )


def _by_customer(stacked):
    sums = [nw.col(c).sum() for c in ("months", "revenue", "margin", "cost")]
    totals = stacked.group_by("customer_id", "old").agg(*sums)
    return totals.filter(nw.col("months") > 0)


def _month_of(column: str):
    """Day as if it were the first of its month: activity is dated so."""
    day = nw.col(column)
    return day.dt.truncate("1mo")
