"""Moves between value tiers, counted from the tier of each customer at each period."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed
from retention.counts.engine import collect, tally, with_bucket
from retention.counts.value import class_of
from retention.counts.value.windows import customer_ids

NONE = "none"


def tier_order(company, names: str = "") -> list[str]:
    """Tiers from low to high; a tier that is not named is an exit.

    Parameters
    ----------
    company : Company
    names : str
        Tiers from low to high, parted by spaces. Empty orders them by their
        quarterly_margin_TIER in [costs] of workbook.toml.

    Returns
    -------
    list of str
        Empty where there is no tiers table or nothing says how they are ordered.

    Raises
    ------
    ValueError
        If a name is no tier of the table.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.tier_order(company)
    ['mass', 'affluent', 'private']
    """
    if not company.has("tiers"):
        return []
    seen = collect(company.table("tiers").select("tier").unique())["tier"].tolist()
    asked = names.replace(",", " ").split()
    unknown = [name for name in asked if name not in seen]
    if unknown:
        raise ValueError(
            f"No tier named {', '.join(unknown)}: the table has "
            f"{', '.join(sorted(seen)[:8])}."
        )
    margins = tier_margins(company)
    return asked or sorted((t for t in seen if t in margins), key=margins.get)


def tier_margins(company) -> dict[str, float]:
    """Margin of a customer in each tier per period, as [costs] assumes it.

    Parameters
    ----------
    company : Company

    Returns
    -------
    dict of str to float
        Tier to margin, in the company's currency; empty where nothing is assumed.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.tier_margins(company)
    {'mass': 30.0, 'affluent': 210.0, 'private': 1900.0}
    """
    prefix = "quarterly_margin_"
    costs = company.settings.costs.items()
    return {k.removeprefix(prefix): float(v) for k, v in costs if k.startswith(prefix)}


def tier_moves(company, *, study: str = "customer_value") -> pd.DataFrame:
    """Customers by tier before, tier now and tier next, period by period.

    Parameters
    ----------
    company : Company
        Brings tiers: one row a customer and period.
    study : str

    Returns
    -------
    DataFrame
        `period` (date), `before` (tier one period earlier, "none" in a customer's
        first), `tier`, `next` and `n`. A customer's last period is in no row, since
        what came next is not known.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> moves = counts.tier_moves(company)
    >>> moves.groupby(["tier", "next"])["n"].sum().unstack()
    next      affluent   closed      mass  private
    tier
    affluent   14464.0    153.0     207.0    172.0
    closed         NaN  41944.0       NaN      NaN
    mass        1000.0   5149.0  254174.0    135.0
    private       42.0     14.0       1.0   2545.0
    """
    frame = _path(company, study).filter(~nw.col("next").is_null())
    before = nw.coalesce(nw.col("before"), nw.lit(NONE)).alias("before")
    frame = frame.with_columns(before)
    return _ordered(frame, ["period", "before", "tier", "next"])


def tier_moves_by_bucket(company, *, study: str = "customer_value") -> pd.DataFrame:
    """Moves from tier to tier with the jackknife's buckets.

    Parameters
    ----------
    company, study
        As in `tier_moves`.

    Returns
    -------
    DataFrame
        `tier`, `next`, `bucket`, `n`: customer-periods, all periods together.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> moves = counts.tier_moves_by_bucket(company)
    >>> moves["bucket"].nunique(), int(moves["n"].sum())
    (256, 320000)
    """
    frame = with_bucket(_path(company, study).filter(~nw.col("next").is_null()))
    return _ordered(frame, ["tier", "next", "bucket"])


def tier_spans(
    company, order: Sequence[str], *, study: str = "customer_value"
) -> pd.DataFrame:
    """Customers by the tier they were first and last seen in.

    Parameters
    ----------
    company : Company
    order : sequence of str
        Tiers from low to high.
    study : str

    Returns
    -------
    DataFrame
        `first`, `last`, `always_top` (1 if in the top tier at every period), `bucket`
        and `n`; customers seen in at least two periods, the last of which is the last
        period of the table.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> spans = counts.tier_spans(company, counts.tier_order(company))
    >>> spans.groupby("always_top")["n"].sum()
    always_top
    0    19973
    1       27
    Name: n, dtype: int64
    """
    path = _path(company, study)
    top = (nw.col("tier") == order[-1]).cast(nw.Int64)
    end = collect(path.select(nw.col("period").max()))["period"].iloc[0]
    lives = path.with_columns(top=top).group_by("customer_id")
    lives = lives.agg(nw.col("top").min().alias("always_top"), nw.len().alias("seen"))
    first = path.filter(nw.col("before").is_null())
    first = first.select("customer_id", nw.col("tier").alias("first"))
    last = path.filter(nw.col("next").is_null(), nw.col("period") == nw.lit(end))
    last = last.select("customer_id", nw.col("tier").alias("last"))
    frame = lives.filter(nw.col("seen") > 1).join(first, on="customer_id")
    frame = with_bucket(frame.join(last, on="customer_id"))
    keys = ["first", "last", "always_top", "bucket"]
    return _ordered(frame, keys)


def tier_upgrades(
    company,
    order: Sequence[str],
    *,
    years: Sequence[float] = (5, 10, 15, 20),
    study: str = "customer_value",
) -> pd.DataFrame:
    """Chances to move up, and moves up, by tier and years since joining.

    Parameters
    ----------
    company : Company
        Also brings customers.joined_on.
    order : sequence of str
        Tiers from low to high.
    years : sequence of float
        Cuts of the bands of tenure.
    study : str

    Returns
    -------
    DataFrame
        `tier`, `band` (0 = up to the first cut), `years` (mean tenure in the band),
        `at_risk` (customer-periods below the top), `events` (moves to a higher tier).

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> moves = counts.tier_upgrades(company, counts.tier_order(company))
    >>> moves[moves["tier"] == "mass"].round(2)
       tier  band  years  at_risk  events
    5  mass     0   3.06    78845     312
    6  mass     1   7.33    77074     357
    7  mass     2  12.32    44241     211
    8  mass     3  17.32    25615     118
    9  mass     4  28.29    34683     137
    """
    people = company.population(study).group_by("customer_id")
    people = people.agg(nw.col("joined_on").min())
    path = _path(company, study).filter(~nw.col("next").is_null())
    path = path.filter(nw.col("tier").is_in(list(order[:-1])))
    path = path.join(people, on="customer_id")
    tenure = completed(nw.col("joined_on"), nw.col("period"), "month")
    path = path.with_columns(
        years=tenure.cast(nw.Float64) / 12, up=_is_higher(order).cast(nw.Int64)
    ).filter(nw.col("years") >= 0)
    path = path.with_columns(band=class_of(nw.col("years"), years))
    counted = collect(
        path.group_by("tier", "band").agg(
            nw.col("years").mean(),
            nw.len().alias("at_risk"),
            nw.col("up").sum().alias("events"),
        )
    )
    counted = counted.sort_values(["tier", "band"], ignore_index=True)
    return counted.astype({"band": "int64", "at_risk": "int64", "events": "int64"})


def _path(company, study: str) -> nw.LazyFrame:
    """Each customer's tiers with the one before and the one after."""
    tiers = company.table("tiers").select("customer_id", "period", "tier")
    people = customer_ids(company, "tiers", study=study)
    who = {"order_by": "period"}
    return tiers.join(people, on="customer_id", how="inner").with_columns(
        before=nw.col("tier").shift(1).over("customer_id", **who),
        next=nw.col("tier").shift(-1).over("customer_id", **who),
    )


def _is_higher(order: Sequence[str]) -> nw.Expr:
    """Whether the next tier is higher than this one; an exit never is."""
    up = nw.lit(False)
    for place, tier in enumerate(order):
        higher = nw.col("next").is_in(list(order[place + 1 :]) or [""])
        up = up | ((nw.col("tier") == tier) & higher)
    return up


def _ordered(frame, keys: list[str]) -> pd.DataFrame:
    counted = tally(frame, *keys).sort_values(keys, ignore_index=True)
    return counted.astype({"n": "int64"})
