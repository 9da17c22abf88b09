"""Sums of products of orders and spend."""

import narwhals as nw
import pandas as pd

from retention.counts.calendar import day_after, instant
from retention.counts.engine import collect, with_bucket
from retention.counts.value.windows import (
    Window,
    customer_ids,
)


def order_moments(
    company, window: Window, then: Window, *, study: str = "customer_value"
) -> pd.DataFrame:
    """Sums of products of orders, mean order and next spend, for buyers by bucket.

    Parameters
    ----------
    company : Company
        Brings orders; customers with activity have a contract and are left out.
    window, then : Window
    study : str

    Returns
    -------
    DataFrame
        `bucket`, `n`, and for x (log orders in the window), m (log mean order) and y
        (log of one plus the next window's spend): their sums, squares and products
        x, m, y, xx, mm, yy, xm, xy, my. Buyers with a positive spend.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company, table="orders")
    >>> window, then = counts.value_windows(company, basis)[-2:]
    >>> sums = counts.order_moments(company, window, then).drop(columns="bucket").sum()
    >>> print(f"{sums['n']:.0f} buyers, mean log orders {sums['x'] / sums['n']:.2f}")
    1686 buyers, mean log orders 0.81
    """
    sums = _spend(company, window, study).filter(nw.col("spend") > 0)
    later = _spend(company, then, study).select("customer_id", later=nw.col("spend"))
    frame = sums.join(later, on="customer_id", how="left").with_columns(
        x=nw.col("orders").cast(nw.Float64).log(),
        m=(nw.col("spend") / nw.col("orders")).log(),
        y=(nw.max_horizontal(nw.coalesce("later", nw.lit(0.0)), nw.lit(0.0)) + 1).log(),
    )
    pairs = ("xx", "mm", "yy", "xm", "xy", "my")
    frame = frame.with_columns(**{p: nw.col(p[0]) * nw.col(p[1]) for p in pairs})
    counted = with_bucket(frame).group_by("bucket")
    table = collect(
        counted.agg(
            nw.len().alias("n"), *(nw.col(c).sum() for c in ("x", "m", "y", *pairs))
        )
    )
    return table.sort_values("bucket", ignore_index=True)


def _spend(company, window: Window, study: str):
    date = nw.col("ordered_on")
    rows = company.table("orders").filter(
        date >= instant(window.first), date < instant(day_after(window.last))
    )
    people = customer_ids(company, "orders", study=study)
    rows = rows.join(people, on="customer_id", how="semi")
    if company.has("activity"):
        known = company.table("activity").select("customer_id").unique()
        rows = rows.join(known, on="customer_id", how="anti")
    return rows.group_by("customer_id").agg(
        nw.col("amount").sum().alias("spend"), nw.len().alias("orders")
    )
