"""Every measure of the study that the sayings are about, from the company alone."""

from collections.abc import Callable

from retention import counts
from retention.intervals import Estimate
from retention.referral.capture import chosen_strata, dependence
from retention.referral.chain import chain, told_by_dissatisfied
from retention.referral.credit import booked_to_rep, recorded_over_true
from retention.referral.loyalty import referred_hazard
from retention.referral.reproduction import Reproduction, reproduction
from retention.referral.share import ReferredShare, referred_share
from retention.referral.touch import conversion_ratio
from retention.referral.worth import top_fifth_gap, value_correlation

Found = Estimate | str

NO_DATES = "It takes customers with joined_on and left_on."
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
    """
    meant = words.split()
    found = _from_sources(company, meant, strata)
    found |= _from_journeys(company, meant)
    found |= _from_invitations(company)
    return found | _from_money(company, found.pop("__capture__", 1.0), meant)


def since(company) -> str:
    """When the new customers joined, in words; empty where no date is known."""
    if not company.has("customers", "joined_on") or company.tenure_to is None:
        return ""
    first = company.observed_from
    begin = f" between {first} and" if first else " up to"
    return f"{begin} {company.tenure_to}"


def has_sources(company) -> bool:
    """Whether any record says who was referred."""
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
    """Table of `dependence` for every column known on joining, and the year."""
    columns = counts.attributes(company)
    if company.has("customers", "joined_on"):
        columns = [*columns, "year"]
    return dependence(
        {c: counts.acquisitions(company, by=[c], words=words) for c in columns}
    )


def reproduction_of_company(company, strata, *, words=("referral",), window=None):
    """Referrals per customer by tenure, or why they cannot be had.

    Returns
    -------
    Reproduction or str
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


def adjusting_columns(company, most: int = 4) -> list[str]:
    """Columns known on joining to hold fixed between referred and other customers.

    Those that workbook.toml lists under ``[drivers]`` for referral or tenure, else
    those on offer; the first few.
    """
    offered = counts.attributes(company)
    drivers = company.settings.drivers
    listed = drivers.get("referral", drivers.get("tenure", offered))
    return [name for name in listed if name in offered][:most]


def hazard_of_company(company, *, words=("referral",), by=()) -> Found:
    """Hazard ratio of referred customers, of leaving at will where that is known."""
    if not company.has("customers", "joined_on", "left_on"):
        return NO_DATES
    if not company.has("customers", "told_us"):
        return "Nobody was asked, so it is not known of anybody that nobody sent them."
    by = list(by) or adjusting_columns(company)
    reason = "voluntary" if company.has("customers", "leave_reason") else ""
    cells = counts.tenure_by_source(company, by=by, words=words, reason=reason)
    return referred_hazard(cells, by=by)


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
