"""What the sayings of the referral study are judged by."""

from collections.abc import Callable

from retention import counts
from retention.intervals import Estimate
from retention.referral.chain import chain, told_by_dissatisfied
from retention.referral.credit import booked_to_rep, recorded_over_true
from retention.referral.reproduction import Reproduction
from retention.referral.share import ReferredShare, referred_share
from retention.referral.study.steps import (
    Found,
    has_sources,
    hazard_of_company,
    reproduction_of_company,
    strata_of_company,
)
from retention.referral.touch import conversion_ratio
from retention.referral.worth import top_fifth_gap, value_correlation

NO_SOURCES = "No record says who was referred: no code, no answer, no checked sample."


def measures(
    company, *, words: str = "referral friend", strata: str = ""
) -> dict[str, Found]:
    """What the sayings of the referral study are judged by.

    Parameters
    ----------
    company : Company
    words : str
        Words of the company's tables that mean "sent by a customer", parted by
        spaces.
    strata : str
        As in `strata_of_company`.

    Returns
    -------
    dict of str to Estimate or str
        The measures that `data/claims/referral.toml` names; a text says why one
        cannot be had here.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from retention.company import open_company
    >>> told = np.repeat(["referral", None, "referral", "ad"], [40, 60, 60, 240])
    >>> company = open_company({"customers": pd.DataFrame({
    ...     "customer_id": [f"{k:03d}" for k in range(400)], "joined_on": "2025-01-15",
    ...     "left_on": None, "referral_code": ["F-9"] * 100 + [None] * 300,
    ...     "told_us": told})}, settings={"company": {"observed_to": "2025-12-31"}})
    >>> found = measures(company)
    >>> found["referred_share"].text
    '62 % (95 % CI 50 to 72 %)'
    >>> print(found["conversion_ratio_friend"])
    It takes a table touchpoints.
    """
    meant = words.split()
    found = _from_sources(company, meant, strata)
    found |= _from_journeys(company, meant)
    found |= _from_invitations(company)
    return found | _from_money(company, found.pop("__capture__", 1.0), meant)


def _from_sources(company, words, strata) -> dict[str, Found]:
    keys = ("referred_share", "recorded_over_true", "booked_to_rep_given_referred")
    found: dict = dict.fromkeys(keys, NO_SOURCES)
    found["referrals_per_customer"] = found["hazard_ratio_referred"] = NO_SOURCES
    if not has_sources(company):
        return found
    by = strata_of_company(company, strata, words=words)
    table = counts.acquisitions(company, by=by, words=words)
    audit = company.has("referral_audit")
    audited = counts.audited(company, by=by, words=words) if audit else None
    found |= _shares(company, table, audited, by)
    made = reproduction_of_company(company, by, words=words)
    lived = made if isinstance(made, str) else made.within(max(made.last, 1))
    found["referrals_per_customer"] = lived
    found["__capture__"] = _capture(made)
    found["hazard_ratio_referred"] = hazard_of_company(company, words=words)
    return found


def _shares(company, table, audited, by) -> dict[str, Found]:
    answer: ReferredShare = referred_share(table, audited, by=by)
    share: Found = answer.estimate if answer.identified else answer.missing
    books: Found = share
    if not isinstance(share, str):
        stated = company.has("customers", "recorded_source")
        books = (
            recorded_over_true(table, share) if stated else "The books name no source."
        )
    rep: Found = "It takes a checked sample and rep_id."
    if audited is not None and company.has("customers", "rep_id"):
        rep = booked_to_rep(audited)
    return {
        "referred_share": share,
        "recorded_over_true": books,
        "booked_to_rep_given_referred": rep,
    }


def _capture(made: Reproduction | str) -> float:
    """Share of referrals that links show."""
    if isinstance(made, str) or not made.corrected:
        return 1.0
    last = made.table.iloc[max(made.last, 1) - 1]
    return float(last["linked"] / last["referrals"]) if last["referrals"] else 1.0


def _from_journeys(company, words) -> dict[str, Found]:
    if not company.has("touchpoints"):
        return {"conversion_ratio_friend": "It takes a table touchpoints."}
    paths = counts.journeys(company)
    channel = next((w for w in words if w in paths.channels), words[-1])
    return {"conversion_ratio_friend": conversion_ratio(paths, channel)}


def _from_invitations(company) -> dict[str, Found]:
    keys = ("told", "interested_given_told", "joined_given_interested")
    missing = "It takes a table invitations with told, interested and joined."
    found: dict[str, Found] = dict.fromkeys((*keys, "told_by_dissatisfied"), missing)
    if not company.has("invitations"):
        return found
    table = counts.word_of_mouth(company)
    asked = chain(table)
    found["told"] = asked.told
    found["interested_given_told"] = asked.interested or missing
    found["joined_given_interested"] = asked.joined or missing
    scale = company.settings.scale("satisfaction")
    found["told_by_dissatisfied"] = "It takes surveys and the scale of satisfaction."
    if scale and company.has("surveys"):
        found["told_by_dissatisfied"] = told_by_dissatisfied(table, scale)
    return found


def _from_money(company, capture: float, words) -> dict[str, Found]:
    keys = ("value_referral_correlation", "top_fifth_referral_gap")
    needs = "It takes margins by month, and links from referrer to referee."
    dated = company.has("customers", "joined_on", "left_on")
    if not (dated and counts.knows_margin(company) and counts.has_links(company)):
        return dict.fromkeys(keys, needs)
    cells = counts.value_and_referrals(company, words=words)
    judged: dict[str, Callable[[], Estimate]] = {
        keys[0]: lambda: value_correlation(cells),
        keys[1]: lambda: top_fifth_gap(cells, capture=capture),
    }
    if cells["n"].sum() < 100 or cells["referrals"].sum() < 20:
        return dict.fromkeys(keys, "Fewer than 100 customers or 20 referrals a year.")
    return {key: made() for key, made in judged.items()}
