"""What an interval says about a saying."""

import math
from dataclasses import dataclass

from retention.intervals.estimate import Estimate
from retention.intervals.wording import number, quantity, scaled

HOLDS = "HOLDS"
DOES_NOT_HOLD = "DOES NOT HOLD"
UNDECIDED = "UNDECIDED"
NOT_IDENTIFIABLE = "NOT IDENTIFIABLE"
INCONSISTENT = "INCONSISTENT"
STATUSES = ("PASS", "REVIEW", "FAIL")


@dataclass(frozen=True, eq=False)
class Region:
    """Where a saying would be true, bounds included; written before the data are read.

    Attributes
    ----------
    low, high : float
        Bounds in the estimate's own scale (shares as fractions); infinite where the
        saying has none.

    Examples
    --------
    >>> Region.near_ratio(5).text()
    '4 to 6.25'
    >>> Region.near_share(0.25).text("%")
    '20 to 30 %'
    >>> Region.at_least(2).text("months")
    'at least 2 months'
    """

    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        """Refuse a region that nothing can lie in."""
        if not self.low <= self.high:
            raise ValueError(
                f"A region from {self.low:g} to {self.high:g} is empty: give the "
                "smaller bound first."
            )

    @classmethod
    def near_ratio(cls, said: float) -> "Region":
        """Region for "n times": within a factor of 1.25."""
        return cls(said / 1.25, said * 1.25)

    @classmethod
    def near_share(cls, said: float) -> "Region":
        """Region for "p %": within five percentage points."""
        return cls(said - 0.05, said + 0.05)

    @classmethod
    def at_least(cls, said: float) -> "Region":
        """Region for "at least" and "more than"."""
        return cls(low=said)

    @classmethod
    def at_most(cls, said: float) -> "Region":
        """Region for "at most" and "less than"."""
        return cls(high=said)

    def text(self, unit: str = "") -> str:
        """Bounds as one would say them."""
        low, high = _bound(self.low, unit), _bound(self.high, unit)
        if low and high:
            return quantity(f"{low} to {high}" if low != high else low, unit)
        if not low and not high:
            return "any value"
        return ("at least " if low else "at most ") + quantity(low or high, unit)


def _bound(value: float, unit: str) -> str:
    shown = scaled(value, unit)
    if not math.isfinite(shown):
        return ""
    places = next(
        d for d in range(13) if d == 12 or abs(shown - round(shown, d)) < 1e-9
    )
    return number(shown, places)


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the data say about a saying, and why.

    Attributes
    ----------
    verdict : str
        HOLDS, DOES NOT HOLD, UNDECIDED, NOT IDENTIFIABLE or INCONSISTENT.
    reason : str
        One sentence.
    n_to_decide : int or None
        How many customers would decide, if the estimate stayed where it is; only
        for UNDECIDED, and None where no number of customers is known to be enough.
    """

    verdict: str
    reason: str
    n_to_decide: int | None = None

    @property
    def text(self) -> str:
        """Verdict and reason in one line."""
        return f"{self.verdict}: {self.reason}"


@dataclass(frozen=True, eq=False)
class Check:
    """One assumption, what was found, and what to do about it.

    Attributes
    ----------
    name : str
        The assumption in a few words.
    status : str
        PASS, REVIEW or FAIL.
    finding : str
        What the data show, in a sentence with its numbers.
    remedy : str
        What to do; empty for PASS.
    """

    name: str
    status: str
    finding: str
    remedy: str = ""

    def __post_init__(self) -> None:
        """Refuse a status that no report knows."""
        if self.status not in STATUSES:
            raise ValueError(
                f"A check is one of {', '.join(STATUSES)}, not {self.status!r}."
            )


def verdict(
    estimate: Estimate | None,
    region: Region,
    *,
    blocked: str = "",
    contradiction: str = "",
) -> Verdict:
    """Verdict on a saying from an estimate and the region where it would be true.

    Parameters
    ----------
    estimate : Estimate or None
        None where the company has no data for the question.
    region : Region
        Where the saying would be true.
    blocked : str
        Why the estimate must not be used (a missing column, a failed check).
    contradiction : str
        Why the saying cannot be true of any company; it settles the matter.

    Returns
    -------
    Verdict
        HOLDS when the whole interval lies inside the region, DOES NOT HOLD when all
        of it lies outside, UNDECIDED with the number that would decide otherwise.

    Examples
    --------
    >>> loss = Estimate(0.19, 0.18, 0.199, 6_000, "Kaplan-Meier", "%")
    >>> verdict(loss, Region.near_share(0.25)).text
    'DOES NOT HOLD: 18.0 to 19.9 % lies outside 20 to 30 %.'
    >>> verdict(loss, Region.at_least(0.15)).verdict
    'HOLDS'
    >>> unsure = Estimate(0.22, 0.18, 0.26, 400, "Kaplan-Meier", "%")
    >>> decision = verdict(unsure, Region.near_share(0.25))
    >>> decision.verdict, decision.n_to_decide
    ('UNDECIDED', 1600)
    """
    if contradiction:
        return Verdict(INCONSISTENT, contradiction)
    if blocked:
        return Verdict(NOT_IDENTIFIABLE, blocked)
    if estimate is None:
        return Verdict(NOT_IDENTIFIABLE, "The data hold no estimate of this.")
    if any(math.isnan(v) for v in (estimate.value, estimate.lower, estimate.upper)):
        return Verdict(NOT_IDENTIFIABLE, "No interval could be computed.")
    return _compared(estimate, region)


def _compared(estimate: Estimate, region: Region) -> Verdict:
    here, there = estimate.range_text, region.text(estimate.unit)
    if region.low <= estimate.lower and estimate.upper <= region.high:
        return Verdict(HOLDS, f"{here} lies inside {there}.")
    if estimate.upper < region.low or region.high < estimate.lower:
        return Verdict(DOES_NOT_HOLD, f"{here} lies outside {there}.")
    needed = _n_to_decide(estimate, region)
    outlook = (
        "more customers alone may not decide"
        if needed is None
        else f"about {_two_digits(needed)} customers would decide, not {estimate.n:,}, "
        "if the estimate stayed where it is"
    )
    return Verdict(UNDECIDED, f"{here} lies across {there}: {outlook}.", needed)


def _n_to_decide(estimate: Estimate, region: Region) -> int | None:
    """Customers at which the interval, shrinking with the root of n, clears a bound."""
    value = estimate.value
    below, above = value - estimate.lower, estimate.upper - value
    if value < region.low:
        ratios = [_ratio(above, region.low - value)]
    elif value > region.high:
        ratios = [_ratio(below, value - region.high)]
    else:
        ratios = [_ratio(below, value - region.low), _ratio(above, region.high - value)]
    needed = estimate.n * max(ratios) ** 2
    if not math.isfinite(needed):
        return None
    return max(math.ceil(round(needed, 6)), estimate.n + 1)


def _ratio(reach: float, room: float) -> float:
    if math.isinf(room):
        return 0.0
    return reach / room if room > 0 else math.inf


def _two_digits(n: int) -> str:
    return f"{round(n, 1 - math.floor(math.log10(n))):,}"
