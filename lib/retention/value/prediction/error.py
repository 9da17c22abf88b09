"""Squared error of predicted risks, and the risk that was seen."""

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.value.unevenness import estimated, with_codes


def brier(cells: pd.DataFrame, *, horizon: int) -> float:
    """Mean squared error of predicted risks, allowing for ends of follow-up.

    Parameters
    ----------
    cells : DataFrame
        `time` (periods after the landmark of the event or of the end of follow-up),
        `event` (1 = the event), `risk` (predicted at the horizon) and `n`.
    horizon : int

    Returns
    -------
    float
        Weighted by the inverse of the chance of being followed so long: events by
        the horizon by G(time-), those without one beyond it by G(horizon).

    References
    ----------
    Graf, Schmoor, Sauerbrei & Schumacher (1999), "Assessment and comparison of
    prognostic classification schemes for survival data", Statistics in Medicine 18,
    2529-2545.

    Examples
    --------
    >>> two = pd.DataFrame({"time": [1, 3], "event": [1, 0], "risk": [0.5, 0.5],
    ...                     "n": [1, 1]})
    >>> brier(two, horizon=2)
    0.25
    """
    time, event = cells["time"].to_numpy(float), cells["event"].to_numpy()
    n, risk = cells["n"].to_numpy(float), cells["risk"].to_numpy(float)
    followed = followed_at(cells)
    by_then = (time <= horizon) & (event == 1)
    beyond = time > horizon
    loss = n * by_then * (1 - risk) ** 2 / followed(time, before=True)
    loss = loss + n * beyond * risk**2 / followed(np.full(len(time), horizon))
    return float(loss.sum() / n.sum())


def followed_at(cells: pd.DataFrame):
    """Kaplan-Meier chance of still being followed, as a function of time.

    Events at a time come before the ends of follow-up at the same time.
    """
    time, n = cells["time"].to_numpy(int), cells["n"].to_numpy(float)
    event = cells["event"].to_numpy(float)
    gone = np.bincount(time, n * event)
    ended = np.bincount(time, n * (1 - event))
    at_risk = (gone + ended)[::-1].cumsum()[::-1] - gone
    stay = np.cumprod(1 - ended / np.where(at_risk > 0, at_risk, 1))
    times, curve = np.arange(len(stay)), np.append(1.0, stay)

    def at(when: np.ndarray, *, before: bool = False) -> np.ndarray:
        place = np.searchsorted(times, when, side="left" if before else "right")
        return np.maximum(curve[place], 1e-12)

    return at


def scaled_brier(cells: pd.DataFrame, *, horizon: int) -> Estimate:
    """One minus the Brier score over that of one risk for all; 0 = learnt nothing.

    Parameters
    ----------
    cells : DataFrame
        As in `brier`, with `bucket`.
    horizon : int

    Returns
    -------
    Estimate
        A share (unit "%") with a jackknife interval: 1 is a perfect prediction, 0 says
        no more than one risk for all, below 0 it misleads.

    Examples
    --------
    Half of the customers have a risk of 90 %, the others of 10 %, and it comes true:

    >>> cells = pd.DataFrame({"time": [1, 2, 1, 2] * 2, "event": [1, 0] * 4,
    ...     "risk": [0.9, 0.9, 0.1, 0.1] * 2, "n": [90, 10, 10, 90] * 2,
    ...     "bucket": ["00"] * 4 + ["01"] * 4})
    >>> round(scaled_brier(cells, horizon=1).value, 2), round(1 - 0.09 / 0.25, 2)
    (0.64, 0.64)
    """

    def gain(part: pd.DataFrame) -> float:
        same = part.assign(risk=observed_risk(part, horizon=horizon))
        return 1 - brier(part, horizon=horizon) / brier(same, horizon=horizon)

    names = ["time", "event", "risk", "n", "bucket"]
    return estimated(with_codes(cells[names]), gain, unit="%")


def observed_risk(cells: pd.DataFrame, *, horizon: int) -> float:
    """Share with the event by the horizon (Kaplan-Meier: others may drop out).

    Parameters
    ----------
    cells : DataFrame
        `time`, `event` (1 = the event) and `n`, as in `brier`.
    horizon : int
        Periods after the landmark.

    Returns
    -------
    float

    Examples
    --------
    A tenth leave in the first period, a fifth of the rest in the second:

    >>> cells = pd.DataFrame({"time": [1, 2, 2], "event": [1, 1, 0], "n": [10, 18, 72]})
    >>> round(observed_risk(cells, horizon=2), 2)
    0.28
    """
    time, n = cells["time"].to_numpy(int), cells["n"].to_numpy(float)
    gone = np.bincount(time, n * cells["event"].to_numpy())
    at_risk = np.bincount(time, n)[::-1].cumsum()[::-1]
    kept = 1 - gone / np.maximum(at_risk, 1e-12)
    return float(1 - kept[: horizon + 1].prod())
