"""Which customer sent which: links, joined in the engine, impossible pairs left out."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed, day_after, instant, period_bounds
from retention.counts.engine import collect, with_bucket
from retention.counts.once import once
from retention.counts.referral import counted

MOST_LINKS = 5_000_000

_TIMES = ("joined_on", "left_on")


@once
def links(company, *, study: str = "referral") -> nw.LazyFrame:
    """Links from a referrer to the customer it sent, at most one a new customer.

    Parameters
    ----------
    company : Company
    study : str
        Whose population the new customers belong to.

    Returns
    -------
    LazyFrame
        `referrer_id`, `referee_id`, `referred_on`, and `evidence`: what the
        referrals table says, or "household" for a customer who moved in with an
        earlier one and has no other link (the earliest of the household is then the
        referrer). Nobody is linked to a customer who joined later, and nobody to
        itself.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> found = counts.collect(counts.links(company))
    >>> found["evidence"].value_counts().sort_index()
    evidence
    code         2130
    household     191
    Name: count, dtype: int64
    """
    named = _named(company, study)
    shared = _shared(company, study)
    if named is None or shared is None:
        return named if shared is None else shared
    other = shared.join(named.select("referee_id"), on="referee_id", how="anti")
    return nw.concat([named, other.select(*named.collect_schema().names())])


def has_links(company) -> bool:
    """Whether the company's tables can name a referrer at all.

    Parameters
    ----------
    company : Company

    Returns
    -------
    bool
        True with a referrals table, or with households of two customers or more.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.has_links(company)
    True
    """
    return company.has("referrals") or company.has(
        "customers", "household_id", "joined_on"
    )


def link_flow(company, *, study: str = "referral") -> pd.DataFrame:
    """Pairs of customers at each step of the linkage.

    Parameters
    ----------
    company : Company
    study : str
        Whose population the new customers belong to.

    Returns
    -------
    DataFrame
        `step` and `pairs`: what the referrals table says, what households add, how
        many new customers both know, and how often both name the same referrer.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.link_flow(company)
                                    step  pairs
    0          named by a code or a link   2130
    1               named by a household    259
    2                      named by both     68
    3        of these, the same referrer     67
    4  used, one referrer a new customer   2321
    """
    named, shared = _named(company, study), _shared(company, study)
    steps = [("named by a code or a link", _size(named))]
    steps.append(("named by a household", _size(shared)))
    if named is not None and shared is not None:
        other = shared.select("referee_id", nw.col("referrer_id").alias("other"))
        both = named.join(other, on="referee_id", how="inner")
        same = both.filter(nw.col("referrer_id") == nw.col("other"))
        steps.append(("named by both", _size(both)))
        steps.append(("of these, the same referrer", _size(same)))
    steps.append(("used, one referrer a new customer", _size(links(company))))
    return pd.DataFrame(steps, columns=["step", "pairs"])


def referral_pairs(company, *, study: str = "referral") -> pd.DataFrame:
    """Links as rows, for the referral tree.

    This needs customer rows: at most 5,000,000 links are taken out of the engine.

    Parameters
    ----------
    company : Company
    study : str
        Whose population the new customers belong to.

    Returns
    -------
    DataFrame
        `referrer_id` and `referee_id`, sorted.

    Raises
    ------
    ValueError
        If there are more links than that.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.referral_pairs(company).head(2)
      referrer_id referee_id
    0     0000142    0000304
    1     0000377    0000685
    """
    found = links(company, study=study).select("referrer_id", "referee_id")
    if (n := _size(found)) > MOST_LINKS:
        raise ValueError(
            f"{n:,} referral links are too many for a tree, which takes {MOST_LINKS:,} "
            "at most. Choose a smaller population."
        )
    return collect(found).sort_values(["referee_id", "referrer_id"], ignore_index=True)


def referrals_made(
    company, *, by: Sequence[str] = (), window=None, study: str = "referral"
) -> pd.DataFrame:
    """Linked referrals by the referrer's tenure, for the mean cumulative function.

    Parameters
    ----------
    company : Company
    by : sequence of str
        Columns of the customers table that describe the *new* customer.
    window : (str, str), optional
        Months in which the referrals were made.
    study : str

    Returns
    -------
    DataFrame
        The strata of the new customer, `period` (of the referrer's tenure, 1 = the
        first), `bucket` (of the referrer), and `n`. Referrals made after the
        referrer had left are left out.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> made = counts.referrals_made(company)
    >>> made.groupby("period")["n"].sum().head(3)
    period
    2    49
    3    56
    4    48
    Name: n, dtype: int64
    """
    frame = _made(company, window, study, by)
    frame = with_bucket(frame.with_columns(customer_id=nw.col("referrer_id")))
    return counted(frame, [*by, "period", "bucket"], by)


def offspring(company, *, months: int, window=None, study: str = "referral"):
    """Customers by the number of linked referrals in their first months.

    Only customers who joined early enough to be followed that long, whether or not
    they stayed.

    Parameters
    ----------
    company : Company
    months : int
        Periods of tenure that count, in the company's time unit.
    window, study
        As in `referrals_made`.

    Returns
    -------
    DataFrame
        `referrals` (0, 1, 2, ...) and `n`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.offspring(company, months=12).head(4)
       referrals      n
    0          0  10238
    1          1    371
    2          2     10
    3          3      1
    """
    start, end = period_bounds(company, window)
    made = _made(company, window, study, ()).filter(nw.col("period") <= months)
    made = made.group_by("referrer_id").agg(nw.len().alias("referrals"))
    joined = nw.col("joined_on")
    whole = completed(joined, day_after(end), company.time_unit) >= months
    parents = company.population(study).filter(whole)
    if start is not None:
        parents = parents.filter(joined >= instant(start))
    parents = parents.join(
        made, how="left", left_on="customer_id", right_on="referrer_id"
    )
    number = nw.coalesce(nw.col("referrals"), nw.lit(0)).cast(nw.Int64)
    return counted(parents.with_columns(referrals=number), ["referrals"])


def _made(company, window, study, by) -> nw.LazyFrame:
    """Links of the window with the referrer's period and the new customer's strata."""
    start, end = period_bounds(company, window)
    on = nw.col("referred_on")
    frame = links(company, study=study).filter(on < instant(day_after(end)))
    if start is not None:
        frame = frame.filter(on >= instant(start))
    people = company.population(study)
    new = people.select(nw.col("customer_id").alias("referee_id"), *by)
    old = people.select(nw.col("customer_id").alias("referrer_id"), *_TIMES)
    frame = frame.join(new, on="referee_id", how="inner")
    frame = frame.join(old, on="referrer_id", how="inner")
    left = nw.col("left_on")
    frame = frame.filter(left.is_null() | (left >= on))
    since = completed(nw.col("joined_on"), on, company.time_unit) + 1
    return frame.with_columns(period=since.cast(nw.Int64))


@once
def _named(company, study) -> nw.LazyFrame | None:
    """Links of the referrals table whose referrer joined no later than the other."""
    if not company.has("referrals"):
        return None
    table = company.table("referrals")
    evidence = nw.lit("link")
    if "evidence" in table.collect_schema():
        evidence = nw.coalesce(nw.col("evidence"), evidence)
    table = table.select("referrer_id", "referee_id", "referred_on", evidence=evidence)
    if not company.has("customers", "joined_on"):
        return table
    joined = company.population(study).select("customer_id", "joined_on")
    for role in ("referee", "referrer"):
        times = joined.select(
            nw.col("customer_id").alias(f"{role}_id"),
            nw.col("joined_on").alias(f"{role}_joined"),
        )
        table = table.join(times, on=f"{role}_id", how="inner")
    possible = nw.col("referrer_joined") <= nw.col("referee_joined")
    names = ["referrer_id", "referee_id", "referred_on", "evidence"]
    return table.filter(possible).select(*names)


@once
def _shared(company, study) -> nw.LazyFrame | None:
    """Links from the first customer of a household to those who joined later."""
    if not company.has("customers", "household_id", "joined_on"):
        return None
    people = company.population(study).filter(~nw.col("household_id").is_null())
    people = people.select("customer_id", "household_id", "joined_on")
    first = people.group_by("household_id").agg(nw.col("joined_on").min().alias("on"))
    heads = people.join(first, on="household_id", how="inner")
    heads = heads.filter(nw.col("joined_on") == nw.col("on"))
    heads = heads.group_by("household_id").agg(
        nw.col("customer_id").min().alias("referrer_id"), nw.col("on").min().alias("on")
    )
    pairs = people.join(heads, on="household_id", how="inner")
    pairs = pairs.filter(nw.col("joined_on") > nw.col("on"))
    return pairs.select(
        "referrer_id",
        nw.col("customer_id").alias("referee_id"),
        nw.col("joined_on").alias("referred_on"),
        nw.lit("household").alias("evidence"),
    )


def _size(frame) -> int:
    if frame is None:
        return 0
    return int(collect(frame.select(nw.len().alias("n")))["n"].iloc[0])
