"""Every number that the loyalty study's sayings are judged by."""

from retention import counts
from retention.intervals import Estimate
from retention.loyalty.measures_missing import Missing, attempt
from retention.loyalty.measures_steps import (
    drawn_arms,
    member_hazard,
    member_spend,
    programme_return,
    spend_effect,
    tried_actions,
)
from retention.loyalty.naive import dashboard_factor
from retention.loyalty.naive_windows import CampaignEffect
from retention.loyalty.randomised import randomised

CARDS = ("card", "letter", "contact", "call", "mail")
DISCOUNTS = ("discount", "bundle", "multi")
PROMISES = ("price", "contract")


def measures(company, *, programme: str = "") -> dict[str, Estimate | str]:
    """Estimates of the loyalty study by key, or why one is not identifiable here.

    Parameters
    ----------
    company : Company
    programme : str
        One of several; the one with most members by default.

    Returns
    -------
    dict of str to Estimate or str
        As `measures_from`.

    Notes
    -----
    The designs are made one after another; one that these data cannot carry gives its
    reason as a text and stops no other.

    Examples
    --------
    A company without any table of members says what it would take:

    >>> import pandas as pd
    >>> from retention.company import open_company
    >>> company = open_company({"customers": pd.DataFrame({"customer_id": ["a", "b"],
    ...     "joined_on": "2024-01-01", "left_on": [None, "2025-06-30"]})},
    ...     settings={"company": {"observed_to": "2025-12-31"}})
    >>> print(measures(company)["member_spend_effect"])
    company brings no table memberships. It brings: customers.
    """
    named = attempt(lambda: counts.main_programme(company, programme))
    if isinstance(named, Missing):
        return dict.fromkeys(KEYS, named.summary)
    arms = attempt(lambda: drawn_arms(company, named))
    return measures_from(
        hazard=attempt(lambda: member_hazard(company, named)),
        spend=attempt(lambda: spend_effect(company, named)),
        naive=attempt(lambda: member_spend(company, named)),
        arms=arms,
        returned=attempt(lambda: programme_return(company, arms, named)),
        actions=attempt(lambda: tried_actions(company)),
    )


def measures_from(*, hazard, spend, naive, arms, returned, actions):
    """Measures of answers that are there already, each of them possibly Missing.

    Parameters
    ----------
    hazard : MembershipHazard or Missing
    spend : Staggered, CampaignEffect or Missing
    naive : NaiveComparison or Missing
    arms : DataFrame or Missing
        From `retention.counts.holdout_arms`.
    returned : ReturnOnProgramme or Missing
    actions : RetentionActions or Missing

    Returns
    -------
    dict of str to Estimate or str
        `member_hazard_ratio`, `member_spend_effect`, `programme_net_margin`,
        `dashboard_factor`, `programme_kept`, `contact_kept`, `contact_net_margin`,
        `discount_net_margin`, `price_promise_net_margin`. A design of which a check
        failed gives the reason instead of its number.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.loyalty import naive_spend
    >>> none = Missing("No holdout was drawn.")
    >>> spend = pd.DataFrame({"bucket": ["00", "00", "01", "01"], "member": [1, 0] * 2,
    ...                       "n": 2, "revenue": [90.0, 60.0, 110.0, 60.0]})
    >>> found = measures_from(hazard=none, spend=none, naive=naive_spend(spend),
    ...                       arms=none, returned=none, actions=none)
    >>> len(found), found["programme_kept"]
    (9, 'No holdout was drawn.')
    """
    return {
        "member_hazard_ratio": _sound(hazard),
        "member_spend_effect": _sound(spend),
        "programme_net_margin": _net(returned),
        "dashboard_factor": _factor(naive, spend),
        "programme_kept": _kept(arms),
        "contact_kept": _arm(actions, CARDS, "stayed"),
        "contact_net_margin": _arm(actions, CARDS, "net margin"),
        "discount_net_margin": _arm(actions, DISCOUNTS, "net margin"),
        "price_promise_net_margin": _arm(actions, PROMISES, "net margin"),
    }


KEYS = (
    "member_hazard_ratio",
    "member_spend_effect",
    "programme_net_margin",
    "dashboard_factor",
    "programme_kept",
    "contact_kept",
    "contact_net_margin",
    "discount_net_margin",
    "price_promise_net_margin",
)


def _sound(answer) -> Estimate | str:
    """The estimate, unless one of its checks failed."""
    if isinstance(answer, Missing):
        return answer.summary
    failed = [check for check in answer.checks if check.status == "FAIL"]
    if failed:
        return f"{failed[0].name}: {failed[0].finding}"
    return answer.estimate


def _net(returned) -> Estimate | str:
    if isinstance(returned, Missing):
        return returned.summary
    if not returned.cost.value > 0:
        return "Neither rewards nor running costs are known, so no net margin is."
    return returned.net


def _kept(arms) -> Estimate | str:
    if isinstance(arms, Missing):
        return arms.summary
    words = {"outcome": "stayed", "unit": "percentage points"}
    answer = attempt(lambda: randomised(arms, **words))
    return answer.summary if isinstance(answer, Missing) else answer.itt


def _factor(shown, effect) -> Estimate | str:
    sound = _sound(effect)
    if isinstance(effect, CampaignEffect) and not isinstance(sound, str):
        return dashboard_factor(effect.naive, sound)
    if isinstance(shown, Missing) or isinstance(sound, str):
        return shown.summary if isinstance(shown, Missing) else sound
    return dashboard_factor(shown.estimate, sound)


def _arm(answer, words, measure: str) -> Estimate | str:
    """The estimate of the first arm whose name holds one of some words."""
    if isinstance(answer, Missing):
        return answer.summary
    arms = list(dict.fromkeys(arm for arm, _ in answer.estimates))
    named = [a for w in words for a in arms if w in str(a).lower()]
    if not named:
        return (
            f"No experiment has an arm for it ({', '.join(words)}); its arms are "
            f"{', '.join(map(str, arms))}."
        )
    found = answer.estimates.get((named[0], measure))
    return found or f"The cost of {named[0]} is not booked, so its net is not known."
