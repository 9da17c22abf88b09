"""A value with its interval."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from retention.intervals.wording import number, quantity, scaled, shown_digits


@dataclass(frozen=True, eq=False)
class Estimate:
    """A value with its interval, the customers behind it and how it was made.

    Attributes
    ----------
    value, lower, upper : float
        The estimate and the bounds of its interval. Shares are fractions (0.31).
        A value or upper bound may be infinite: a median that was not reached.
    n : int
        Customers (or whatever is counted) that the estimate rests on.
    method : str
        How value and interval were made, for the table beneath the answer.
    unit : str
        "months", "%", "percentage points", "EUR per customer", ... Only wording
        depends on it: with "%" the value 0.31 reads as 31 %.
    se : float
        Standard error on the scale of the value; NaN where none exists.
    confidence : float
        Coverage of the interval, 0.95 unless told otherwise.

    Examples
    --------
    >>> Estimate(30.31, 29.1, 31.93, 2_960, "Kaplan-Meier", "months").text
    '30.3 months (95 % CI 29.1 to 31.9)'
    >>> Estimate(0.31, 0.29, 0.33, 2_960, "Wilson", "%").text
    '31 % (95 % CI 29 to 33 %)'
    >>> Estimate(23, 13, math.inf, 21, "Brookmeyer-Crowley", "weeks").text
    '23 weeks (95 % CI 13 or more)'
    >>> Estimate(4.267, 3.1, 5.44, 900, "delta", "EUR per customer").text
    'EUR 4.27 per customer (95 % CI 3.10 to 5.44)'
    """

    value: float
    lower: float
    upper: float
    n: int
    method: str
    unit: str = ""
    se: float = math.nan
    confidence: float = 0.95

    @property
    def text(self) -> str:
        """Value, unit and interval as one would say them."""
        value, lower, upper = self._shown()
        if math.isnan(self.value):
            return "not available"
        said = quantity(value, self.unit) if math.isfinite(self.value) else value
        if math.isnan(self.lower) or math.isnan(self.upper):
            return f"{said} (no interval)"
        if math.isinf(self.value) and not math.isfinite(self.lower):
            return said
        return f"{said} ({100 * self.confidence:.4g} % CI {self._range(lower, upper)})"

    @property
    def value_text(self) -> str:
        """Value and unit alone, with the digits that the interval can bear."""
        shown = self._shown()[0]
        return quantity(shown, self.unit) if math.isfinite(self.value) else shown

    @property
    def range_text(self) -> str:
        """Interval alone: "29.1 to 31.9 months"."""
        low, high = self._shown()[1:]
        return self._range(low, high, unit=self.unit)

    def _shown(self) -> tuple[str, str, str]:
        numbers = [scaled(v, self.unit) for v in (self.value, self.lower, self.upper)]
        digits = shown_digits(numbers, self.unit)
        value, lower, upper = (
            number(v, digits) if math.isfinite(v) else "" for v in numbers
        )
        if math.isnan(self.value):
            return "not available", lower, upper
        return value or "not reached", lower, upper

    def _range(self, lower: str, upper: str, *, unit: str = "") -> str:
        closing = unit or self._unit_in_brackets()
        if lower and upper:
            return quantity(f"{lower} to {upper}", closing)
        if not lower and not upper:
            return "without bounds"
        bound = quantity(lower or upper, closing)
        return f"{bound} or {'more' if lower else 'less'}"

    def _unit_in_brackets(self) -> str:
        # "not reached (29 months or more)" has no unit elsewhere to lean on.
        return self.unit if self.unit == "%" or math.isinf(self.value) else ""


def difference(first: Estimate, second: Estimate) -> Estimate:
    """First minus second, for two estimates from different customers.

    Parameters
    ----------
    first, second : Estimate
        Independent estimates in the same unit, each with a standard error.

    Returns
    -------
    Estimate
        With a symmetric normal interval; n is the sum, and a difference of shares
        is in percentage points.

    Raises
    ------
    ValueError
        When the units differ.

    Examples
    --------
    >>> a = Estimate(16.1165, 13.66, 18.57, 21, "restricted mean", "weeks", 1.2516)
    >>> b = Estimate(8.4286, 5.94, 10.91, 21, "restricted mean", "weeks", 1.2681)
    >>> difference(a, b).text
    '8 weeks (95 % CI 4 to 11)'
    """
    if first.unit != second.unit:
        raise ValueError(
            f"A difference needs one unit, not {first.unit!r} and {second.unit!r}: "
            "bring both estimates to the same unit first."
        )
    gap, se = first.value - second.value, math.hypot(first.se, second.se)
    reach = NormalDist().inv_cdf(0.5 + first.confidence / 2) * se
    return Estimate(
        gap,
        gap - reach,
        gap + reach,
        first.n + second.n,
        f"difference, {first.method}",
        "percentage points" if first.unit == "%" else first.unit,
        se,
        first.confidence,
    )
