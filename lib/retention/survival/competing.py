"""Why customers leave: cumulative incidence of each cause, from counts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.intervals import limits
from retention.survival.curves.risk_sets import (
    RiskSets,
    refuse_empty_risk_sets,
    risk_sets,
)
from retention.survival.curves.risk_sets import strata as listed


def aalen_johansen(
    tenure: pd.DataFrame,
    *,
    by: str | Sequence[str] = (),
    start: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Share that has left for each cause, by period, with intervals.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table with a column ``cause``: why a customer left, anything where
        event is 0.
    by : str or sequence of str
        Stratum columns.
    start : int
        Begin with customers who had completed this many periods.
    confidence : float
        Coverage of the pointwise log-log intervals.

    Returns
    -------
    DataFrame
        Strata, ``cause``, ``time`` (start, start + 1, ...), ``at_risk``, ``events``
        (left for that cause), ``incidence``, ``se``, ``lower``, ``upper``. At any
        time the incidences of all causes and the survival of
        :func:`kaplan_meier` add up to 1.

    Raises
    ------
    ValueError
        Without a cause for everybody who left, or when the risk set empties early.

    References
    ----------
    Aalen & Johansen (1978), Scandinavian Journal of Statistics 5, 141-150.
    Marubini & Valsecchi (1995), Analysing Survival Data from Clinical Trials and
    Observational Studies, chapter 10, for the variance.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 1, 2, 2], "event": [1, 1, 1, 0], "n": [20, 10, 30, 40],
    ...      "cause": ["voluntary", "involuntary", "voluntary", ""]}
    ... )
    >>> curves = aalen_johansen(tenure)
    >>> curves.loc[curves["time"] == 2, ["cause", "incidence", "se"]].round(3)
             cause  incidence    se
    2  involuntary        0.1  0.03
    5    voluntary        0.5  0.05
    """
    sets, causes = _by_cause(tenure, by, start)
    before = _lagged(np.cumprod(1 - sets.hazard, axis=1))  # S(k - 1)
    frames = []
    for cause, events in causes.items():
        incidence, se = _incidence(sets, events, before)
        lower, upper = limits(incidence, se, scale="log-log", confidence=confidence)
        frames.append(
            sets.long(
                cause=np.full(events.shape, cause, dtype=object),
                at_risk=sets.at_risk,
                events=events,
                incidence=incidence,
                se=se,
                lower=lower,
                upper=upper,
            )
        )
    return _ordered(frames, sets, by)


def naive_cause_curve(
    tenure: pd.DataFrame, *, by: str | Sequence[str] = (), start: int = 0
) -> pd.DataFrame:
    """One minus Kaplan-Meier per cause, which counts the other leavers as undecided.

    It says how many would have left for one cause had no other existed, if the
    causes were independent, and is quoted as if it said how many did leave for it.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table with a column ``cause``.
    by : str or sequence of str
        Stratum columns.
    start : int
        Begin with customers who had completed this many periods.

    Returns
    -------
    DataFrame
        Strata, ``cause``, ``time``, ``at_risk``, ``events``, ``incidence``; the last
        is never below that of :func:`aalen_johansen`, and over all causes it may add
        up to more than 1.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 1, 2, 2], "event": [1, 1, 1, 0], "n": [20, 10, 30, 40],
    ...      "cause": ["voluntary", "involuntary", "voluntary", ""]}
    ... )
    >>> curves = naive_cause_curve(tenure)
    >>> curves.loc[curves["time"] == 2, ["cause", "incidence"]].round(3)
             cause  incidence
    2  involuntary      0.100
    5    voluntary      0.543
    """
    sets, causes = _by_cause(tenure, by, start)
    frames = []
    for cause, events in causes.items():
        hazard = events / np.maximum(sets.at_risk, 1)
        frames.append(
            sets.long(
                cause=np.full(events.shape, cause, dtype=object),
                at_risk=sets.at_risk,
                events=events,
                incidence=1 - np.cumprod(1 - hazard, axis=1),
            )
        )
    return _ordered(frames, sets, by)


def _by_cause(
    tenure: pd.DataFrame, by: str | Sequence[str], start: int
) -> tuple[RiskSets, dict[object, np.ndarray]]:
    """Risk sets of all causes together and the events of each, in order."""
    if "cause" not in tenure.columns:
        raise ValueError(
            "The tenure table has no column 'cause': count it with cause=True."
        )
    left = tenure["event"] == 1
    if not left.any():
        raise ValueError("Nobody left, so there is no cause to count.")
    unknown = int((left & (tenure["cause"].isna() | (tenure["cause"] == ""))).sum())
    if unknown:
        raise ValueError(
            f"{unknown} rows of customers who left have no cause: name it, for example "
            "tenure['cause'].replace('', 'unknown')."
        )
    sets = risk_sets(tenure, by=by, start=start)
    refuse_empty_risk_sets(sets)
    return sets, {
        cause: _events_of(tenure, cause, by, sets)
        for cause in sorted(tenure.loc[left, "cause"].unique())
    }


def _events_of(
    tenure: pd.DataFrame, cause: object, by: str | Sequence[str], sets: RiskSets
) -> np.ndarray:
    # The same rows with other events censored keep the same strata and periods.
    this = (tenure["event"] == 1) & (tenure["cause"] == cause)
    others_censored = tenure.assign(event=this.astype(int))
    return risk_sets(others_censored, by=by, start=sets.start).events


def _incidence(
    sets: RiskSets, events: np.ndarray, before: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative incidence of one cause and its delta-method standard error."""
    n = sets.at_risk.astype(float)
    per = np.divide(1, n, out=np.zeros(n.shape), where=n > 0)
    incidence = np.cumsum(before * events * per, axis=1)
    # Where all left, survival afterwards is 0 and later periods add nothing.
    terms = sets.log_survival_variance
    greenwood = np.where(terms < np.inf, terms, 0.0)
    own = before**2 * events * (n - events) * per**3
    cross = before * events * per**2
    # Sum over i of (F(t) - F_i)² greenwood_i + own_i - 2 (F(t) - F_i) cross_i,
    # expanded so that it needs running sums only.
    first = np.cumsum(greenwood, axis=1)
    second = np.cumsum(incidence * greenwood + cross, axis=1)
    third = np.cumsum(incidence**2 * greenwood + own + 2 * incidence * cross, axis=1)
    variance = incidence**2 * first - 2 * incidence * second + third
    return incidence, np.sqrt(np.maximum(variance, 0))


def _lagged(survival: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(survival), 1)), survival[:, :-1]], axis=1)


def _ordered(
    frames: list[pd.DataFrame], sets: RiskSets, by: str | Sequence[str]
) -> pd.DataFrame:
    table = pd.concat(frames, ignore_index=True)
    keys = [*listed(by), "cause"]
    rest = [c for c in table.columns if c not in keys]
    return table[[*keys, *rest]].sort_values([*keys, "time"], ignore_index=True)
