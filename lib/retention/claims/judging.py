"""Each measure set against the region that was written for it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from retention.claims.rows import Claim, ClaimError, read
from retention.intervals import Estimate, Verdict, verdict
from retention.intervals.formulas import critical


@dataclass(frozen=True, eq=False)
class Judged:
    """A claim, what this company's data estimate, and the verdict.

    Attributes
    ----------
    claim : Claim
    estimate : Estimate or None
        None where the saying is not identifiable here or contradicts itself.
    verdict : Verdict
    """

    claim: Claim
    estimate: Estimate | None
    verdict: Verdict

    @property
    def text(self) -> str:
        """The saying and its verdict in one line."""
        return f"“{self.claim.saying}” ({self.claim.reading}): {self.verdict.text}"

    @property
    def p_value(self) -> float:
        """Two-sided p-value of the region's nearest bound; nan without an estimate."""
        if self.estimate is None:
            return math.nan
        bounds = [b for b in (self.claim.low, self.claim.high) if math.isfinite(b)]
        away = min(abs(self.estimate.value - bound) for bound in bounds)
        se = _standard_error(self.estimate)
        return math.erfc(away / se / math.sqrt(2)) if se > 0 else float(away == 0)


def judge(study: str, measures: Mapping[str, Estimate | str]) -> list[Judged]:
    """Verdicts on the sayings that a study tests.

    Parameters
    ----------
    study : str
        As in `schema.STUDIES`.
    measures : mapping of str to Estimate or str
        The study's estimates by key; a text says why one is not identifiable here.

    Returns
    -------
    list of Judged
        One per claim of the study, in the order of their numbers.

    Raises
    ------
    ClaimError
        If a claim names a measure that the study does not have.

    Examples
    --------
    >>> loss = Estimate(0.19, 0.18, 0.199, 6_000, "Kaplan-Meier", "%")
    >>> found = {"yearly_loss_of_stock": loss, "first_year_loss": "No date is known."}
    >>> for judged in judge("tenure", found):
    ...     print(judged.claim.id, judged.verdict.verdict)
    L04a DOES NOT HOLD
    L04b NOT IDENTIFIABLE
    L46 INCONSISTENT
    """
    return [_judged(claim, measures) for claim in read(study)]


def sayings(judged: list[Judged]) -> list[tuple[str, str, Verdict, str]]:
    """What a notebook's record keeps of the verdicts.

    Parameters
    ----------
    judged : list of Judged
        From `judge`.

    Returns
    -------
    list of (str, str, Verdict, str)
        The saying with its number and reading, its source, the verdict and the reason.

    Examples
    --------
    >>> from retention import claims
    >>> from retention.intervals import Estimate
    >>> loss = Estimate(0.19, 0.18, 0.199, 6_000, "Kaplan-Meier", "%")
    >>> found = {"yearly_loss_of_stock": loss, "first_year_loss": "No date is known."}
    >>> judged = claims.judge("tenure", found)
    >>> saying, source, verdict, reason = claims.sayings(judged)[0]
    >>> saying[:5], verdict.verdict
    ('L04a:', 'DOES NOT HOLD')
    """
    return [
        (_named(each.claim), each.claim.source, each.verdict, each.verdict.reason)
        for each in judged
    ]


def _named(claim: Claim) -> str:
    return f"{claim.id}: {claim.saying} ({claim.reading})"


def _judged(claim: Claim, measures: Mapping[str, Estimate | str]) -> Judged:
    if claim.contradiction:
        said = verdict(None, claim.region, contradiction=claim.contradiction)
        return Judged(claim, None, said)
    if claim.not_identifiable:
        said = verdict(None, claim.region, blocked=claim.not_identifiable)
        return Judged(claim, None, said)
    if claim.measure not in measures:
        raise ClaimError(
            f"{claim.id} asks for the measure {claim.measure!r}, and the study "
            f"{claim.study} has {', '.join(sorted(measures)) or 'none'}."
        )
    found = measures[claim.measure]
    if isinstance(found, str):
        return Judged(claim, None, verdict(None, claim.region, blocked=found))
    said = verdict(found, claim.region)
    identified = said.verdict != "NOT IDENTIFIABLE"
    return Judged(claim, found if identified else None, said)


def _standard_error(estimate: Estimate) -> float:
    """As given, or what the interval's half towards the nearer bound implies."""
    if math.isfinite(estimate.se):
        return estimate.se
    reaches = (estimate.value - estimate.lower, estimate.upper - estimate.value)
    finite = [reach for reach in reaches if math.isfinite(reach)]
    return max(finite, default=math.inf) / critical(estimate.confidence)
