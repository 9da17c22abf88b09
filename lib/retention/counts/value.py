"""What customers brought in a window, counted into cells of equal value.

Sums of money are exact. Customers are ranked by cells 1/`STEPS` of a decade wide
(0.9 %), so that the table stays small however many customers there are.
"""

from collections.abc import Sequence

import narwhals as nw
import numpy as np
import pandas as pd

from retention.counts.calendar import completed, day_after, instant
from retention.counts.engine import collect, with_bucket
from retention.counts.service import contact_costs
from retention.counts.value_windows import (
    DATED,
    MONEY,
    Basis,
    Window,
    customer_ids,
    last_months,
)

STEPS = 256
SUMS = ("revenue", "margin", "cost", "net", "active")
MEASURES = ("revenue", "margin", "net", "net_per_month")


def value_frame(
    company,
    window: Window,
    *,
    basis: Basis,
    overhead: float = 0.0,
    study: str = "customer_value",
) -> nw.LazyFrame:
    """One row a customer with money in a window. Lazy: nothing is read until counted.

    Parameters
    ----------
    company : Company
    window : Window
    basis : Basis
    overhead : float
        Further cost of each customer-month, in the company's currency.
    study : str
        Whose population is counted.

    Returns
    -------
    LazyFrame
        customer_id, revenue, margin (revenue where no margin is known), cost (of
        contacts and overhead), net (margin minus cost), active (months of activity,
        or days with an order), net_per_month (over the active months).
    """
    rows = _in_window(company, window, basis)
    sums = rows.group_by("customer_id").agg(
        nw.col("revenue").sum(), nw.col("margin").sum(), nw.col("when").n_unique()
    )
    sums = sums.rename({"when": "active"})
    people = customer_ids(company, basis.table, study=study)
    sums = sums.join(people, on="customer_id", how="inner")
    return _net(_served(company, sums, window, basis), overhead)


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
    return _whole(collect(counted), ["cell", "n", "below", "unprofitable"])


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
        late = _in_window(company, last_months(first[0], 3), basis)
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
    return _whole(collect(counted), whole, by=["now", "then", "bucket"])


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
    """
    each = cells["net"] / cells["active"] if of == "net_per_month" else None
    each = (cells[of] / cells["n"] if each is None else each).to_numpy()
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
    """
    people = company.population(study).group_by("customer_id")
    people = people.agg(nw.col("joined_on").min())
    rows = _in_window(company, window, basis).rename({"when": "day"})
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
    return _whole(collect(counted), ["old", "both", "n"], by=["old", "both", "bucket"])


def _by_customer(stacked):
    sums = [nw.col(c).sum() for c in ("months", "revenue", "margin", "cost")]
    totals = stacked.group_by("customer_id", "old").agg(*sums)
    return totals.filter(nw.col("months") > 0)


def _month_of(column: str):
    """Day as if it were the first of its month: activity is dated so."""
    day = nw.col(column)
    return day.dt.truncate("1mo")


def _in_window(company, window: Window, basis: Basis) -> nw.LazyFrame:
    """Rows of money: customer_id, when (a day), revenue, margin."""
    table, date = company.table(basis.table), nw.col(DATED[basis.table])
    day = date.cast(nw.Date) if basis.table == "orders" else date
    rows = table.filter(
        date >= instant(window.first), date < instant(day_after(window.last))
    )
    revenue = nw.col(MONEY[basis.table])
    margin = revenue * basis.margin_rate
    if basis.margin == "booked":
        margin = nw.coalesce(nw.col("margin"), nw.lit(0.0))
    return rows.select(
        "customer_id", day.alias("when"), revenue.alias("revenue"), margin=margin
    )


def _served(company, sums, window: Window, basis: Basis):
    if not basis.contacts:
        return sums.with_columns(cost=nw.lit(0.0))
    costs = contact_costs(company, window).group_by("customer_id")
    costs = costs.agg(nw.col("cost").sum())
    joined = sums.join(costs, on="customer_id", how="left")
    return joined.with_columns(cost=nw.coalesce(nw.col("cost"), nw.lit(0.0)))


def _net(sums, overhead: float):
    sums = sums.with_columns(cost=nw.col("cost") + nw.col("active") * float(overhead))
    sums = sums.with_columns(net=nw.col("margin") - nw.col("cost"))
    return sums.with_columns(net_per_month=nw.col("net") / nw.col("active"))


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


def _whole(table: pd.DataFrame, names: list[str], *, by=("cell", "bucket")):
    """Counts as whole numbers, rows in order: sums are floats elsewhere."""
    table = table.sort_values(list(by), ignore_index=True)
    return table.astype(dict.fromkeys(names, "int64"))
