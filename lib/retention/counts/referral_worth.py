"""Customers sent by others against the rest: tenure, margin, word of mouth."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import (
    day_after,
    instant,
    period_bounds,
)
from retention.counts.engine import collect, with_bucket
from retention.counts.referral import WORDS, counted, with_evidence
from retention.counts.referral_links import has_links, links
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
    """Whether the company's tables and settings give a margin a month."""
    rate = "margin_rate" in company.settings.economics
    return company.has("activity") and (rate or company.has("activity", "margin"))


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


def _last_scores(company) -> nw.LazyFrame:
    surveys = company.table("surveys").filter(~nw.col("satisfaction").is_null())
    last = surveys.group_by("customer_id").agg(
        nw.col("surveyed_on").max().alias("surveyed_on")
    )
    surveys = surveys.join(last, on=["customer_id", "surveyed_on"], how="inner")
    return surveys.group_by("customer_id").agg(
        nw.col("satisfaction").mean().alias("satisfaction")
    )
