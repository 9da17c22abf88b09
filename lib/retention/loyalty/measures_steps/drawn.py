"""What a lot decided: the holdout, the return on it, and other actions."""

from retention import counts
from retention.loyalty.actions import RetentionActions, retention_actions
from retention.loyalty.measures_missing import Missing, attempt
from retention.loyalty.points import Redemption, redemption
from retention.loyalty.randomised import Randomised, randomised
from retention.loyalty.roi import ReturnOnProgramme, programme_roi


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

    Examples
    --------
    >>> from retention.company import open_company
    >>> arms = drawn_arms(open_company("data/lakeshore"))
    >>> arms[arms["outcome"] == "margin"].groupby("arm")["n"].sum().to_dict()
    {'holdout': 2821, 'programme': 7988}
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
        Share that was planned to be held out, for the sample-ratio test; 0 takes
        ``[loyalty] holdout_share`` of workbook.toml, if it is there.

    Returns
    -------
    Randomised

    Raises
    ------
    ValueError
        If there is no holdout.

    Examples
    --------
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> found = holdout_effect(company, drawn_arms(company))
    >>> found.itt.text, found.cace.text
    ('EUR 3 per customer (95 % CI 0 to 6)', 'EUR 8 per customer (95 % CI −1 to 18)')
    """
    if isinstance(arms, Missing):
        raise ValueError(arms.summary)
    known = counts.arm_covariates(company, programme=programme)
    unit = f"{company.currency} per customer".strip()
    share = held_out or company.settings.loyalty.get("holdout_share", 0.0)
    planned = {"programme": 1 - share, "holdout": share} if share else None
    return randomised(arms, planned=planned, covariates=known, unit=unit)


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


def points_redeemed(company) -> Redemption:
    """Ultimate redemption of a company's points.

    Parameters
    ----------
    company : Company
        With a table of points; ``[loyalty] points_expire_after`` says when they die.

    Returns
    -------
    Redemption

    Raises
    ------
    ValueError
        If no points were earned, or more were taken out than came in.

    Examples
    --------
    >>> from retention.company import open_company
    >>> points_redeemed(open_company("data/lakeshore")).estimate.text
    '75.4 % (95 % CI 74.7 to 76.1 %)'
    """
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

    Examples
    --------
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> found = programme_return(company, drawn_arms(company))
    >>> found.cost.text
    'EUR 6.38 per enrolled customer (95 % CI 6.24 to 6.51)'
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

    Raises
    ------
    ValueError
        If there is no experiment, or several and none is named.

    Examples
    --------
    >>> from retention.company import open_company
    >>> found = tried_actions(open_company("data/lakeshore"))
    >>> found.table[["arm", "measure", "value"]].head(2).round(3)
        arm measure  value
    0  card  stayed  0.025
    1  call  stayed  0.015
    """
    arms = counts.action_arms(company, experiment=experiment)
    idle = arms.groupby("arm")["d"].sum()
    return retention_actions(
        arms,
        counts.action_costs(company, experiment),
        control=str(idle.index[idle == 0][0]),
        currency=company.currency,
    )
