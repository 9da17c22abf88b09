"""The tenure study's answer, in numbers and in one sentence."""

import math
from dataclasses import dataclass, field

import pandas as pd

from retention.intervals import Estimate, measured
from retention.survival.curves.means import discounted_area
from retention.survival.curves.medians import median_survival
from retention.survival.curves.product_limit import (
    customers,
    supported_curve,
    survival_at,
)

ENOUGH_EVENTS = 20
MULTIPLES = (2, 4)


@dataclass(frozen=True, eq=False)
class TenureAnswer:
    """How long customers stay.

    Attributes
    ----------
    median : Estimate
        First period by whose end half have left; infinite where not reached.
    kept : dict of int to Estimate
        Shares still here after the horizon, twice and four times as long, as far
        as 50 customers are at risk; the horizon is cut to that if need be.
    restricted_mean : Estimate
        Mean periods stayed from ``start`` to ``last``.
    table : DataFrame
        The curve, as from :func:`kaplan_meier`.
    n, left : int
        Customers observed, and how many of them left.
    horizon : int
        First key of ``kept``.
    last : int
        Last period with 50 customers at risk; the last observed one where there
        never were so many.
    start : int
        Periods that every customer counted had completed; 0 for new customers.
    unit : str
        One period, in the singular.
    window : str
        When the customers were observed, in words; may be empty.
    """

    median: Estimate
    kept: dict[int, Estimate]
    restricted_mean: Estimate
    table: pd.DataFrame = field(repr=False)
    n: int
    left: int
    horizon: int
    last: int
    start: int
    unit: str
    window: str = ""

    @property
    def kept_at_horizon(self) -> Estimate:
        """Share still here after ``horizon`` periods."""
        return self.kept[self.horizon]

    @property
    def kept_at_last(self) -> Estimate:
        """Share still here at the last period with enough customers at risk."""
        return survival_at(self.table, self.last, confidence=self.median.confidence)

    @property
    def enough(self) -> bool:
        """Whether enough customers left for an estimate to mean anything."""
        return self.left >= ENOUGH_EVENTS

    @property
    def summary(self) -> str:
        """One sentence that can be said in a meeting."""
        if self.left == 0:
            return self._nobody_left()
        if not self.enough:
            return self._too_few()
        return f"{self._first_part()} ({self._observed()})."

    def _first_part(self) -> str:
        if self.median.value <= self.last:
            when = "leave within" if self.start == 0 else "have left after"
            return (
                f"{self._who('Half')} {when} {self.median.text}, and "
                f"{self.kept_at_horizon.text} are still here after "
                f"{self._periods(self.horizon)}"
            )
        end, span = self.kept_at_last.text, self._periods(self.last)
        if self.kept_at_last.lower > 0.5:
            who = self._who("More than half")
            first = f"{who}, {end}, are still here after {span}"
        else:
            first = (
                f"The median is not reached: {end} {self._who('').strip()} are still "
                f"here after {span}"
            )
        if self.horizon == self.last:
            return first
        kept = self.kept_at_horizon.text
        return f"{first}, and {kept} after {self._periods(self.horizon)}"

    def _nobody_left(self) -> str:
        bound = math.floor(1000 * self.kept_at_horizon.lower) / 10
        return (
            f"None of the {self.n:,} customers left{self._inside()}, so all that can "
            f"be said is that at least {bound:g} % are still here after "
            f"{self._periods(self.horizon)} "
            f"({100 * self.median.confidence:g} % confidence)."
        )

    def _too_few(self) -> str:
        return (
            f"Only {self.left} of {self.n:,} customers left{self._inside()}, too few "
            "to say how long they stay; the share still here after "
            f"{self._periods(self.horizon)} could be anything from "
            f"{self.kept_at_horizon.range_text}."
        )

    def _who(self, share: str) -> str:
        if self.start == 0:
            return f"{share} of new customers"
        return f"{share} of those who had stayed {self._periods(self.start)}"

    def _observed(self) -> str:
        counts = f"{self.n:,} customers, {self.left:,} left"
        return f"{counts}, {self.window}" if self.window else counts

    def _inside(self) -> str:
        return f" ({self.window})" if self.window else ""

    def _periods(self, count: int) -> str:
        return f"{count} {self.unit}{'' if count == 1 else 's'}"


def tenure_answer(
    tenure: pd.DataFrame,
    *,
    horizon: int = 12,
    unit: str = "month",
    window: str = "",
    confidence: float = 0.95,
) -> TenureAnswer:
    """How long customers stay, from a tenure table.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    horizon : int
        Periods ahead for the share still here; cut to the last period with 50
        customers at risk.
    unit : str
        What one period is called, in the singular.
    window : str
        When the customers were observed, for the sentence.
    confidence : float
        Coverage of all intervals.

    Returns
    -------
    TenureAnswer
        Where late entry leaves the first periods without customers, everything is
        conditional on having stayed until there are some, and the sentence says so.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [6, 18, 30], "event": [1, 1, 0], "n": [310, 230, 460]}
    ... )
    >>> answer = tenure_answer(tenure)
    >>> answer.summary  # doctest: +NORMALIZE_WHITESPACE
    'Half of new customers leave within 18 months (95 % CI 18 to 18), and
    69 % (95 % CI 66 to 72 %) are still here after 12 months
    (1,000 customers, 540 left).'
    """
    curve, last = supported_curve(tenure, confidence=confidence)
    start, n = int(curve["time"].iloc[0]), customers(curve)
    ahead = min(horizon, last - start)
    later = (start + m * ahead for m in MULTIPLES)
    times = [start + ahead, *(t for t in later if start + ahead < t <= last)]
    return TenureAnswer(
        median=median_survival(curve, unit=f"{unit}s", confidence=confidence),
        kept={t: survival_at(curve, t, confidence=confidence) for t in times},
        restricted_mean=_mean(curve, last, unit, confidence),
        table=curve,
        n=n,
        left=round(float(curve["events"].sum())),
        horizon=times[0],
        last=last,
        start=start,
        unit=unit,
        window=window,
    )


def _mean(curve: pd.DataFrame, last: int, unit: str, confidence: float) -> Estimate:
    value, se = discounted_area(curve, last)
    return measured(
        value,
        se,
        customers(curve),
        method=f"restricted mean to {last} {unit}s",
        unit=f"{unit}s",
        confidence=confidence,
    )
