"""The referred share of new customers, from whatever records there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from retention.intervals import Estimate, wilson
from retention.referral.answers_given import (
    corrected_share,
    raw_told_share,
    told_share,
)
from retention.referral.capture import FEWEST_IN_BOTH, captured, captured_share
from retention.referral.credit import audit_share, recorded_share


@dataclass(frozen=True, eq=False)
class ReferredShare:
    """Who really sent the new customers, and what the books say.

    Attributes
    ----------
    estimate : Estimate
        Referred share of new customers.
    identified : bool
        False where one record alone gives a bound or takes answers at their word.
    table : DataFrame
        Every answer that the records allow: `label`, `value`, `lower`, `upper`,
        `kind` ("naive" or "right"), `n`, `method`.
    missing : str
        What another record would add; empty if none is missing.
    summary : str
        The answer in a sentence.
    """

    estimate: Estimate
    identified: bool
    table: pd.DataFrame
    missing: str
    summary: str


def referred_share(
    table: pd.DataFrame,
    audited: pd.DataFrame | None = None,
    *,
    by: Sequence[str] = (),
    since: str = "",
) -> ReferredShare:
    """Referred share of new customers, by the best of the records at hand.

    Codes and answers together (Chapman, within strata) come first, where each
    stratum has at least seven customers on both; then answers corrected with a
    checked sample; then the checked sample alone. Answers alone are taken at their
    word, and codes alone give a lower bound.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`.
    audited : DataFrame, optional
        From `retention.counts.audited`.
    by : sequence of str
        Strata within which codes and answers are independent.
    since : str
        Words for the time the customers joined in, such as " between 2022-11-01 and
        2026-10-31".

    Returns
    -------
    ReferredShare
        Where no record names a single referred customer, the answer is the bound
        that nothing is known above: 0.

    Examples
    --------
    >>> table = pd.DataFrame({"coded": [1, 1, 0, 0], "n": [40, 60, 60, 240],
    ...     "told": ["referral", "no answer", "referral", "other"],
    ...     "recorded": ["referral", "ads", "ads", "ads"]})
    >>> found = referred_share(table)
    >>> found.table[["label", "value", "kind"]].round(2)
                              label  value   kind
    0                     the books   0.10  naive
    1         codes and links alone   0.25  naive
    2  answers, taken at their word   0.29  naive
    3     codes and answers, pooled   0.62  right
    >>> found.estimate.text
    '62 % (95 % CI 50 to 72 %)'
    """
    answers = _answers(table, audited, by)
    best = next((a for a in answers if a[2] == "right"), None)
    identified = best is not None
    for alone in _ALONE:
        best = best or next((a for a in answers if a[0] == alone), None)
    shown = pd.DataFrame(
        [
            (a[0], a[1].value, a[1].lower, a[1].upper, a[2], a[1].n, a[1].method)
            for a in answers
        ],
        columns=["label", "value", "lower", "upper", "kind", "n", "method"],
    )
    missing = _missing(table, identified)
    summary = _summary(table, best, since, identified)
    return ReferredShare(best[1], identified, shown, missing, summary)


_POOLED = "codes and answers, pooled"
_CODES = "codes and links alone"
_TOLD = "answers, taken at their word"
_ALONE = (_TOLD, _CODES)


def _answers(table, audited, by) -> list[tuple[str, Estimate, str]]:
    """Label, estimate and kind of each answer, the naive ones first."""
    coded = int(table.loc[table["coded"] == 1, "n"].sum())
    told = (table["told"] != "no answer").any()
    checked = audited is not None and audited["n"].sum() >= 20
    out = []
    if (table["recorded"] != "not stated").any():
        out.append(("the books", recorded_share(table), "naive"))
    if coded or not (told or checked):
        out.append((_CODES, wilson(coded, int(table["n"].sum())), "naive"))
    if told:
        given = told_share(table, by=by)
        given = given if 0 < given.value < 1 else raw_told_share(table)
        out.append((_TOLD, given, "naive"))
    enough = bool(coded and told) and captured(table, by=by)["both"].min()
    if coded and told and by:
        out.append((_POOLED, captured_share(table), "naive"))
    if coded and told and enough >= FEWEST_IN_BOTH:
        name = f"codes and answers, by {' and '.join(by).replace('_', ' ')}"
        name = name if by else _POOLED
        out.append((name, captured_share(table, by=by), "right"))
    if told and checked:
        corrected = corrected_share(table, audited, by=by)
        if not isinstance(corrected, str):
            out.append(("answers, corrected", corrected, "right"))
    if checked:
        out.append(("the checked sample", audit_share(audited), "right"))
    return out


def _missing(table, identified: bool) -> str:
    told = (table["told"] != "no answer").any()
    coded = (table["coded"] == 1).any()
    if coded and not told:
        return (
            "Nobody was asked. Ask new customers who sent them: with a second record "
            "it can be estimated how many came without a code."
        )
    if told and not coded and not identified:
        return (
            "No code or link was recorded. With one, it can be estimated how many "
            "were referred and did not say so; a checked sample of 300 would show how "
            "far the answers can be trusted."
        )
    if not identified:
        return (
            f"Fewer than {FEWEST_IN_BOTH} customers are on both records. More new "
            "customers, or a checked sample, would allow an estimate."
        )
    return ""


def _summary(table, best, since: str, identified: bool) -> str:
    label, estimate, _ = best
    n = int(table["n"].sum())
    books = ""
    if (table["recorded"] != "not stated").any():
        books = f"; the books say {recorded_share(table).value_text}"
    who = f"of the {n:,} customers who joined{since}"
    if identified:
        return f"{estimate.text} {who} were sent by another customer{books}."
    if label == _CODES:
        return (
            f"At least {estimate.value_text} {who} were sent by another customer: so "
            f"many came with a code or a link{books}."
        )
    return (
        f"{estimate.text} {who} were sent by another customer, if those who answered "
        f"are to be believed{books}."
    )
