"""Tenure cells with the money that each brought."""

import narwhals as nw
import pandas as pd

from retention.counts.engine import collect, with_bucket
from retention.counts.value import value_frame
from retention.counts.value.windows import (
    Basis,
    Window,
)


def tenure_margins(
    company,
    *,
    basis: Basis,
    window: Window,
    by: str = "",
    study: str = "customer_value",
) -> pd.DataFrame:
    """Tenure cells of customers, with the money that each cell brought in a window.

    Parameters
    ----------
    company : Company
        Brings joining and leaving dates.
    basis, window, study
        As in `retention.counts.value_frame`.
    by : str
        Column of customers that makes the segments; empty for one segment "all".

    Returns
    -------
    DataFrame
        `segment`, `entry`, `duration`, `event` (1 left, 0 still here), `bucket`, `n`,
        `net` and `active` (months of activity in the window), summed. Customers who
        never had money are left out.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company)
    >>> year = counts.value_windows(company, basis)[-1]
    >>> cells = counts.tenure_margins(company, basis=basis, window=year)
    >>> sums = cells.groupby("event")[["n", "net", "active"]].sum()
    >>> (sums["net"] / sums["active"]).round(2)
    event
    0    22.92
    1    22.60
    dtype: float64
    """
    from retention.counts.tenure import NOT_STATED, tenure_frame

    frame = tenure_frame(company, study=study)
    known = company.table(basis.table).select("customer_id").unique()
    frame = frame.join(known, on="customer_id", how="semi")
    segment = nw.lit("all")
    if by:
        segment = nw.coalesce(nw.col(by).cast(nw.String), nw.lit(NOT_STATED))
    money = value_frame(company, window, basis=basis, study=study)
    money = money.select("customer_id", "net", "active")
    frame = frame.with_columns(segment=segment).join(
        money, on="customer_id", how="left"
    )
    keys = ["segment", "entry", "duration", "event", "bucket"]
    table = collect(
        with_bucket(frame)
        .group_by(*keys)
        .agg(
            nw.len().alias("n"),
            nw.coalesce(nw.col("net"), nw.lit(0.0)).sum().alias("net"),
            nw.coalesce(nw.col("active"), nw.lit(0)).sum().alias("active"),
        )
    )
    table = table[table["duration"] > table["entry"]]
    return table.sort_values(keys, ignore_index=True)
