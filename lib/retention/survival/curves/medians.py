"""When half of the customers have left."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.intervals import Estimate, limits
from retention.survival.curves.product_limit import (
    customers,
    kaplan_meier,
    one_curve,
)
from retention.survival.curves.risk_sets import strata

HALF = 0.5 + 1e-12  # products of exact halves may end a rounding error above one half


def median_survival(
    curve: pd.DataFrame, *, unit: str = "periods", confidence: float = 0.95
) -> Estimate:
    """First period by whose end half of the customers have left.

    Parameters
    ----------
    curve : DataFrame
        One stratum of :func:`kaplan_meier`.
    unit : str
        What a period is called, in the plural.
    confidence : float
        Coverage, whatever the curve was drawn with.

    Returns
    -------
    Estimate
        min {k: S(k) <= 1/2}; the bounds are the same for the log-log band's lower
        and upper curves. Infinite where a curve stays above one half to its end.

    References
    ----------
    Brookmeyer & Crowley (1982), "A confidence interval for the median survival
    time", Biometrics 38, 29-41.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3], "event": [1, 1, 0], "n": [3, 2, 5]}
    ... )
    >>> median_survival(kaplan_meier(tenure), unit="months").text
    '2 months (95 % CI 1 or more)'
    """
    curve, survival, lower, upper = _band(curve, confidence)
    time = curve["time"].to_numpy(float)
    value, low, high = (_first(time, s) for s in (survival, lower, upper))
    return Estimate(
        value,
        low,
        high,
        customers(curve),
        "Kaplan-Meier median, Brookmeyer-Crowley interval",
        unit,
        math.nan,
        confidence,
    )


def interpolated_median(
    curve: pd.DataFrame, *, unit: str = "periods", confidence: float = 0.95
) -> Estimate:
    """Moment at which half have left, if leaving is spread evenly within a period.

    Parameters
    ----------
    curve : DataFrame
        One stratum of :func:`kaplan_meier`.
    unit : str
        What a period is called, in the plural.
    confidence : float
        Coverage, whatever the curve was drawn with.

    Returns
    -------
    Estimate
        Linear between the last point above and the first at or below one half; the
        bounds are read off the band in the same way.

    References
    ----------
    Singer & Willett (2003), Applied Longitudinal Data Analysis, chapter 10, who
    quote Miller's interpolation.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3], "event": [1, 1, 0], "n": [30, 30, 40]}
    ... )
    >>> round(interpolated_median(kaplan_meier(tenure)).value, 2)
    1.67
    """
    curve, survival, lower, upper = _band(curve, confidence)
    time = curve["time"].to_numpy(float)
    value, low, high = (_crossing(time, s) for s in (survival, lower, upper))
    return Estimate(
        value,
        low,
        high,
        customers(curve),
        "Kaplan-Meier median, interpolated within the period",
        unit,
        math.nan,
        confidence,
    )


def median_table(
    tenure: pd.DataFrame,
    *,
    by: str | Sequence[str],
    start: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Median tenure of every stratum, with its interval.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    by : str or sequence of str
        Stratum columns.
    start : int
        As in :func:`kaplan_meier`.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Strata, ``n`` (customers), ``events`` (left), ``median``, ``lower``,
        ``upper``; infinite where not reached.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"plan": list("aab"), "duration": [4, 9, 9], "event": [1, 1, 0], "n": 40}
    ... )
    >>> median_table(tenure, by="plan")
      plan   n  events  median  lower  upper
    0    a  80      80     4.0    4.0    inf
    1    b  40       0     inf    inf    inf
    """
    by = strata(by)
    curves = kaplan_meier(tenure, by=by, start=start)
    rows = []
    for level, curve in curves.groupby(by, sort=False, observed=True, dropna=False):
        found = median_survival(curve, confidence=confidence)
        numbers = (found.n, int(curve["events"].sum()))
        rows.append((*level, *numbers, found.value, found.lower, found.upper))
    columns = [*by, "n", "events", "median", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns)


def _band(
    curve: pd.DataFrame, confidence: float
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    curve = one_curve(curve)
    survival, se = curve["survival"].to_numpy(), curve["se"].to_numpy()
    lower, upper = limits(survival, se, scale="log-log", confidence=confidence)
    upper = np.minimum.accumulate(np.where(survival > 0, upper, np.inf))
    return curve, survival, np.where(survival > 0, lower, 0.0), upper


def _first(time: np.ndarray, survival: np.ndarray) -> float:
    reached = np.flatnonzero(survival <= HALF)
    return float(time[reached[0]]) if len(reached) else math.inf


def _crossing(time: np.ndarray, survival: np.ndarray) -> float:
    reached = np.flatnonzero(survival <= HALF)
    if not len(reached):
        return math.inf
    k = reached[0]
    above, below = survival[k - 1], survival[k]
    return float(time[k - 1] + (above - 0.5) / (above - below))
