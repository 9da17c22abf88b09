"""Tenure and margin of referred customers and of others."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import (
    day_after,
    instant,
    period_bounds,
)
from retention.counts.engine import collect, with_bucket
from retention.counts.referral import WORDS, with_evidence
from retention.counts.referral.links import has_links, links
from retention.counts.tenure import tenure_counts, tenure_frame

REFERRED, OTHERS = "referred", "others"
LAST_BAND = 10_000


def tenure_by_source(
    company,
    *,
    by: Sequence[str] = (),
    words: Sequence[str] = WORDS,
    reason: str = "",
    window=None,
    study: str = "referral",
) -> pd.DataFrame:
    """Tenure table of customers whose source is known, referred against others.

    Parameters
    ----------
    company : Company
    by : sequence of str
        Columns of the customers table to adjust for.
    words, window, study
        As in `retention.counts.acquisitions`.
    reason : str
        Count only losses for this leave reason; empty counts every loss.

    Returns
    -------
    DataFrame
        `source`: "referred" (a code, a link, a household, or the customer's answer
        says so) or "others" (the customer named another source and nothing speaks
        against it). Customers of whom nothing is known are left out. Then the
        strata, `entry`, `duration`, `event`, `bucket` and `n`. Customers sent by the
        same referrer share a bucket, so that the jackknife clusters by referrer.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> table = counts.tenure_by_source(company)
    >>> table.groupby(["source", "event"])["n"].sum()
    source    event
    others    0        2906
              1        2665
    referred  0        3588
              1        2519
    Name: n, dtype: int64
    """
    frame = tenure_frame(company, window=window, reason=reason, study=study)
    frame = _with_source(_in_clusters(frame, company, study), company, words)
    return tenure_counts(frame, by=["source", *by], bucket=True)


def margin_by_source(
    company,
    *,
    bands: Sequence[int] = (6, 12, 24, 36),
    by: Sequence[str] = (),
    words: Sequence[str] = WORDS,
    window=None,
    study: str = "referral",
) -> pd.DataFrame:
    """Margin of customers whose source is known, by calendar months of tenure.

    Parameters
    ----------
    company : Company
        One that brings `activity`, with `margin` or a margin_rate in [economics].
    bands : sequence of int
        Last month of each band of tenure; one more band follows.
    by, words, window, study
        As in `tenure_by_source`.

    Returns
    -------
    DataFrame
        `source`, the strata, `band` (last month of the band, 10000 for the open
        one), `bucket` (by referrer), `n` (customer-months) and `margin` (their sum).

    Raises
    ------
    ValueError
        If the company knows revenue only and states no margin rate.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> money = counts.margin_by_source(company, bands=(12,))
    >>> sums = money.groupby(["source", "band"])[["margin", "n"]].sum()
    >>> (sums["margin"] / sums["n"]).round(2)
    source    band
    others    12       23.91
              10000    24.34
    referred  12       25.40
              10000    24.73
    dtype: float64
    """
    start, end = period_bounds(company, window)
    people = _with_source(
        _in_clusters(company.population(study), company, study), company, words
    ).select("member", "customer_id", "joined_on", "source", *by)
    frame = company.table("activity").with_columns(__margin__=margin_of(company))
    frame = frame.filter(nw.col("month") < instant(day_after(end)))
    if start is not None:
        frame = frame.filter(nw.col("month") >= instant(start))
    frame = frame.select(nw.col("customer_id").alias("member"), "month", "__margin__")
    frame = frame.join(people, on="member", how="inner")
    frame = with_bucket(frame.with_columns(band=_band(bands)))
    keys = ["source", *by, "band", "bucket"]
    total = nw.col("__margin__").sum().alias("margin")
    found = collect(frame.group_by(*keys).agg(nw.len().alias("n"), total))
    found = found.astype({"n": "int64", "band": "int64"})
    return found.sort_values(keys, ignore_index=True)


def margin_of(company) -> nw.Expr:
    """Margin of a row of `activity`: as brought, or revenue at the stated rate."""
    if company.has("activity", "margin"):
        return nw.col("margin")
    rate = company.settings.economics.get("margin_rate")
    if rate is None:
        raise ValueError(
            f"{company.name} brings revenue and no margin. Bring a column margin in "
            "activity, or state margin_rate in [economics] of workbook.toml."
        )
    return nw.col("revenue") * rate


def knows_margin(company) -> bool:
    """Whether the company's tables and settings give a margin a month.

    Parameters
    ----------
    company : Company

    Returns
    -------
    bool
        True with a margin column, or with revenue and [economics] margin_rate.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.knows_margin(company)
    True
    """
    rate = "margin_rate" in company.settings.economics
    return company.has("activity") and (rate or company.has("activity", "margin"))


def _with_source(frame, company, words) -> nw.LazyFrame:
    """Column `source`, of customers of whom it is known."""
    evidence = with_evidence(
        frame.drop("customer_id").rename({"member": "customer_id"}),
        company,
        words=words,
    ).rename({"customer_id": "member"})
    evidence = evidence.rename({"cluster": "customer_id"})
    sent = (
        (nw.col("coded") == 1)
        | (nw.col("told") == "referral")
        | (nw.col("household") == 1)
    )
    known = sent | (nw.col("told") == "other")
    source = nw.when(sent).then(nw.lit(REFERRED)).otherwise(nw.lit(OTHERS))
    return evidence.with_columns(source=source).filter(known)


def _in_clusters(frame, company, study) -> nw.LazyFrame:
    """`member` (the customer) and `cluster` (its referrer, or itself)."""
    own = nw.col("customer_id")
    if not has_links(company):
        return frame.with_columns(member=own, cluster=own)
    sent = links(company, study=study).select("referrer_id", "referee_id")
    frame = frame.join(sent, how="left", left_on="customer_id", right_on="referee_id")
    cluster = nw.coalesce(nw.col("referrer_id"), own)
    return frame.with_columns(member=own, cluster=cluster).drop("referrer_id")


def _band(bands: Sequence[int]) -> nw.Expr:
    """Last month of the band that a month of tenure falls in."""
    month, joined = nw.col("month"), nw.col("joined_on")
    years = month.dt.year().cast(nw.Int64) - joined.dt.year().cast(nw.Int64)
    months = month.dt.month().cast(nw.Int64) - joined.dt.month().cast(nw.Int64)
    period = 12 * years + months + 1
    band = nw.lit(LAST_BAND)
    for last in sorted(bands, reverse=True):
        band = nw.when(period <= last).then(nw.lit(last)).otherwise(band)
    return band
