"""Life table and Kaplan-Meier curve, from counts."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.intervals import Estimate, limits, measured
from retention.survival.curves.risk_sets import (
    RiskSets,
    earliest_start,
    refuse_empty_risk_sets,
    risk_sets,
    supported_period,
)


def life_table(
    tenure: pd.DataFrame, *, by: str | Sequence[str] = (), start: int = 0
) -> pd.DataFrame:
    """Who was at risk, who left and which share of customers was kept, by period.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table: ``entry``, ``duration``, ``event`` (1 left, 0 still here),
        ``n`` and strata. Censored customers have completed their last period, so
        nobody is halved as in the actuarial table.
    by : str or sequence of str
        Stratum columns.
    start : int
        Begin with customers who had completed this many periods.

    Returns
    -------
    DataFrame
        Strata, ``period`` (from start + 1), ``entered`` (came under observation at
        its beginning), ``at_risk``, ``events``, ``censored`` (last seen at its end,
        still here), ``hazard``, ``hazard_se``, ``survival``, ``survival_se``.

    Raises
    ------
    ValueError
        When the risk set empties before the last observed period.

    Examples
    --------
    >>> tenure = pd.DataFrame({"duration": [1, 1, 2], "event": [1, 0, 0], "n": 10})
    >>> life_table(tenure)[["period", "at_risk", "events", "hazard", "survival"]]
       period  at_risk  events    hazard  survival
    0       1       30      10  0.333333  0.666667
    1       2       10       0  0.000000  0.666667
    """
    sets = risk_sets(tenure, by=by, start=start)
    refuse_empty_risk_sets(sets)
    survival, se = _product_limit(sets)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard_se = np.sqrt(sets.hazard * (1 - sets.hazard) / sets.at_risk)
    stayed = sets.at_risk - sets.events - sets.censored
    entered = sets.at_risk.copy()
    entered[:, 1:] -= stayed[:, :-1]
    entered[:, sets.start + 1] = sets.at_risk[:, sets.start + 1]
    table = sets.long(
        entered=entered,
        at_risk=sets.at_risk,
        events=sets.events,
        censored=sets.censored,
        hazard=sets.hazard,
        hazard_se=hazard_se,
        survival=survival,
        survival_se=se,
    )
    later = table["time"] > sets.start
    return table[later].rename(columns={"time": "period"}).reset_index(drop=True)


def kaplan_meier(
    tenure: pd.DataFrame,
    *,
    by: str | Sequence[str] = (),
    start: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Kaplan-Meier curve with Greenwood errors and log-log intervals.

    Customers who came under observation late count from then on: at risk in period
    k are those with entry < k <= duration.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table: ``entry``, ``duration``, ``event`` (1 left, 0 still here),
        ``n`` and strata. Missing ``entry`` means seen from the start, missing ``n``
        one customer a row.
    by : str or sequence of str
        Stratum columns, one curve each.
    start : int
        Begin with customers who had completed this many periods: survival is then
        conditional on that.
    confidence : float
        Coverage of the pointwise intervals.

    Returns
    -------
    DataFrame
        Strata, ``time`` (start, start + 1, ... to the stratum's last observed
        period), ``at_risk``, ``events``, ``censored``, ``hazard``, ``survival``,
        ``se``, ``lower``, ``upper``. The first row has survival 1. Where survival
        is 0 the error is missing, the lower bound 0 and the upper bound the one
        before.

    Raises
    ------
    ValueError
        When the risk set empties early, as late entry can bring about; the message
        names the start to condition on.

    References
    ----------
    Kaplan & Meier (1958), Journal of the American Statistical Association 53,
    457-481. Kalbfleisch & Prentice, The Statistical Analysis of Failure Time Data,
    for the log-log interval.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3], "event": [1, 1, 0], "n": [3, 2, 5]}
    ... )
    >>> curve = kaplan_meier(tenure)
    >>> curve[["time", "at_risk", "events", "survival"]]
       time  at_risk  events  survival
    0     0       10       0       1.0
    1     1       10       3       0.7
    2     2        7       2       0.5
    3     3        5       0       0.5
    """
    sets = risk_sets(tenure, by=by, start=start)
    refuse_empty_risk_sets(sets)
    survival, se = _product_limit(sets)
    lower, upper = limits(survival, se, scale="log-log", confidence=confidence)
    lower, upper = np.where(survival > 0, lower, 0.0), _carried(survival, upper)
    return sets.long(
        at_risk=sets.at_risk,
        events=sets.events,
        censored=sets.censored,
        hazard=sets.hazard,
        survival=survival,
        se=se,
        lower=lower,
        upper=upper,
    )


def _product_limit(sets: RiskSets) -> tuple[np.ndarray, np.ndarray]:
    """Survival and its Greenwood standard error, missing where survival is 0."""
    survival = np.cumprod(1 - sets.hazard, axis=1)
    variance = np.cumsum(sets.log_survival_variance, axis=1)
    se = np.where(
        survival > 0,
        survival
        * np.sqrt(variance, where=variance < np.inf, out=np.zeros(variance.shape)),
        np.nan,
    )
    return survival, se


def _carried(survival: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Bounds where survival is 0: survival cannot exceed its last finite bound."""
    before = np.where(survival > 0, upper, np.inf)
    return np.where(survival > 0, upper, np.minimum.accumulate(before, axis=-1))


def one_curve(curve: pd.DataFrame) -> pd.DataFrame:
    """Curve itself, if it is the curve of one stratum."""
    if (np.diff(curve["time"].to_numpy()) != 1).any():
        raise ValueError(
            "The table holds several curves: choose one stratum first, for example "
            "curve[curve['plan'] == 'basic']."
        )
    return curve


def customers(curve: pd.DataFrame) -> int:
    """Customers behind one curve: everybody leaves or is last seen once."""
    return round(float(curve["events"].sum() + curve["censored"].sum()))


def supported_curve(
    tenure: pd.DataFrame, *, confidence: float = 0.95
) -> tuple[pd.DataFrame, int]:
    """Curve from the first start it can bear, and its last period worth printing.

    Where the first periods hold nobody, it starts where 50 customers are at risk, or
    half of the largest risk set if that is less.
    """
    start = earliest_start(tenure)
    if start:
        at_risk = risk_sets(tenure).at_risk[0]
        thick = np.flatnonzero(at_risk >= min(50, at_risk.max() / 2))
        start = max(start, int(thick[0]) - 1)
    curve = kaplan_meier(tenure, start=start, confidence=confidence)
    last = supported_period(risk_sets(tenure, start=start))
    return curve, last if last > start else int(curve["time"].iloc[-1])


def survival_at(
    curve: pd.DataFrame, time: int, *, confidence: float = 0.95
) -> Estimate:
    """Share still here after so many periods, with its interval.

    Parameters
    ----------
    curve : DataFrame
        One stratum of :func:`kaplan_meier`.
    time : int
        Completed periods, within the observed ones.
    confidence : float
        Coverage, whatever the curve was drawn with.

    Returns
    -------
    Estimate
        A fraction with unit "%"; n counts the customers behind the curve. The
        interval is log-log. Before anybody left, the lower bound is the exact
        binomial one for the smallest risk set so far.

    Raises
    ------
    ValueError
        When the curve holds several strata or ends before ``time``.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3], "event": [1, 1, 0], "n": [3, 2, 5]}
    ... )
    >>> survival_at(kaplan_meier(tenure), 2).text
    '50 % (95 % CI 18 to 75 %)'
    """
    curve = one_curve(curve)
    upto = curve[curve["time"] <= time]
    last = int(curve["time"].iloc[-1])
    gone = curve["survival"].iloc[-1] == 0
    if upto.empty or (time > last and not gone):
        raise ValueError(
            f"The curve runs from {int(curve['time'].iloc[0])} to {last} periods and "
            f"says nothing about {time}: ask for a time within it, or project."
        )
    survival, se = (float(upto[c].iloc[-1]) for c in ("survival", "se"))
    n = customers(curve)
    if survival == 1:
        smallest = upto["at_risk"].iloc[1:].min() if len(upto) > 1 else math.inf
        return none_left(float(smallest), n, confidence)
    if survival == 0:
        return _everybody_left(upto, n, confidence)
    return measured(
        survival,
        se,
        n,
        method="Kaplan-Meier, log-log interval",
        unit="%",
        scale="log-log",
        confidence=confidence,
    )


def none_left(smallest: float, n: int, confidence: float) -> Estimate:
    """Survival of 1 with the exact bound that the smallest risk set allows."""
    # No loss among m customers has probability s^m at most, whatever the hazards.
    lower = ((1 - confidence) / 2) ** (1 / smallest)
    method = "Kaplan-Meier, exact binomial bound"
    return Estimate(1.0, lower, 1.0, n, method, "%", 0.0, confidence)


def _everybody_left(upto: pd.DataFrame, n: int, confidence: float) -> Estimate:
    before = upto[upto["survival"] > 0]
    bounds = limits(
        before["survival"], before["se"], scale="log-log", confidence=confidence
    )
    method = "Kaplan-Meier, last bound before all had left"
    return Estimate(
        0.0, 0.0, float(bounds[1].min()), n, method, "%", math.nan, confidence
    )
