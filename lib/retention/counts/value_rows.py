"""Customers' value across windows: rows where ranks need them, sums elsewhere."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import day_after, instant
from retention.counts.engine import collect, with_bucket
from retention.counts.value import value_frame
from retention.counts.value_windows import (
    Basis,
    Window,
    customer_ids,
    last_months,
)

MOST_ROWS = 50_000
BUCKETS = 256


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
    return _sampled(with_bucket(frame), [*parts, "outcome"], most)


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


def _sampled(frame, columns: Sequence[str], most: int) -> pd.DataFrame:
    """Rows of as many whole buckets as fit."""
    total = int(collect(frame.select(nw.len().alias("n")))["n"].iloc[0])
    if total > most:
        kept = max(int(BUCKETS * most / total), 2)
        frame = frame.filter(nw.col("bucket") < f"{kept:02x}")
    rows = collect(frame.select("customer_id", "bucket", *columns))
    rows = rows.sort_values("customer_id", ignore_index=True)
    return rows.drop(columns="customer_id")


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
