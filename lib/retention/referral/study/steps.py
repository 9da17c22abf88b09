"""The steps of the referral study, each from the company to its answer."""

from retention import counts
from retention.intervals import Estimate
from retention.referral.capture import chosen_strata, dependence
from retention.referral.loyalty import referred_hazard
from retention.referral.reproduction import reproduction
from retention.referral.share import referred_share

Found = Estimate | str


NO_DATES = "It takes customers with joined_on and left_on."


def since(company) -> str:
    """When the new customers joined, in words; empty where no date is known.

    Parameters
    ----------
    company : Company

    Returns
    -------
    str
        With a blank in front, to follow "joined".

    Examples
    --------
    >>> from retention.company import open_company
    >>> "joined" + since(open_company("data/lakeshore"))
    'joined between 2022-11-01 and 2026-10-31'
    """
    if not company.has("customers", "joined_on") or company.tenure_to is None:
        return ""
    first = company.observed_from
    begin = f" between {first} and" if first else " up to"
    return f"{begin} {company.tenure_to}"


def has_sources(company) -> bool:
    """Whether any record says who was referred.

    Parameters
    ----------
    company : Company

    Returns
    -------
    bool
        True with any of customers.referral_code, customers.told_us, referrals or
        referral_audit.

    Examples
    --------
    >>> from retention.company import open_company
    >>> has_sources(open_company("data/lakeshore"))
    True
    """
    return company.has_customers and (
        company.has("customers", "referral_code")
        or company.has("customers", "told_us")
        or company.has("referrals")
        or company.has("referral_audit")
    )


def strata_of_company(company, named: str = "", *, words=("referral",)) -> list[str]:
    """Columns to stratify by: those named, else those that move both records.

    Parameters
    ----------
    company : Company
    named : str
        Columns parted by spaces; empty looks for them.
    words : sequence of str

    Returns
    -------
    list of str
        At most two; fewer where a stratum would have less than seven customers on
        both records.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.company import open_company
    >>> lists = pd.DataFrame({"plan": ["a"] * 4 + ["b"] * 4,
    ...     "referral_code": ["F-9", "F-9", None, None] * 2,
    ...     "told_us": ["referral", None, "referral", "ad"] * 2})
    >>> rows = lists.loc[lists.index.repeat([90, 30, 30, 99, 10, 90, 90, 99])]
    >>> customers = rows.assign(customer_id=[f"{k:03d}" for k in range(len(rows))],
    ...     joined_on="2025-01-15", left_on=None)
    >>> company = open_company({"customers": customers},
    ...     settings={"company": {"observed_to": "2025-12-31"}})
    >>> strata_of_company(company)
    ['plan']
    """
    if named.strip():
        return named.replace(",", " ").split()
    chosen = chosen_strata(dependences_of_company(company, words=words))
    while chosen:
        table = counts.acquisitions(company, by=chosen, words=words)
        if referred_share(table, by=chosen).identified:
            break
        chosen = chosen[:-1]
    return chosen


def dependences_of_company(company, *, words=("referral",)):
    """Table of `dependence` for every column known on joining, and the year.

    Parameters
    ----------
    company : Company
    words : sequence of str
        Words of the company's tables that mean "sent by a customer".

    Returns
    -------
    DataFrame
        As `dependence`.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.company import open_company
    >>> lists = pd.DataFrame({"plan": ["a"] * 4 + ["b"] * 4,
    ...     "referral_code": ["F-9", "F-9", None, None] * 2,
    ...     "told_us": ["referral", None, "referral", "ad"] * 2})
    >>> rows = lists.loc[lists.index.repeat([90, 30, 30, 99, 10, 90, 90, 99])]
    >>> customers = rows.assign(customer_id=[f"{k:03d}" for k in range(len(rows))],
    ...     joined_on="2025-01-15", left_on=None)
    >>> company = open_company({"customers": customers},
    ...     settings={"company": {"observed_to": "2025-12-31"}})
    >>> dependences_of_company(company)[["column", "share", "moves_both"]].round(3)
      column  share  moves_both
    0   plan  0.834        True
    """
    columns = counts.attributes(company)
    if company.has("customers", "joined_on"):
        columns = [*columns, "year"]
    return dependence(
        {c: counts.acquisitions(company, by=[c], words=words) for c in columns}
    )


def reproduction_of_company(company, strata, *, words=("referral",), window=None):
    """Referrals per customer by tenure, or why they cannot be had.

    Parameters
    ----------
    company : Company
    strata : sequence of str
        As in `strata_of_company`.
    words : sequence of str
        Words of the company's tables that mean "sent by a customer".
    window : (str, str), optional
        First and last month in which customers joined and referred.

    Returns
    -------
    Reproduction or str
        A text says why it cannot be had: no dates, no links, or fewer than 20
        referrals.

    Examples
    --------
    >>> from retention.company import open_company
    >>> made = reproduction_of_company(open_company("data/lakeshore"), ["age_group"])
    >>> made.within(24).text
    '0.191 referrals per customer (95 % CI 0.177 to 0.206)'
    """
    if not company.has("customers", "joined_on", "left_on"):
        return NO_DATES
    if not counts.has_links(company):
        return "No link names a referrer: neither a table referrals nor households."
    made = counts.referrals_made(company, by=strata, window=window)
    if made["n"].sum() < 20:
        return "Fewer than 20 referrals are linked to a referrer."
    return reproduction(
        counts.tenure(company, study="referral", bucket=True, window=window),
        made,
        counts.acquisitions(
            company, by=strata, words=words, window=window, bucket=True
        ),
        by=strata,
    )


def adjusting_columns(company, most: int = 4) -> list[str]:
    """Columns known on joining to hold fixed between referred and other customers.

    Those that workbook.toml lists under ``[drivers]`` for referral or tenure, else
    those on offer; the first few.

    Parameters
    ----------
    company : Company
    most : int
        How many at most.

    Returns
    -------
    list of str
        Columns of the customers table.

    Examples
    --------
    >>> from retention.company import open_company
    >>> adjusting_columns(open_company("data/lakeshore"))
    ['contract', 'plan', 'segment', 'age_group']
    """
    offered = counts.attributes(company)
    drivers = company.settings.drivers
    listed = drivers.get("referral", drivers.get("tenure", offered))
    return [name for name in listed if name in offered][:most]


def hazard_of_company(company, *, words=("referral",), by=()) -> Found:
    """Hazard ratio of referred customers, of leaving at will where that is known.

    Parameters
    ----------
    company : Company
    words : sequence of str
        Words of the company's tables that mean "sent by a customer".
    by : sequence of str
        Columns to hold fixed; `adjusting_columns` by default.

    Returns
    -------
    Estimate or str
        As `referred_hazard`.

    Examples
    --------
    >>> from retention.company import open_company
    >>> ratio = hazard_of_company(open_company("data/lakeshore"), by=["contract"])
    >>> ratio.text
    '0.78 (95 % CI 0.71 to 0.86)'
    """
    if not company.has("customers", "joined_on", "left_on"):
        return NO_DATES
    if not company.has("customers", "told_us"):
        return "Nobody was asked, so it is not known of anybody that nobody sent them."
    by = list(by) or adjusting_columns(company)
    reason = "voluntary" if company.has("customers", "leave_reason") else ""
    cells = counts.tenure_by_source(company, by=by, words=words, reason=reason)
    return referred_hazard(cells, by=by)
