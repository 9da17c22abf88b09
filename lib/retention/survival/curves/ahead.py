"""What the curve says of the periods ahead, for today's customers and new ones."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from retention.intervals import Estimate, measured
from retention.survival.curves.product_limit import (
    kaplan_meier,
    none_left,
    survival_at,
)
from retention.survival.curves.risk_sets import (
    RiskSets,
    checked_tenure,
    risk_sets,
    supported_period,
)


def conditional_survival(
    tenure: pd.DataFrame, given: int, ahead: int, *, confidence: float = 0.95
) -> Estimate:
    """Share still here ``ahead`` periods from now, of customers here ``given`` periods.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    given : int
        Periods completed so far.
    ahead : int
        Periods to look ahead.
    confidence : float
        Coverage of the log-log interval.

    Returns
    -------
    Estimate
        S(given + ahead) / S(given), a fraction with unit "%".

    Raises
    ------
    ValueError
        When given + ahead lies beyond the observed periods.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3], "event": [1, 1, 0], "n": [30, 20, 50]}
    ... )
    >>> conditional_survival(tenure, given=1, ahead=1).text
    '71 % (95 % CI 59 to 81 %)'
    """
    curve = kaplan_meier(tenure, start=given)
    return survival_at(curve, given + ahead, confidence=confidence)


def new_cohort_loss(
    tenure: pd.DataFrame, horizon: int, *, confidence: float = 0.95
) -> Estimate:
    """Share of new customers lost within ``horizon`` periods of joining.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    horizon : int
        Periods from joining.
    confidence : float
        Coverage of the log-log interval.

    Returns
    -------
    Estimate
        1 - S(horizon), a fraction with unit "%".

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3], "event": [1, 1, 0], "n": [30, 20, 50]}
    ... )
    >>> new_cohort_loss(tenure, 2).text
    '50 % (95 % CI 41 to 60 %)'
    """
    return _complement(
        survival_at(kaplan_meier(tenure), horizon, confidence=confidence)
    )


def expected_loss_of_stock(
    tenure: pd.DataFrame, horizon: int, *, confidence: float = 0.95
) -> Estimate:
    """Share of today's customers expected to leave within ``horizon`` periods.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    horizon : int
        Periods from today.
    confidence : float
        Coverage of the log-log interval.

    Returns
    -------
    Estimate
        One minus :func:`stock_survival`. A stock that has aged loses less than a
        new cohort in the same time (:func:`new_cohort_loss`): its weakest ties are
        gone.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 1, 6], "event": [1, 1, 0, 0], "n": [300, 100, 200, 400]}
    ... )
    >>> round(expected_loss_of_stock(tenure, 2).value, 3)
    0.067
    """
    return _complement(stock_survival(tenure, horizon, confidence=confidence))


def stock_survival(
    tenure: pd.DataFrame, horizon: int, *, confidence: float = 0.95
) -> Estimate:
    """Expected share of today's customers still here in ``horizon`` periods.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table; today's customers are its rows with event 0.
    horizon : int
        Periods from today.
    confidence : float
        Coverage of the log-log interval.

    Returns
    -------
    Estimate
        The average of S(k + horizon) / S(k) over the current customers' completed
        periods k, which are taken as they are; n counts these customers. Past the
        last period with 50 at risk, the hazard is held at the average of the last
        ``horizon`` periods before it, and the method says so.

    Raises
    ------
    ValueError
        When there are no current customers, or a period on their way was never
        observed.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 1, 6], "event": [1, 1, 0, 0], "n": [300, 100, 200, 400]}
    ... )
    >>> stock_survival(tenure, 2).text
    '93.3 % (95 % CI 92.1 to 94.4 %)'
    """
    ages = stock_by_age(tenure)
    sets = risk_sets(tenure)
    tail = supported_period(sets) or int(sets.last[0])
    pooled = slice(max(tail - horizon, 0) + 1, tail + 1)
    stay = _stay(sets, tail, pooled, int(ages.index.max()) + horizon)
    gradient = _gradient(stay, ages, horizon)
    _refuse_unobserved(sets, gradient, tail)
    held = gradient[tail + 1 :].sum()
    note = "" if held == 0 else ", hazard held beyond the observed tail"
    share = _ahead(stay, ages, horizon)
    if share == 1:
        used = gradient[: tail + 1] > 0
        used[pooled] |= held > 0
        smallest = float(sets.at_risk[0, : len(used)][used].min())
        return none_left(smallest, int(ages.sum()), confidence)
    return measured(
        share,
        _standard_error(sets, gradient, pooled),
        int(ages.sum()),
        method=f"conditional Kaplan-Meier averaged over the stock{note}",
        unit="%",
        scale="log-log",
        confidence=confidence,
    )


def stock_by_age(tenure: pd.DataFrame) -> pd.Series:
    """Today's customers by completed periods."""
    table = checked_tenure(tenure)
    here = table[(table["event"] == 0) & (table["n"] > 0)]
    if here.empty:
        raise ValueError(
            "The tenure table holds no current customer (event 0), so there is no "
            "stock to look ahead for."
        )
    return here.groupby("duration")["n"].sum()


def _stay(sets: RiskSets, tail: int, pooled: slice, last: int) -> np.ndarray:
    """Share staying through each period, past the tail the pooled one."""
    n, d = sets.at_risk[0, pooled].sum(), sets.events[0, pooled].sum()
    stay = np.full(last + 1, 1 - d / n)
    observed = min(tail + 1, len(stay))
    stay[:observed] = 1 - sets.hazard[0, :observed]
    return stay


def _ahead(stay: np.ndarray, ages: pd.Series, horizon: int) -> float:
    kept = [stay[k + 1 : k + horizon + 1].prod() for k in ages.index]
    return float(np.average(kept, weights=ages))


def _gradient(stay: np.ndarray, ages: pd.Series, horizon: int) -> np.ndarray:
    """Derivative of the average by the log of each period's share staying."""
    gradient = np.zeros(len(stay))
    for k, weight in (ages / ages.sum()).items():
        window = slice(k + 1, k + horizon + 1)
        gradient[window] += weight * stay[window].prod()
    return gradient


def _standard_error(sets: RiskSets, gradient: np.ndarray, pooled: slice) -> float:
    n, d = sets.at_risk[0].astype(float), sets.events[0]
    tail = pooled.stop - 1
    slopes = np.zeros(len(n))
    slopes[: len(gradient[: tail + 1])] = gradient[: tail + 1]
    # The pooled share staying is itself a function of the pooled periods' shares.
    kept = (n - d)[pooled]
    slopes[pooled] += gradient[tail + 1 :].sum() * kept / max(kept.sum(), 1)
    terms = sets.log_survival_variance[0]
    return math.sqrt(float(np.sum(slopes**2 * np.where(terms < np.inf, terms, 0))))


def _refuse_unobserved(sets: RiskSets, gradient: np.ndarray, tail: int) -> None:
    used = np.flatnonzero(gradient[: tail + 1])
    unseen = used[sets.at_risk[0, used] == 0]
    if len(unseen):
        raise ValueError(
            f"Nobody was at risk in {len(unseen)} periods that today's customers are "
            f"about to enter (first: {unseen[0]}): count tenure over a longer window."
        )


def _complement(share: Estimate) -> Estimate:
    """Estimate of one minus a share."""
    value, lower, upper = 1 - share.value, 1 - share.upper, 1 - share.lower
    return replace(share, value=value, lower=lower, upper=upper)
