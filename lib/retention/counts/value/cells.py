"""Customers counted by their value, in one window or in two."""

from collections.abc import Sequence

import narwhals as nw
import numpy as np
import pandas as pd

from retention.counts.engine import FINE, collect, with_bucket
from retention.counts.value.frame import in_window, value_frame
from retention.counts.value.windows import (
    Basis,
    Window,
    last_months,
)

STEPS = 256
SUMS = ("revenue", "margin", "cost", "net", "active")
MEASURES = ("revenue", "margin", "net", "net_per_month")


def value_cells(
    company,
    window: Window,
    *,
    basis: Basis,
    rank: str = "revenue",
    overhead: float = 0.0,
    study: str = "customer_value",
) -> pd.DataFrame:
    """Customers of a window in cells of about equal value, with exact sums.

    Parameters
    ----------
    company, window, basis, overhead, study
        As in `value_frame`.
    rank : {"revenue", "margin", "net", "net_per_month"}
        What the cells are equal in.

    Returns
    -------
    DataFrame
        One row a cell and bucket, from low to high: `cell` (int), `bucket`, `n`
        (customers), sums of revenue, margin, cost, net and active, `below`
        (customers whose net is negative) and `unprofitable` (negative or zero).

    Examples
    --------
    >>> import datetime as dt, pandas as pd
    >>> from retention.company import open_company
    >>> from retention.counts import value_basis, value_windows
    >>> months = [dt.date(2025, m, 1) for m in range(1, 13)] * 2
    >>> company = open_company({"activity": pd.DataFrame({
    ...     "customer_id": ["a"] * 12 + ["b"] * 12, "month": months,
    ...     "revenue": [10.0] * 12 + [30.0] * 12})},
    ...     settings={"company": {"observed_to": dt.date(2025, 12, 31)}})
    >>> basis = value_basis(company)
    >>> last = value_windows(company, basis, months=6)[-1]
    >>> value_cells(company, last, basis=basis)[["n", "revenue"]].values.tolist()
    [[1.0, 60.0], [1.0, 180.0]]
    """
    frame = value_frame(company, window, basis=basis, overhead=overhead, study=study)
    frame = with_bucket(frame.with_columns(cell=_cell(_ranked_by(rank))))
    counted = frame.group_by("cell", "bucket").agg(*_sums())
    return whole_numbers(collect(counted), ["cell", "n", "below", "unprofitable"])


def value_crossed(
    company,
    first: tuple[Window, str, Sequence[float]],
    second: tuple[Window, str, Sequence[float]],
    *,
    basis: Basis,
    overhead: float = 0.0,
    present: bool = False,
    study: str = "customer_value",
) -> pd.DataFrame:
    """Customers of one window by a class of value there and a class in another.

    Parameters
    ----------
    company, basis, overhead, study
        As in `value_frame`.
    first, second : (Window, measure, cuts)
        Class 0 is at most the first cut, class k above the k-th.
    present : bool
        Only customers with money in the last three months of the first window.

    Returns
    -------
    DataFrame
        `now` (class in the first window), `then` (class in the second, -1 for those
        without money in it), `bucket`, `n`, sums `net_now` and `net_then`, the
        sum of squares `net_then_squared`, and `below_now`, `below_then` (customers
        with a negative net there).

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company)
    >>> first, then = counts.value_windows(company, basis)[-2:]
    >>> crossed = counts.value_crossed(
    ...     company, (first, "net", [200.0]), (then, "net", [200.0]), basis=basis
    ... )
    >>> crossed.groupby(["now", "then"])["n"].sum()
    now  then
    0    -1      2217
          0      2005
          1      1751
    1    -1       521
          0      1031
          1      6584
    Name: n, dtype: int64
    """
    parts = []
    for name, (window, measure, cuts) in (("now", first), ("then", second)):
        frame = value_frame(
            company, window, basis=basis, overhead=overhead, study=study
        )
        frame = frame.with_columns(**{name: class_of(_ranked_by(measure), cuts)})
        keep = frame.select("customer_id", name, nw.col("net").alias(f"net_{name}"))
        parts.append(keep)
    if present:
        late = in_window(company, last_months(first[0], 3), basis)
        late = late.select("customer_id").unique()
        parts[0] = parts[0].join(late, on="customer_id", how="semi")
    joined = with_bucket(parts[0].join(parts[1], on="customer_id", how="left"))
    joined = joined.with_columns(
        nw.coalesce(nw.col("then"), nw.lit(-1)).alias("then"),
        nw.coalesce(nw.col("net_then"), nw.lit(0.0)).alias("net_then"),
    )
    joined = joined.with_columns(net_then_squared=nw.col("net_then") ** 2)
    counted = joined.group_by("now", "then", "bucket").agg(
        nw.len().alias("n"),
        nw.col("net_now").sum(),
        nw.col("net_then").sum(),
        nw.col("net_then_squared").sum(),
        (nw.col("net_now") < 0).cast(nw.Int64).sum().alias("below_now"),
        (nw.col("net_then") < 0).cast(nw.Int64).sum().alias("below_then"),
    )
    whole = ["now", "then", "n", "below_now", "below_then"]
    return whole_numbers(collect(counted), whole, by=["now", "then", "bucket"])


def value_cuts(cells: pd.DataFrame, groups: int, *, of: str = "revenue") -> list[float]:
    """Values that part customers into groups of about equal size.

    Parameters
    ----------
    cells : DataFrame
        From `value_cells`, ranked by the same measure; `of` names it
        (net_per_month is net over active).
    groups : int

    Returns
    -------
    list of float
        At most groups - 1 rising cuts; fewer where many customers are alike.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import counts
    >>> cells = pd.DataFrame({"revenue": [10.0, 20.0, 90.0], "n": [2, 2, 2]})
    >>> counts.value_cuts(cells, 3)
    [5.0, 10.0]
    """
    each = cells["net"] / cells["active"] if of == "net_per_month" else None
    each = (cells[of] / cells["n"] if each is None else each).to_numpy()
    each = (each * FINE).round() / FINE
    order = np.argsort(each, kind="stable")
    share = cells["n"].to_numpy()[order].cumsum() / cells["n"].sum()
    at = np.searchsorted(share, np.arange(1, groups) / groups - 1e-12)
    return np.unique(each[order][np.minimum(at, len(each) - 1)]).tolist()


def class_of(measure: nw.Expr, cuts: Sequence[float]) -> nw.Expr:
    """Class 0, 1, ..., len(cuts): how many cuts a measure exceeds."""
    zero = nw.lit(0)
    above = [
        nw.when(measure > cut).then(nw.lit(1)).otherwise(nw.lit(0)) for cut in cuts
    ]
    return sum(above, start=zero).cast(nw.Int64)


def _ranked_by(measure: str) -> nw.Expr:
    if measure not in MEASURES:
        raise ValueError(f"Rank by one of {', '.join(MEASURES)}, not {measure!r}.")
    return nw.col(measure)


def _cell(value: nw.Expr) -> nw.Expr:
    """Whole number that grows with the value: 0 for 0, one step per 1/STEPS decade."""
    size = nw.when(value == 0).then(nw.lit(1.0)).otherwise(value.abs())
    step = (size.log(10) * STEPS).floor() + 40 * STEPS
    signed = nw.when(value > 0).then(step).otherwise(-step)
    return nw.when(value == 0).then(nw.lit(0.0)).otherwise(signed).cast(nw.Int64)


def _sums() -> list[nw.Expr]:
    return [
        nw.len().alias("n"),
        *(nw.col(name).sum() for name in SUMS),
        (nw.col("net") < 0).cast(nw.Int64).sum().alias("below"),
        (nw.col("net") <= 0).cast(nw.Int64).sum().alias("unprofitable"),
    ]


def whole_numbers(table: pd.DataFrame, names: list[str], *, by=("cell", "bucket")):
    """Counts as whole numbers, rows in order: sums are floats elsewhere."""
    table = table.sort_values(list(by), ignore_index=True)
    return table.astype(dict.fromkeys(names, "int64"))
