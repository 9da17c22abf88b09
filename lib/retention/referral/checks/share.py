"""What the referred share stands on."""

import math
from collections.abc import Sequence

import pandas as pd

from retention.intervals import Check
from retention.referral.capture import FEWEST_IN_BOTH, captured, captured_share
from retention.referral.credit import evidence_quality
from retention.referral.three_lists import three_lists

SURE = 0.01


def share_checks(
    table: pd.DataFrame,
    audited: pd.DataFrame | None,
    answer,
    *,
    by: Sequence[str] = (),
) -> list[Check]:
    """Checks of the referred share.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`, by the strata.
    audited : DataFrame or None
        From `retention.counts.audited`.
    answer : ReferredShare
    by : sequence of str

    Returns
    -------
    list of Check
        Those that the records allow: customers on both records in each stratum,
        independence given the strata, what pooling would do, false evidence,
        agreement of the answers, and customers without any record.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> from retention.referral import referred_share
    >>> company = open_company("data/lakeshore")
    >>> table, audited = counts.acquisitions(company), counts.audited(company)
    >>> checks = share_checks(table, audited, referred_share(table, audited))
    >>> [check.status for check in checks]
    ['PASS', 'PASS', 'PASS', 'REVIEW', 'PASS']
    >>> print(checks[0].finding)
    The smallest stratum has 1,028 customers on both records.
    """
    both = (table["coded"] == 1).any() and (table["told"] == "referral").any()
    checks = []
    if both:
        checks += [_cells(table, by), *_independence(table, by)]
    if both and by:
        checks.append(_pooling(table, by))
    if audited is not None and audited["n"].sum() >= 20:
        checks.append(_false_evidence(audited))
    checks += _agreement(answer)
    checks.append(_unknown(table, identified=answer.identified))
    return checks


def _cells(table, by) -> Check:
    fewest = int(captured(table, by=by)["both"].min())
    finding = f"The smallest stratum has {fewest:,} customers on both records."
    if fewest >= FEWEST_IN_BOTH:
        return Check("Customers on both records", "PASS", finding)
    return Check(
        "Customers on both records",
        "FAIL",
        finding,
        f"Use fewer strata or a longer time: {FEWEST_IN_BOTH} are needed in each.",
    )


def _independence(table, by) -> list[Check]:
    models = three_lists(table, by=by)
    if models.empty:
        return [
            Check(
                "Independence of the records",
                "REVIEW",
                "Two records cannot show whether they depend on each other.",
                "A third record (households, e-mail or phone keys) or a checked "
                "sample would.",
            )
        ]
    p = float(models.loc[models["model"] == "code with told", "p"].iloc[0])
    finding = (
        "Given a third record, households, codes and answers "
        f"{'depend' if p < SURE else 'do not visibly depend'} on each other "
        f"(p = {p:.2g})."
    )
    status = "FAIL" if p < SURE else "PASS"
    remedy = "Stratify by what moves both records." if p < SURE else ""
    return [Check("Independence of the records", status, finding, remedy)]


def _pooling(table, by) -> Check:
    found = captured(table, by=by)
    pooled, within = captured_share(table), captured_share(table, by=by)
    rates = [
        f"{name} catch {_percent(found[rate].min())} to {_percent(found[rate].max())}"
        for name, rate in (("codes", "code_rate"), ("answers", "told_rate"))
    ]
    return Check(
        "Strata",
        "PASS",
        f"Between strata {' and '.join(rates)} of the referred, so pooling "
        f"would say {pooled.value_text} instead of {within.value_text}.",
    )


def _false_evidence(audited) -> Check:
    quality = evidence_quality(audited).set_index("evidence")
    quality = quality.loc[["a code or link", "the customer says so"]]
    quality = quality[quality["found"] > 0]
    if quality.empty:
        return Check(
            "False evidence",
            "REVIEW",
            "No checked customer has a code or said it was sent.",
            "Draw a larger sample to check.",
        )
    worst = quality["precision"].idxmin()
    right, low = quality.loc[worst, ["precision", "precision_lower"]]
    finding = (
        f"Of the checked customers, {_percent(right)} are rightly called referred "
        f"where the sign is: {worst} (at least {_percent(low)})."
    )
    if right >= 0.95:
        return Check("False evidence", "PASS", finding)
    return Check(
        "False evidence",
        "REVIEW" if right >= 0.8 else "FAIL",
        finding,
        "Two records overstate if either names customers who were not referred; use "
        "the corrected answers instead.",
    )


def _agreement(answer) -> list[Check]:
    right = answer.table[answer.table["kind"] == "right"]
    if len(right) < 2:
        return []
    low, high = right.loc[right["value"].idxmin()], right.loc[right["value"].idxmax()]
    width = math.hypot(low["upper"] - low["value"], high["value"] - high["lower"])
    gap = high["value"] - low["value"]
    finding = (
        f"The answers lie between {_percent(low['value'])} ({low['label']}) and "
        f"{_percent(high['value'])} ({high['label']})."
    )
    if gap <= width:
        return [Check("Agreement of the methods", "PASS", finding)]
    return [
        Check(
            "Agreement of the methods",
            "REVIEW" if gap <= 1.5 * width else "FAIL",
            finding + " They differ by more than their intervals allow.",
            "Check how the sample was drawn, and whether codes are handed to "
            "customers whom nobody sent.",
        )
    ]


def _unknown(table, *, identified: bool) -> Check:
    silent = (table["coded"] == 0) & (table["told"] == "no answer")
    share = table.loc[silent, "n"].sum() / max(table["n"].sum(), 1)
    finding = (
        f"{_percent(share)} of new customers left no evidence of their own either way."
    )
    if share <= 0.5:
        return Check("Source unknown", "PASS", finding)
    return Check(
        "Source unknown",
        "REVIEW",
        finding + (" The estimate rests on the others." if identified else ""),
        "Ask every new customer who sent them, in one question on joining.",
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
