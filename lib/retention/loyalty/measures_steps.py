"""The steps of the loyalty study, each from the company to its answer."""

from retention import counts
from retention.counts.programme import launched, shifted
from retention.loyalty.actions import RetentionActions, retention_actions
from retention.loyalty.measures_missing import Missing, attempt
from retention.loyalty.membership import MembershipHazard, membership_hazard
from retention.loyalty.naive import naive_spend
from retention.loyalty.naive_windows import CampaignEffect, campaign_effect
from retention.loyalty.points import Redemption, redemption
from retention.loyalty.randomised import Randomised, randomised
from retention.loyalty.roi import ReturnOnProgramme, programme_roi
from retention.loyalty.staggered import Staggered, staggered

LANDMARK = 12  # months after the launch on which the landmark lies


def member_spend(company, programme: str = ""):
    """Members against others in monthly spend, as the dashboard has it."""
    table = counts.spend_by_membership(company, programme=programme)
    return naive_spend(table, currency=company.currency)


def campaign_change(company, programme: str = "") -> CampaignEffect:
    """A campaign against its customers' own past, for a company with orders only.

    Raises
    ------
    ValueError
        If no programme began and ended for all its members on the same days.
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


def drawn_arms(company, programme: str = "", *, months: int = 12):
    """Sums of the two arms of a randomised holdout.

    Parameters
    ----------
    company : Company
    programme : str
    months : int

    Returns
    -------
    DataFrame
        From `retention.counts.holdout_arms`.

    Raises
    ------
    ValueError
        If nobody was held out, or the follow-up was not seen.
    """
    must_be_drawn(company)
    return counts.holdout_arms(company, months=months, programme=programme)


def holdout_effect(
    company, arms, programme: str = "", *, held_out: float = 0.0
) -> Randomised:
    """Effect of the offer by the lot, with the balance of the arms checked.

    Parameters
    ----------
    company : Company
    arms : DataFrame or Missing
        From `drawn_arms`.
    programme : str
    held_out : float
        Share that was planned to be held out, for the sample-ratio test; 0 if it is
        not known.

    Returns
    -------
    Randomised

    Raises
    ------
    ValueError
        If there is no holdout.
    """
    if isinstance(arms, Missing):
        raise ValueError(arms.summary)
    known = counts.arm_covariates(company, programme=programme)
    unit = f"{company.currency} per customer".strip()
    planned = {"programme": 1 - held_out, "holdout": held_out} if held_out else None
    return randomised(arms, planned=planned, covariates=known, unit=unit)


def member_rows(company, programme: str = "") -> counts.LoyaltyRows:
    """Customer rows for weighting, of a company whose customers have dates.

    Raises
    ------
    ValueError
        If they have none, or the follow-up was not seen.
    """
    _must_be_dated(company)
    return counts.loyalty_rows(company, programme=programme)


def must_be_drawn(company) -> None:
    """Refuse a company in which no lot decided who was offered the programme.

    Raises
    ------
    ValueError
        Says what to bring.
    """
    if not company.has("memberships", "holdout"):
        raise ValueError(
            f"{company.name} held nobody out by lot (no memberships.holdout): "
            "the randomised design is missing, and nothing can stand in for it."
        )


def ever_members(company, programme: str = ""):
    """Tenure of those who were ever members and of the others: the naive table.

    Raises
    ------
    ValueError
        If joining and leaving have no dates.
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
    """Leave reason to study: voluntary where reasons are recorded, else all ("")."""
    return "voluntary" if company.has("customers", "leave_reason") else ""


def _drivers(company) -> str:
    listed = company.settings.drivers
    return " ".join(listed.get("loyalty", listed.get("tenure", [])))


def points_redeemed(company) -> Redemption:
    """Ultimate redemption of a company's points."""
    expire = company.settings.loyalty.get("points_expire_after")
    batches = counts.point_batches(company, bucket=True)
    return redemption(batches, expire_after=expire)


def programme_return(
    company, arms, programme: str = "", *, months: int = 12
) -> ReturnOnProgramme:
    """Return on the programme, from its holdout and its costs.

    Parameters
    ----------
    company : Company
    arms : DataFrame
        From `retention.counts.holdout_arms`, over the same months.
    programme : str
    months : int

    Returns
    -------
    ReturnOnProgramme

    Raises
    ------
    ValueError
        If there is no holdout, or nobody enrolled.
    """
    if isinstance(arms, Missing):
        raise ValueError(arms.summary)
    points = attempt(lambda: points_redeemed(company))
    worth = company.settings.loyalty.get("value_of_a_point")
    known = bool(points) and worth is not None
    return programme_roi(
        arms,
        counts.programme_money(company, months=months, programme=programme),
        points if known else None,
        value_of_a_point=worth or 0.0,
        cost_per_member_month=counts.cost_per_member_month(company),
        currency=company.currency,
    )


def tried_actions(company, experiment: str = "") -> RetentionActions:
    """A randomised retention action with its costs.

    Parameters
    ----------
    company : Company
    experiment : str
        One of several; may be left empty where there is only one.

    Returns
    -------
    RetentionActions
    """
    arms = counts.action_arms(company, experiment=experiment)
    idle = arms.groupby("arm")["d"].sum()
    return retention_actions(
        arms,
        counts.action_costs(company, experiment),
        control=str(idle.index[idle == 0][0]),
        currency=company.currency,
    )
