"""What one customer's referrals come to, and what a new one costs."""

import narwhals as nw
import pandas as pd

from retention.counts.calendar import (
    day_after,
    instant,
    period_bounds,
)
from retention.counts.engine import collect, with_bucket
from retention.counts.referral import WORDS, counted
from retention.counts.referral.links import links
from retention.counts.referral.worth.sources import margin_of


def value_and_referrals(company, *, words=WORDS, study: str = "referral"):
    """Customers of the last twelve months by margin and by linked referrals.

    Customers who were there in all of these months.

    Parameters
    ----------
    company : Company
        One with margins and links.
    words, study
        As in `tenure_by_source`.

    Returns
    -------
    DataFrame
        `margin` (of the year, rounded to a fiftieth of its standard deviation),
        `referrals` (linked, made in the year), `bucket` and `n`. Empty where the
        records are shorter.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> table = counts.value_and_referrals(company)
    >>> table.groupby("referrals")["n"].sum()
    referrals
    0    8865
    1     468
    2      14
    Name: n, dtype: int64
    """
    end = day_after(period_bounds(company, None)[1])
    start = end.replace(year=end.year - 1)
    first = period_bounds(company, None)[0]
    if first is not None and start < first:
        return pd.DataFrame(columns=["margin", "referrals", "bucket", "n"])
    left = nw.col("left_on")
    people = company.population(study).filter(
        nw.col("joined_on") < instant(start), left.is_null() | (left >= instant(end))
    )
    year = company.table("activity").with_columns(__margin__=margin_of(company))
    month = nw.col("month")
    year = year.filter(month >= instant(start), month < instant(end))
    year = year.group_by("customer_id").agg(nw.col("__margin__").sum().alias("margin"))
    on = nw.col("referred_on")
    made = links(company, study=study).filter(on >= instant(start), on < instant(end))
    made = made.group_by("referrer_id").agg(nw.len().alias("referrals"))
    people = people.select("customer_id").join(year, on="customer_id", how="inner")
    people = people.join(
        made, how="left", left_on="customer_id", right_on="referrer_id"
    )
    spread = collect(people.select(nw.col("margin").std()))["margin"].iloc[0]
    width = float(f"{spread / 50:.1g}") if spread and spread > 0 else 1.0
    people = people.with_columns(
        margin=(nw.col("margin") / width).round(0) * width,
        referrals=nw.coalesce(nw.col("referrals"), nw.lit(0)).cast(nw.Int64),
    )
    return counted(with_bucket(people), ["margin", "referrals", "bucket"])


def word_of_mouth(company) -> pd.DataFrame:
    """Customers asked, by the people they told and by their own last score.

    Parameters
    ----------
    company : Company
        One that brings `invitations`.

    Returns
    -------
    DataFrame
        `told`, `interested`, `joined` (people; -1 where not asked), `score`
        (satisfaction in the customer's last answered survey; NaN where none) and
        `n` (customers).

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> told = counts.word_of_mouth(company)
    >>> told.groupby("told")["n"].sum().head(4)
    told
    0    332
    1    186
    2    138
    3    123
    Name: n, dtype: int64
    """
    frame = company.table("invitations")
    names = frame.collect_schema().names()
    for name in ("interested", "joined"):
        value = nw.col(name) if name in names else nw.lit(None, nw.Int64)
        frame = frame.with_columns(nw.coalesce(value, nw.lit(-1)).alias(name))
    score = nw.lit(None, nw.Float64)
    if company.has("surveys"):
        frame = frame.join(
            _last_scores(company),
            how="left",
            left_on="referrer_id",
            right_on="customer_id",
        )
        score = nw.col("satisfaction")
    frame = frame.with_columns(score=score.cast(nw.Float64))
    return counted(frame, ["told", "interested", "joined", "score"])


def acquisition_cost(company, customers: int, *, window=None) -> float | None:
    """Cost of a new customer, all channels together.

    Parameters
    ----------
    company : Company
    customers : int
        New customers of the window.
    window : (str, str), optional

    Returns
    -------
    float or None
        What `costs` books as acquisition in the window, over the new customers;
        else acquisition_cost of [economics]; None where neither is known.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> round(counts.acquisition_cost(company, 9000, window=("2025-11", "2026-10")), 2)
    31.96
    """
    stated = company.settings.economics.get("acquisition_cost")
    if not company.has("costs") or customers == 0:
        return stated
    start, end = period_bounds(company, window)
    costs = company.table("costs").filter(
        nw.col("kind") == "acquisition", nw.col("month") < instant(day_after(end))
    )
    if start is not None:
        costs = costs.filter(nw.col("month") >= instant(start))
    total = collect(costs.select(nw.col("amount").sum()))["amount"].iloc[0]
    return float(total) / customers if total and total > 0 else stated


def _last_scores(company) -> nw.LazyFrame:
    surveys = company.table("surveys").filter(~nw.col("satisfaction").is_null())
    last = surveys.group_by("customer_id").agg(
        nw.col("surveyed_on").max().alias("surveyed_on")
    )
    surveys = surveys.join(last, on=["customer_id", "surveyed_on"], how="inner")
    return surveys.group_by("customer_id").agg(
        nw.col("satisfaction").mean().alias("satisfaction")
    )
