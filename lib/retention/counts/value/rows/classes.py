"""Value by the classes of the life cycle."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.engine import collect, with_bucket
from retention.counts.value import value_frame
from retention.counts.value.windows import (
    Basis,
    Window,
)


def class_sums(
    company,
    windows: Sequence[Window],
    *,
    basis: Basis,
    cut: float,
    rise: float = 1.05,
    overhead: float = 0.0,
    study: str = "customer_value",
) -> pd.DataFrame:
    """Next window's value by the four classes of the life cycle.

    Parameters
    ----------
    company, basis, overhead, study
        As in `retention.counts.value_frame`.
    windows : sequence of three Window
        Before, now and next.
    cut : float
        Value per active month above which a customer counts as high.
    rise : float
        A customer grows if its value per active month exceeds that of the window
        before by this factor.

    Returns
    -------
    DataFrame
        `class` (relationship: low, not growing; growth: low, growing; cash: high, not
        growing; value: high, growing), `bucket`, `n`, and `net_then` with its square
        in the next window, 0 for those without money in it. Customers need money in
        both of the first two windows.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company)
    >>> windows = counts.value_windows(company, basis)[-3:]
    >>> sums = counts.class_sums(company, windows, basis=basis, cut=40.0)
    >>> sums.groupby("class")["n"].sum()
    class
    cash              29
    growth          3929
    relationship    6536
    value             19
    Name: n, dtype: int64
    """
    before, now, then = (
        value_frame(company, w, basis=basis, overhead=overhead, study=study)
        for w in windows
    )
    before = before.select("customer_id", before=nw.col("net_per_month"))
    then = then.select("customer_id", net_then=nw.col("net"))
    frame = now.join(before, on="customer_id").join(then, on="customer_id", how="left")
    frame = frame.with_columns(
        net_then=nw.coalesce(nw.col("net_then"), nw.lit(0.0)),
        **{"class": _life_class(cut, rise)},
    )
    frame = frame.with_columns(net_then_squared=nw.col("net_then") ** 2)
    counted = with_bucket(frame).group_by("class", "bucket")
    table = collect(
        counted.agg(
            nw.len().alias("n"),
            nw.col("net_then").sum(),
            nw.col("net_then_squared").sum(),
        )
    )
    return table.sort_values(["class", "bucket"], ignore_index=True)


def _life_class(cut: float, rise: float) -> nw.Expr:
    value, before = nw.col("net_per_month"), nw.col("before")
    grows = (value > before) & (value > rise * before)
    high = value > cut
    return nw.coalesce(
        nw.when(high & grows).then(nw.lit("value")),
        nw.when(high).then(nw.lit("cash")),
        nw.when(grows).then(nw.lit("growth")),
        nw.lit("relationship"),
    )
