"""What is known of new customers and of how they came."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import period_bounds
from retention.counts.columns import comparable
from retention.counts.engine import collect
from retention.counts.referral.acquisitions import (
    NO_ANSWER,
    REFERRAL,
    WORDS,
    acquisition_frame,
    acquisitions,
    counted,
    is_referral,
    joined_between,
)

# What says where a customer came from cannot also be what customers are sorted by.
SOURCES = ("recorded_source", "business")


def attributes(company, *, study: str = "referral") -> list[str]:
    """Columns known on joining that new customers can be sorted by.

    Parameters
    ----------
    company : Company
    study : str

    Returns
    -------
    list of str
        Those of `comparable`, without the record of the source itself.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.attributes(company)[:5]
    ['region', 'age_group', 'segment', 'plan', 'contract']
    """
    if not company.has_customers:
        return []
    offered = comparable(company, study=study)
    return [name for name in offered if name not in SOURCES]


def audited(company, *, by: Sequence[str] = (), words=WORDS, window=None):
    """Checked sample of new customers: their true source beside the records.

    Parameters
    ----------
    company : Company
        One that brings `referral_audit`.
    by, words, window
        As in `acquisitions`.

    Returns
    -------
    DataFrame
        The strata, `true` (the checked source; the referral words are all
        "referral"), then the columns of `acquisitions`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.audited(company).groupby("true")["n"].sum()
    true
    ads          68
    organic      36
    referral    125
    rep          71
    Name: n, dtype: int64
    """
    audit = company.table("referral_audit").select("customer_id", "true_source")
    frame = acquisition_frame(company, words=words, window=window)
    frame = frame.join(audit, on="customer_id", how="inner")
    source = nw.col("true_source")
    true = nw.when(is_referral(source, words)).then(nw.lit(REFERRAL)).otherwise(source)
    frame = frame.with_columns(true=true)
    keys = ["true", "recorded", "rep", "coded", "told", "household"]
    return counted(frame, [*by, *keys], by)


def referral_flow(company, *, words=WORDS) -> pd.DataFrame:
    """What the tables hold on who sent whom.

    Parameters
    ----------
    company : Company
    words : sequence of str
        Words in `told_us` that mean a friend.

    Returns
    -------
    DataFrame
        `what` and `n`: new customers of the window, those with a code or link, who
        answered, who live with an earlier customer, and who were checked; touches
        of journeys; customers asked whom they told.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.referral_flow(company).head(3)
                               what      n
    0                 new customers  13906
    1  with a referral code or link   2130
    2    who answered who sent them   6254
    """
    rows: list[tuple[str, int]] = []
    if company.has_customers:
        table = acquisitions(company, words=words)
        kinds = {
            "new customers": table["n"] >= 0,
            "with a referral code or link": table["coded"] == 1,
            "who answered who sent them": table["told"] != NO_ANSWER,
            "in an earlier customer's household": table["household"] == 1,
        }
        rows += [
            (what, int(table.loc[rows, "n"].sum())) for what, rows in kinds.items()
        ]
    if company.has_customers and company.has("referral_audit"):
        checked = audited(company, words=words)
        rows.append(("whose source was checked", int(checked["n"].sum())))
    for name, what in (
        ("touchpoints", "touches of journeys"),
        ("invitations", "customers asked whom they told"),
    ):
        if company.has(name):
            size = collect(company.table(name).select(nw.len().alias("n")))
            rows.append((what, int(size["n"].iloc[0])))
    return pd.DataFrame(rows, columns=["what", "n"])


def acquisitions_by_month(company, *, window=None, study="referral") -> pd.DataFrame:
    """New customers of each month of the window.

    Parameters
    ----------
    company : Company
        One that brings joining dates.
    window : (str, str), optional
        Months such as ("2025-11", "2026-10"); the company's own window by default.
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        `month` (0, 1, ... since the first) and `n`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.acquisitions_by_month(company, window=("2026-07", "2026-10"))
       month    n
    0      0  294
    1      1  279
    2      2  311
    3      3  289
    """
    start, end = period_bounds(company, window)
    joined = nw.col("joined_on")
    frame = joined_between(company.population(study), start, end)
    number = 12 * joined.dt.year().cast(nw.Int64) + joined.dt.month().cast(nw.Int64)
    found = counted(frame.with_columns(month=number), ["month"])
    return found.assign(month=found["month"] - found["month"].min())
