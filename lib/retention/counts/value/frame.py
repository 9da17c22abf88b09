"""One lazy row a customer with its money in a window."""

import narwhals as nw

from retention.counts.calendar import day_after, instant
from retention.counts.engine import settled
from retention.counts.once import once
from retention.counts.service import contact_costs
from retention.counts.value.windows import (
    DATED,
    MONEY,
    Basis,
    Window,
    customer_ids,
)


@once
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

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company)
    >>> year = counts.value_windows(company, basis)[-1]
    >>> rows = counts.collect(counts.value_frame(company, year, basis=basis))
    >>> rows[["revenue", "margin", "cost", "net"]].mean().round(1)
    revenue    613.8
    margin     245.5
    cost        23.4
    net        222.2
    dtype: float64
    """
    rows = in_window(company, window, basis)
    sums = rows.group_by("customer_id").agg(
        nw.col("revenue").sum(), nw.col("margin").sum(), nw.col("when").n_unique()
    )
    sums = sums.rename({"when": "active"})
    people = customer_ids(company, basis.table, study=study)
    sums = sums.join(people, on="customer_id", how="inner")
    return _net(_served(company, sums, window, basis), overhead)


def in_window(company, window: Window, basis: Basis) -> nw.LazyFrame:
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
    sums = sums.with_columns(net_per_month=nw.col("net") / nw.col("active"))
    money = ("revenue", "margin", "cost", "net", "net_per_month")
    return sums.with_columns(settled(*money))
