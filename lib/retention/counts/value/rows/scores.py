"""Rows for the high-value score."""

import narwhals as nw
import pandas as pd

from retention.counts.calendar import day_after, instant
from retention.counts.engine import collect, with_bucket
from retention.counts.value import value_frame
from retention.counts.value.windows import (
    Basis,
    Window,
    last_months,
)

MOST_ROWS = 50_000
BUCKETS = 256


def score_rows(
    company,
    window: Window,
    then: Window,
    *,
    basis: Basis,
    overhead: float = 0.0,
    resources: str = "",
    most: int = MOST_ROWS,
    study: str = "customer_value",
) -> pd.DataFrame:
    """One row a customer with the five parts of the high-value score and the outcome.

    Ranks need rows. Of a company with more customers than `most`, only those in the
    first md5 buckets leave the engine: a sample that is the same everywhere.

    Parameters
    ----------
    company, basis, overhead, study
        As in `retention.counts.value_frame`.
    window, then : Window
        The parts are known at the end of the first; the outcome is the second's.
    resources : str
        A numeric column of customers that stands for personal resources.
    most : int
        Rows at most; 50,000 unless told otherwise.

    Returns
    -------
    DataFrame
        `bucket`, `contribution` (net in the window), `potential` (revenue a month in
        its last three months over the whole), `acceptance` (products ordered so far),
        `influence` (referrals made so far), `resources`, and `outcome` (net in the
        next window, 0 without money in it). A part without a table is missing.
        Customers with money in the window's last three months.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> from retention.simulate import simulate
    >>> small = simulate(seed=1, scale=0.02)
    >>> company = open_company(small.tables, settings=small.settings)
    >>> basis = counts.value_basis(company)
    >>> window, then = counts.value_windows(company, basis)[-2:]
    >>> rows = counts.score_rows(company, window, then, basis=basis)
    >>> sorted(rows.columns.drop("bucket"))[:4]
    ['acceptance', 'contribution', 'influence', 'outcome']
    """
    options = {"basis": basis, "overhead": overhead, "study": study}
    now = value_frame(company, window, **options)
    late = value_frame(company, last_months(window, 3), **options)
    monthly = nw.col("revenue") / nw.col("active")
    late = late.select("customer_id", late=monthly)
    frame = now.join(late, on="customer_id")
    frame = frame.with_columns(
        contribution=nw.col("net"), potential=nw.col("late") / monthly
    )
    parts = ["contribution", "potential"]
    for name, found in _counted_parts(company, window).items():
        frame = frame.join(found, on="customer_id", how="left")
        frame = frame.with_columns(nw.coalesce(nw.col(name), nw.lit(0)).alias(name))
        parts.append(name)
    if resources:
        people = company.population(study).select(
            "customer_id", resources=nw.col(resources)
        )
        frame = frame.join(people.unique("customer_id"), on="customer_id", how="left")
        parts.append("resources")
    outcome = value_frame(company, then, **options)
    outcome = outcome.select("customer_id", outcome=nw.col("net"))
    frame = frame.join(outcome, on="customer_id", how="left")
    frame = frame.with_columns(outcome=nw.coalesce(nw.col("outcome"), nw.lit(0.0)))
    frame = with_bucket(frame)
    # Counting them costs as much as fetching them, so not where all must fit.
    if not company.has_customers or company.checked("customers").used > most:
        frame = _sampled(frame, most)
    rows = collect(frame.select("customer_id", "bucket", *parts, "outcome"))
    rows = rows.sort_values("customer_id", ignore_index=True)
    return rows.drop(columns="customer_id")


def _counted_parts(company, window: Window) -> dict:
    """Products ordered and referrals made up to the end of a window."""
    end, found = instant(day_after(window.last)), {}
    if company.has("orders", "product"):
        orders = company.table("orders").filter(nw.col("ordered_on") < end)
        counted = orders.select("customer_id", "product").unique()
        counted = counted.group_by("customer_id").agg(nw.len().alias("acceptance"))
        found["acceptance"] = counted
    if company.has("referrals"):
        made = company.table("referrals").filter(nw.col("referred_on") < end)
        made = made.group_by("referrer_id").agg(nw.len().alias("influence"))
        found["influence"] = made.rename({"referrer_id": "customer_id"})
    return found


def _sampled(frame, most: int):
    """Rows of as many whole buckets as fit."""
    total = int(collect(frame.select(nw.len().alias("n")))["n"].iloc[0])
    if total <= most:
        return frame
    kept = max(int(BUCKETS * most / total), 2)
    return frame.filter(nw.col("bucket") < f"{kept:02x}")
