"""Money now and later: discounting per period and discounted expected tenure."""

import pandas as pd

from retention.intervals import Estimate, measured
from retention.survival.curves import discounted_area
from retention.survival.curves.product_limit import customers

PERIODS_PER_YEAR = {
    "day": 365.25,
    "week": 365.25 / 7,
    "month": 12,
    "quarter": 4,
    "year": 1,
}


def discount_per_period(annual_discount_rate: float, time_unit: str) -> float:
    """Worth today of one unit of money due one period from now.

    Parameters
    ----------
    annual_discount_rate : float
        0.10 for 10 % a year.
    time_unit : {"day", "week", "month", "quarter", "year"}
        One period.

    Returns
    -------
    float
        (1 + annual_discount_rate)^(-1 / periods a year).

    Raises
    ------
    ValueError
        For a negative rate or an unknown unit.

    Examples
    --------
    >>> round(discount_per_period(0.10, "month"), 6)
    0.992089
    """
    if time_unit not in PERIODS_PER_YEAR:
        raise ValueError(
            f"Unknown time unit {time_unit!r}: choose one of "
            f"{', '.join(PERIODS_PER_YEAR)}."
        )
    if not annual_discount_rate >= 0:
        raise ValueError(
            f"The annual discount rate is {annual_discount_rate:g}; it must be 0 or "
            "more (0.10 for 10 % a year)."
        )
    return float((1 + annual_discount_rate) ** (-1 / PERIODS_PER_YEAR[time_unit]))


def discounted_expected_tenure(
    curve: pd.DataFrame,
    *,
    annual_discount_rate: float,
    time_unit: str = "month",
    horizon: int | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Expected number of periods paid for, each discounted to the day of joining.

    Times a constant margin per period it is the value of a new customer up to the
    horizon. Nothing is projected: what lies beyond the curve is not counted.

    Parameters
    ----------
    curve : DataFrame
        One stratum of :func:`retention.survival.curves.kaplan_meier`.
    annual_discount_rate : float
        0.10 for 10 % a year.
    time_unit : {"day", "week", "month", "quarter", "year"}
        One period of the curve.
    horizon : int, optional
        Periods counted; all that were observed unless given.
    confidence : float
        Coverage of the normal interval.

    Returns
    -------
    Estimate
        sum of S(k) (1 + rate)^(-k / periods a year) over k = 0 ... horizon - 1: each
        period is paid at its beginning by those who are here then.

    Raises
    ------
    ValueError
        When the horizon lies beyond the curve.

    Examples
    --------
    >>> from retention.survival.curves import kaplan_meier
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3], "event": [1, 1, 0], "n": [300, 200, 500]}
    ... )
    >>> years = discounted_expected_tenure(
    ...     kaplan_meier(tenure), annual_discount_rate=0.10, time_unit="year"
    ... )
    >>> years.text  # 1 + .7 / 1.1 + .5 / 1.21
    '2.05 years (95 % CI 2.00 to 2.10)'
    """
    discount = discount_per_period(annual_discount_rate, time_unit)
    horizon = int(curve["time"].iloc[-1]) if horizon is None else horizon
    value, se = discounted_area(curve, horizon, discount=discount)
    return measured(
        value,
        se,
        customers(curve),
        method=f"discounted area under the curve to {horizon}",
        unit=f"{time_unit}s",
        confidence=confidence,
    )
