"""Numbers that are often quoted for tenure and are wrong, beside the right ones."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.survival.curves.means import discounted_area
from retention.survival.curves.medians import median_survival
from retention.survival.curves.product_limit import kaplan_meier, supported_curve
from retention.survival.curves.risk_sets import checked_tenure


def mean_tenure_of_leavers(tenure: pd.DataFrame) -> float:
    """Mean tenure of those who left: too short, the long stayers are not in it.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.

    Returns
    -------
    float
        In periods; NaN when nobody left.

    Examples
    --------
    >>> tenure = pd.DataFrame({"duration": [1, 5, 9], "event": [1, 1, 0]})
    >>> mean_tenure_of_leavers(tenure)
    3.0
    """
    return _mean_duration(tenure, event=1)


def mean_tenure_of_current(tenure: pd.DataFrame) -> float:
    """Mean tenure so far of today's customers: long stays are met too often.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.

    Returns
    -------
    float
        In completed periods; NaN when nobody is here.

    Examples
    --------
    >>> tenure = pd.DataFrame({"duration": [1, 5, 9], "event": [1, 1, 0]})
    >>> mean_tenure_of_current(tenure)
    9.0
    """
    return _mean_duration(tenure, event=0)


def _mean_duration(tenure: pd.DataFrame, event: int) -> float:
    table = checked_tenure(tenure)
    table = table[(table["event"] == event) & (table["n"] > 0)]
    if table.empty:
        return float("nan")
    return float(np.average(table["duration"], weights=table["n"]))


def kaplan_meier_ignoring_entry(
    tenure: pd.DataFrame, *, by: str | Sequence[str] = (), confidence: float = 0.95
) -> pd.DataFrame:
    """Kaplan-Meier curve that takes every customer as seen from the start: too high.

    Those who left before observation began are in no table; the survivors who came
    under observation late are counted as if they had been at risk all along.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    by : str or sequence of str
        Stratum columns.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        As :func:`kaplan_meier`.

    Examples
    --------
    Of four customers seen from the start two left at once; four old ones stayed on:

    >>> tenure = pd.DataFrame(
    ...     {"entry": [0, 0, 6], "duration": [1, 9, 9], "event": [1, 0, 0],
    ...      "n": [2, 2, 4]}
    ... )
    >>> kaplan_meier_ignoring_entry(tenure)["survival"].tail(1).tolist()
    [0.75]
    >>> kaplan_meier(tenure)["survival"].tail(1).tolist()
    [0.5]
    """
    return kaplan_meier(tenure.assign(entry=0), by=by, confidence=confidence)


def naive_tenure(tenure: pd.DataFrame, *, horizon: int = 12) -> pd.DataFrame:
    """Numbers often quoted for tenure, each beside the right one and the reason.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    horizon : int
        Periods for the share still here; cut to what was observed.

    Returns
    -------
    DataFrame
        ``quoted`` (what is often quoted), ``naive``, ``right_number`` (what answers
        the question), ``right``, ``why``. Periods or shares as fractions; medians
        may be infinite.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"entry": [0, 0, 6], "duration": [1, 9, 9], "event": [1, 0, 0],
    ...      "n": [200, 200, 400]}
    ... )
    >>> naive_tenure(tenure, horizon=6)[["quoted", "naive", "right"]]
                                             quoted  naive  right
    0                 mean tenure of those who left   1.00    5.0
    1              mean tenure of current customers   9.00    5.0
    2             median tenure, late entry ignored    inf    1.0
    3  share still here after 6, late entry ignored   0.75    0.5
    """
    curve, last = supported_curve(tenure)
    start = int(curve["time"].iloc[0])
    ignoring = kaplan_meier(tenure.assign(entry=0), start=start)
    horizon = min(max(horizon, start + 1), last)
    mean = f"mean of the first {last} periods"
    area = start + discounted_area(curve, last)[0]
    rows = [
        (
            "mean tenure of those who left",
            mean_tenure_of_leavers(tenure),
            mean,
            area,
            "those still here are left out, and they stay longest",
        ),
        (
            "mean tenure of current customers",
            mean_tenure_of_current(tenure),
            mean,
            area,
            "long stays are met more often, short ones are gone, and all run on",
        ),
        (
            "median tenure, late entry ignored",
            median_survival(ignoring).value,
            "median tenure",
            median_survival(curve).value,
            "who left before observation began is in no table",
        ),
        (
            f"share still here after {horizon}, late entry ignored",
            _share(ignoring, horizon),
            f"share still here after {horizon}",
            _share(curve, horizon),
            "who left before observation began is in no table",
        ),
    ]
    return pd.DataFrame(
        rows, columns=["quoted", "naive", "right_number", "right", "why"]
    )


def _share(curve: pd.DataFrame, time: int) -> float:
    return float(curve.loc[curve["time"] <= time, "survival"].iloc[-1])
