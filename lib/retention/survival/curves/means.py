"""Restricted mean tenure: the area under the curve up to a horizon."""

import math
from statistics import NormalDist

import numpy as np
import pandas as pd

from retention.intervals import Estimate, limits, measured
from retention.survival.curves.product_limit import (
    customers,
    kaplan_meier,
    one_curve,
)


def discounted_area(
    curve: pd.DataFrame, horizon: int, *, discount: float = 1.0
) -> tuple[float, float]:
    """Area under one curve from its start to a horizon, and its standard error.

    Parameters
    ----------
    curve : DataFrame
        One stratum of :func:`kaplan_meier`.
    horizon : int
        Periods on the curve's clock; survival must be known to horizon - 1.
    discount : float
        Weight of a period relative to the one before; 1 for plain time.

    Returns
    -------
    tuple of float
        sum of discount^(k - start) S(k) over k = start ... horizon - 1, and the root
        of the sum over k of (the area beyond k)² d_k / (n_k (n_k - d_k)).

    Raises
    ------
    ValueError
        When the horizon lies outside what was observed.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3], "event": [1, 1, 0], "n": [3, 2, 5]}
    ... )
    >>> area, se = discounted_area(kaplan_meier(tenure), 3)
    >>> round(area, 3), round(se, 3)
    (2.2, 0.276)
    """
    curve = one_curve(curve)
    first, last = int(curve["time"].iloc[0]), int(curve["time"].iloc[-1])
    gone = curve["survival"].iloc[-1] == 0
    if horizon <= first or (horizon > last + 1 and not gone):
        raise ValueError(
            f"Survival was observed from {first} to {last} periods, so a horizon of "
            f"{horizon} is out of reach: choose one from {first + 1} to {last + 1}."
        )
    inside = curve[curve["time"] < horizon]
    n, d = inside["at_risk"].to_numpy(float), inside["events"].to_numpy(float)
    area = inside["survival"].to_numpy() * discount ** np.arange(len(inside))
    beyond = np.cumsum(area[::-1])[::-1]  # from each period on, its own included
    # Where all left, nothing lies beyond, and the term is 0.
    terms = np.divide(d, n * (n - d), out=np.zeros(len(d)), where=n > d)
    return float(area.sum()), math.sqrt(float(np.sum(beyond**2 * terms)))


def restricted_mean(
    tenure: pd.DataFrame,
    horizon: int,
    *,
    start: int = 0,
    unit: str = "periods",
    confidence: float = 0.95,
) -> Estimate:
    """Mean number of periods stayed out of the first ``horizon``.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    horizon : int
        Set before looking; within the observed periods.
    start : int
        Count from customers who had completed this many periods.
    unit : str
        What a period is called, in the plural.
    confidence : float
        Coverage of the normal interval.

    Returns
    -------
    Estimate
        sum of S(k) over k = start ... horizon - 1: a period counts for those who are
        here when it begins.

    Raises
    ------
    ValueError
        When the horizon lies outside what was observed.

    References
    ----------
    Irwin (1949), Journal of Hygiene 47, 188-189. Klein & Moeschberger (2003),
    Survival Analysis, section 4.5, for the variance.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3], "event": [1, 1, 0], "n": [3, 2, 5]}
    ... )
    >>> restricted_mean(tenure, 3, unit="months").text
    '2.2 months (95 % CI 1.7 to 2.7)'
    """
    curve = kaplan_meier(tenure, start=start)
    value, se = discounted_area(curve, horizon)
    return measured(
        value,
        se,
        customers(curve),
        method=f"restricted mean to {horizon}",
        unit=unit,
        confidence=confidence,
    )


def restricted_mean_difference(
    tenure: pd.DataFrame,
    horizon: int,
    *,
    by: str,
    reference: object = None,
    start: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Restricted means of the strata and their differences from a reference.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    horizon : int
        Set before looking; within the observed periods of every stratum.
    by : str
        The column to compare by.
    reference : object
        Level to compare with; the first in order unless given.
    start : int
        As in :func:`restricted_mean`.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        ``by``, ``n``, ``restricted_mean``, ``se``, and ``difference`` (from the
        reference), ``difference_se``, ``lower``, ``upper``, ``p_value`` (two-sided
        z-test). The reference's own difference is 0 with the rest missing.

    Raises
    ------
    ValueError
        When the reference is not a level, or the horizon is out of reach.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"plan": list("aabb"), "duration": [2, 6] * 2, "event": [1, 0] * 2,
    ...      "n": [60, 40, 20, 80]}
    ... )
    >>> gap = restricted_mean_difference(tenure, 6, by="plan")
    >>> gap[["plan", "restricted_mean", "difference", "lower", "upper"]].round(2)
      plan  restricted_mean  difference  lower  upper
    0    a              3.6         0.0    NaN    NaN
    1    b              5.2         1.6    1.1    2.1
    """
    curves = kaplan_meier(tenure, by=by, start=start)
    rows = [
        (level, customers(curve), *discounted_area(curve, horizon))
        for level, curve in curves.groupby(by, sort=False, observed=True, dropna=False)
    ]
    table = pd.DataFrame(rows, columns=[by, "n", "restricted_mean", "se"])
    reference = table[by].iloc[0] if reference is None else reference
    base = table[table[by] == reference]
    if base.empty:
        levels = ", ".join(map(str, table[by].head()))
        raise ValueError(f"{reference!r} is not a level of {by!r}: choose {levels}.")
    return _against(table, base.iloc[0], table[by] != reference, confidence)


def _against(
    table: pd.DataFrame, base: pd.Series, other: pd.Series, confidence: float
) -> pd.DataFrame:
    gap = table["restricted_mean"] - base["restricted_mean"]
    se = np.hypot(table["se"], base["se"]).where(other)
    lower, upper = limits(gap, se, confidence=confidence)
    p = [2 * NormalDist().cdf(-abs(z)) for z in gap / se.where(se > 0)]
    return table.assign(
        difference=gap, difference_se=se, lower=lower, upper=upper, p_value=p
    )
