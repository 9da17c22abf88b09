"""Members against others, and against their own past."""

from retention import counts
from retention.counts.programme import launched, shifted
from retention.loyalty.measures_missing import Missing, attempt
from retention.loyalty.membership import MembershipHazard, membership_hazard
from retention.loyalty.naive import naive_spend
from retention.loyalty.naive_windows import CampaignEffect, campaign_effect
from retention.loyalty.staggered import Staggered, staggered

LANDMARK = 12  # months after the launch on which the landmark lies


def member_spend(company, programme: str = ""):
    """Members against others in monthly spend, as the dashboard has it.

    Parameters
    ----------
    company : Company
    programme : str
        One of several; the one with most members by default.

    Returns
    -------
    NaiveComparison
        Members minus others, in money a month: who is a member, not what it does.

    Raises
    ------
    ValueError
        If there are no members, or nobody else.

    Examples
    --------
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> member_spend(company).estimate.text
    'EUR 10.93 per month (95 % CI 10.35 to 11.52)'
    """
    table = counts.spend_by_membership(company, programme=programme)
    return naive_spend(table, currency=company.currency)


def campaign_change(company, programme: str = "") -> CampaignEffect:
    """A campaign against its customers' own past, for a company with orders only.

    Parameters
    ----------
    company : Company
        With orders and memberships that begin and end.
    programme : str
        Name of the campaign; the first one found by default.

    Returns
    -------
    CampaignEffect

    Raises
    ------
    ValueError
        If no programme began and ended for all its members on the same days.

    Examples
    --------
    All 150 buyers order for 10 now and then; the 120 who were sent coupons order for 30
    while these are valid:

    >>> import pandas as pd
    >>> from retention.company import open_company
    >>> ids = [f"{k:03d}" for k in range(150)]
    >>> days = pd.to_datetime(["2025-01-10", "2025-03-20", "2025-04-15", "2025-05-10"])
    >>> orders = pd.DataFrame({"customer_id": ids * 4, "ordered_on": days.repeat(150),
    ...     "amount": [10.0] * 450 + [30.0] * 120 + [10.0] * 30})
    >>> sent = pd.DataFrame({"customer_id": ids[:120], "programme": "coupons",
    ...     "enrolled_on": "2025-05-01", "ended_on": "2025-05-20"})
    >>> tables = {"orders": orders, "memberships": sent,
    ...     "customers": pd.DataFrame({"customer_id": ids, "joined_on": "2025-01-01"})}
    >>> settings = {"company": {"observed_to": "2025-06-30"}}
    >>> campaign_change(open_company(tables, settings=settings)).table
        window  sent  others   gap
    0   during  30.0    10.0  20.0
    1   before  10.0    10.0   0.0
    2  earlier   0.0     0.0   0.0
    """
    found = counts.campaigns(company)["programme"].tolist()
    name = programme or (found[0] if found else "")
    if name not in found:
        raise ValueError(
            "No campaign of these records began and ended on the same days for all "
            "who were sent it, with enough days before it."
        )
    windows = counts.campaign_windows(company, name)
    return campaign_effect(windows, name=name, currency=company.currency)


def member_rows(company, programme: str = "") -> counts.LoyaltyRows:
    """Customer rows for weighting, of a company whose customers have dates.

    Parameters
    ----------
    company : Company
    programme : str
        One of several; the one with most members by default.

    Returns
    -------
    LoyaltyRows
        One row a customer; `retention.counts.loyalty_rows` states the limit and the
        columns.

    Raises
    ------
    ValueError
        If they have none, or the follow-up was not seen.

    Examples
    --------
    >>> from retention.company import open_company
    >>> found = member_rows(open_company("data/lakeshore"))
    >>> found.table["member"].value_counts().to_dict()
    {0: 7783, 1: 1625}
    """
    _must_be_dated(company)
    return counts.loyalty_rows(company, programme=programme)


def ever_members(company, programme: str = ""):
    """Tenure of those who were ever members and of the others: the naive table.

    Parameters
    ----------
    company : Company
    programme : str
        One of several; the one with most members by default.

    Returns
    -------
    DataFrame
        `member` ("yes" if ever one, "no"), `entry`, `duration`, `event` (1 left for the
        reason of `leave_reason`) and `n`.

    Raises
    ------
    ValueError
        If joining and leaving have no dates.

    Examples
    --------
    >>> from retention.company import open_company
    >>> tenure = ever_members(open_company("data/lakeshore"))
    >>> tenure.groupby("member")["n"].sum().to_dict()
    {'no': 16654, 'yes': 5784}
    """
    _must_be_dated(company)
    words = {"programme": programme, "reason": leave_reason(company)}
    return counts.ever_member_tenure(company, **words)


def spend_effect(company, programme: str = "") -> Staggered | CampaignEffect:
    """Change in monthly spend from enrolment on, with its placebo.

    Parameters
    ----------
    company : Company
    programme : str

    Returns
    -------
    Staggered or CampaignEffect
        Twelve months from the launch; the placebo pretends it a year earlier. Of a
        company with orders only, its campaign against the same customers' own past.

    Examples
    --------
    Members spend 3 a month more from the month in which they enrol:

    >>> import numpy as np
    >>> import pandas as pd
    >>> from retention.company import open_company
    >>> ids = [f"{k:02d}" for k in range(60)]
    >>> spent = pd.DataFrame({"customer_id": ids * 36,
    ...     "revenue": 20.0 + np.arange(60 * 36) ** 2 % 7,
    ...     "month": pd.date_range("2023-01-01", periods=36, freq="MS").repeat(60)})
    >>> rise = (spent["customer_id"] < "30") & (spent["month"] >= "2024-07-01")
    >>> spent.loc[rise, "revenue"] += 3
    >>> tables = {"activity": spent, "customers": pd.DataFrame({"customer_id": ids}),
    ...     "memberships": pd.DataFrame({"customer_id": ids[:30],
    ...     "enrolled_on": "2024-07-01"})}
    >>> settings = {"company": {"observed_to": "2025-12-31"}}
    >>> company = open_company(tables, settings=settings)
    >>> round(spend_effect(company).estimate.value)
    3
    """
    if not company.has("activity"):
        return campaign_change(company, programme)
    words = {"programme": programme, "after": 12}
    early = attempt(lambda: counts.group_changes(company, lead=12, **words))
    return staggered(
        counts.group_changes(company, **words),
        placebo=None if isinstance(early, Missing) else early,
        unit=f"{company.currency} per month".strip(),
    )


def member_hazard(company, programme: str = "") -> MembershipHazard:
    """Hazard of members over that of like customers, membership as it came.

    Parameters
    ----------
    company : Company
        Its tenure drivers (``[drivers] tenure``) are what customers are alike in.
    programme : str

    Returns
    -------
    MembershipHazard

    Raises
    ------
    ValueError
        If joining and leaving have no dates.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.company import open_company
    >>> ids = [f"{k:03d}" for k in range(400)]
    >>> gone = [None, None, "2025-06-20", None, "2025-03-20"] * 80
    >>> company = open_company({
    ...     "customers": pd.DataFrame({"customer_id": ids, "joined_on": "2024-01-01",
    ...         "left_on": gone}),
    ...     "memberships": pd.DataFrame({"customer_id": ids,
    ...         "enrolled_on": ["2024-07-01", None] * 200})},
    ...     settings={"company": {"observed_to": "2025-12-31"}})
    >>> found = member_hazard(company)
    >>> round(found.estimate.value, 2), found.estimate.unit
    (1.81, 'times the hazard')
    """
    _must_be_dated(company)
    groups, widths = counts.split(company, _drivers(company), study="loyalty")
    reason = leave_reason(company)
    words = {"by": groups, "widths": widths, "reason": reason, "programme": programme}
    day = shifted(launched(company, programme), LANDMARK)
    landmark = attempt(lambda: counts.member_landmark(company, on=day, **words))
    return membership_hazard(
        counts.member_tenure(company, **words),
        counts.ever_member_tenure(company, **words),
        adjust=[*groups, *widths],
        landmark=None if isinstance(landmark, Missing) else landmark,
    )


_DATES = ("joined_on", "left_on")


def _must_be_dated(company) -> None:
    if company.tenure_form != "dates" or not company.has("customers", *_DATES):
        raise ValueError(
            f"{company.name} brings no joining and leaving dates, so nobody can be "
            "seen to leave. Bring joined_on and left_on."
        )


def leave_reason(company) -> str:
    """Leave reason to study: voluntary where reasons are recorded, else all ("").

    Parameters
    ----------
    company : Company

    Returns
    -------
    str
        "voluntary" or "".

    Examples
    --------
    >>> from retention.company import open_company
    >>> leave_reason(open_company("data/lakeshore"))
    'voluntary'
    """
    return "voluntary" if company.has("customers", "leave_reason") else ""


def _drivers(company) -> str:
    listed = company.settings.drivers
    return " ".join(listed.get("loyalty", listed.get("tenure", [])))
