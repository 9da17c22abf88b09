"""Intervals from formulas: Wilson, standard errors on a suitable scale, delta."""

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pandas as pd

from retention.intervals.estimate import Estimate

# scale -> (to the scale, slope of that map, back from the scale)
SCALES: dict[str, tuple[Callable, Callable, Callable]] = {
    "linear": (lambda x: x, np.ones_like, lambda y: y),
    "log": (np.log, lambda x: 1 / x, np.exp),
    "logit": (
        lambda p: np.log(p / (1 - p)),
        lambda p: 1 / (p * (1 - p)),
        lambda y: 1 / (1 + np.exp(-y)),
    ),
    "log-log": (
        lambda s: np.log(-np.log(s)),
        lambda s: 1 / (s * np.log(s)),
        lambda y: np.exp(-np.exp(y)),
    ),
}


def critical(confidence: float) -> float:
    """Two-sided normal quantile: 1.96 for 0.95."""
    if not 0 < confidence < 1:
        raise ValueError(
            f"confidence must lie between 0 and 1, not {confidence:g}: "
            "write 0.95 for 95 %."
        )
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def limits(
    value: float | np.ndarray,
    se: float | np.ndarray,
    *,
    scale: str = "linear",
    confidence: float = 0.95,
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bounds of a normal interval made on a suitable scale.

    Parameters
    ----------
    value, se : float or array
        Estimate and its standard error, both on the estimate's own scale.
    scale : {"linear", "log", "logit", "log-log"}
        Where the estimate is taken as normal: "log" for positive numbers, "logit"
        for shares, "log-log" for survival. Bounds never leave the possible range.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    tuple of two arrays
        Equal to the value where the scale is undefined there (survival of 0 or 1).

    Examples
    --------
    The 6-MP patients of Freireich (1963) in week 10:

    >>> low, high = limits(0.752941, 0.096350, scale="log-log")
    >>> round(float(low), 3), round(float(high), 3)
    (0.503, 0.889)
    """
    if scale not in SCALES:
        raise ValueError(f"Unknown scale {scale!r}: choose one of {', '.join(SCALES)}.")
    value, se = np.broadcast_arrays(np.asarray(value, float), np.asarray(se, float))
    forward, slope, back = SCALES[scale]
    with np.errstate(all="ignore"):
        centre, reach = forward(value), critical(confidence) * se * np.abs(slope(value))
        ends = np.stack([back(centre - reach), back(centre + reach)])
    ends = np.where(np.isfinite(centre), ends, value)
    return ends.min(axis=0), ends.max(axis=0)


def measured(
    value: float,
    se: float,
    n: int,
    *,
    method: str,
    unit: str = "",
    scale: str = "linear",
    confidence: float = 0.95,
) -> Estimate:
    """Estimate from a value and its standard error.

    Parameters
    ----------
    value, se : float
        Estimate and standard error on its own scale.
    n : int
        Customers behind it.
    method, unit : str
        As in :class:`Estimate`.
    scale : str
        As in :func:`limits`.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> measured(16.1165, 1.2516, 21, method="restricted mean", unit="weeks").text
    '16 weeks (95 % CI 14 to 19)'
    """
    lower, upper = limits(value, se, scale=scale, confidence=confidence)
    return Estimate(
        float(value),
        float(lower),
        float(upper),
        int(n),
        method,
        unit,
        float(se),
        confidence,
    )


def wilson(events: float, n: float, *, confidence: float = 0.95) -> Estimate:
    """Share with Wilson's score interval.

    Parameters
    ----------
    events, n : number
        How many of the n had the event. With n = 0 nothing is known: the value is
        NaN and the interval 0 to 1.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        A fraction with unit "%".

    Raises
    ------
    ValueError
        When events is negative or larger than n.

    References
    ----------
    Newcombe (1998), "Two-sided confidence intervals for the single proportion",
    Statistics in Medicine 17, 857-872, method 3.

    Examples
    --------
    >>> wilson(81, 263).text
    '31 % (95 % CI 26 to 37 %)'
    >>> wilson(0, 20).text
    '0 % (95 % CI 0 to 16 %)'
    """
    if not 0 <= events <= n:
        raise ValueError(
            f"A share needs 0 <= events <= n, not events = {events:g} of n = {n:g}: "
            "check that both count the same customers."
        )
    z = critical(confidence)
    if n == 0:
        return Estimate(math.nan, 0.0, 1.0, 0, "Wilson", "%", math.nan, confidence)
    p, extra = events / n, z * z / n
    centre = (p + extra / 2) / (1 + extra)
    reach = z * math.sqrt(p * (1 - p) / n + extra / (4 * n)) / (1 + extra)
    return Estimate(
        float(p),
        0.0 if events == 0 else centre - reach,  # exact, not 1e-17
        1.0 if events == n else centre + reach,
        int(n),
        "Wilson",
        "%",
        math.sqrt(p * (1 - p) / n),
        confidence,
    )


def delta(
    function: Callable[[np.ndarray], np.ndarray],
    parameters: np.ndarray,
    covariance: np.ndarray,
    *,
    scale: str = "linear",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Values of a smooth function of estimated parameters, with intervals.

    Parameters
    ----------
    function : callable
        From a vector of p parameters to one value or a vector of values.
    parameters : array, shape (p,)
        The estimates.
    covariance : array, shape (p, p)
        Their covariance.
    scale : str
        As in :func:`limits`.
    confidence : float
        Coverage of each interval.

    Returns
    -------
    DataFrame
        ``value``, ``se``, ``lower``, ``upper``, one row per value.

    Examples
    --------
    Half-life of a monthly churn of 4 % with standard error .5 %:

    >>> half_life = lambda p: np.log(0.5) / np.log1p(-p)
    >>> delta(half_life, np.array([0.04]), np.array([[0.005**2]])).round(2)
       value    se  lower  upper
    0  16.98  2.17  12.73  21.23
    """
    theta = np.asarray(parameters, float)
    value = np.atleast_1d(np.squeeze(function(theta)))
    gradient = _gradient(function, theta)
    variance = np.einsum("ip,pq,iq->i", gradient, covariance, gradient)
    se = np.sqrt(np.maximum(variance, 0))
    lower, upper = limits(value, se, scale=scale, confidence=confidence)
    return pd.DataFrame({"value": value, "se": se, "lower": lower, "upper": upper})


def _gradient(function: Callable, theta: np.ndarray) -> np.ndarray:
    """Central differences, one column per parameter."""
    step = np.cbrt(np.finfo(float).eps) * np.maximum(np.abs(theta), 0.1)
    columns = [
        (
            np.atleast_1d(np.squeeze(function(theta + shift)))
            - np.atleast_1d(np.squeeze(function(theta - shift)))
        )
        / (2 * shift.sum())
        for shift in np.diag(step)
    ]
    return np.stack(columns, axis=1)
