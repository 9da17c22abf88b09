"""What calling the riskiest would have met."""

import math

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.value.unevenness import estimated, with_codes


def lift(cells: pd.DataFrame, *, capacity: int, horizon: int) -> dict[str, Estimate]:
    """What calling the riskiest would have met, had so many been called.

    Parameters
    ----------
    cells : DataFrame
        As in `brier`, with `bucket`.
    capacity : int
        Customers who can be called; all of them where there are fewer.
    horizon : int

    Returns
    -------
    dict
        "precision" (share of those called who left), "captured" (share of all leavers
        who were among them) and "lift" (precision over the risk of all), each with a
        jackknife interval. Cells of equal risk at the edge are called in part.

    Examples
    --------
    The riskiest 100 of 1,000 are called; 40 of them leave, of all 130:

    >>> cells = pd.DataFrame({"time": [1, 2, 1, 2] * 2, "event": [1, 0] * 4,
    ...     "risk": [0.4, 0.4, 0.1, 0.1] * 2, "n": [20, 30, 45, 405] * 2,
    ...     "bucket": ["00"] * 4 + ["01"] * 4})
    >>> found = lift(cells, capacity=100, horizon=1)
    >>> {name: round(estimate.value, 2) for name, estimate in found.items()}
    {'precision': 0.4, 'captured': 0.31, 'lift': 3.08}
    """
    share = min(capacity / cells["n"].sum(), 1.0)
    names = ["time", "event", "risk", "n", "bucket"]
    ordered = cells[names].sort_values("risk", ascending=False, kind="stable")
    coded = with_codes(ordered)
    coded["gone"] = coded["n"] * coded["event"] * (coded["time"] <= horizon)

    def called(part: pd.DataFrame) -> tuple[float, float, float]:
        n, gone = part["n"].to_numpy(float), part["gone"].to_numpy(float)
        before = n.cumsum() - n
        taken = np.clip((share * n.sum() - before) / n, 0, 1)
        return (taken * gone).sum(), (taken * n).sum(), gone.sum()

    def precision(part: pd.DataFrame) -> float:
        hit, many, _ = called(part)
        return hit / many

    def captured(part: pd.DataFrame) -> float:
        hit, _, all_gone = called(part)
        return hit / all_gone if all_gone else math.nan

    def gain(part: pd.DataFrame) -> float:
        hit, many, all_gone = called(part)
        return (hit / many) / (all_gone / part["n"].sum()) if all_gone else math.nan

    return {
        "precision": estimated(coded, precision, unit="%"),
        "captured": estimated(coded, captured, unit="%"),
        "lift": estimated(coded, gain, unit="times"),
    }


def gains(cells: pd.DataFrame, *, horizon: int) -> pd.DataFrame:
    """Share of leavers found by the share of customers called, riskiest first.

    Parameters
    ----------
    cells : DataFrame
        As in `brier`.
    horizon : int

    Returns
    -------
    DataFrame
        `called` and `found`, both 0 to 1.

    Examples
    --------
    >>> cells = pd.DataFrame({"time": 1, "event": [1, 0, 1, 0],
    ...     "risk": [0.4, 0.4, 0.1, 0.1], "n": [40, 60, 60, 840]})
    >>> gains(cells, horizon=1).round(2)
       called  found
    0     0.0    0.0
    1     0.1    0.4
    2     1.0    1.0
    """
    ranked = cells.sort_values("risk", ascending=False, kind="stable")
    gone = ranked["n"] * ranked["event"] * (ranked["time"] <= horizon)
    sums = pd.DataFrame({"n": ranked["n"], "gone": gone})
    sums = sums.groupby(ranked["risk"].round(4), sort=False).sum().cumsum()
    called = np.append(0.0, sums["n"] / sums["n"].iloc[-1])
    found = np.append(0.0, sums["gone"] / max(sums["gone"].iloc[-1], 1))
    return pd.DataFrame({"called": called, "found": found})
