"""What a customer of a segment is still worth, from its tenure and its margin."""

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.projection import discount_per_period
from retention.value.unevenness import estimated, with_codes

FEWEST_AT_RISK = 50


def residual_tenure(
    cells: pd.DataFrame,
    *,
    ahead: int,
    annual_discount_rate: float = 0.10,
    time_unit: str = "month",
) -> pd.Series:
    """Discounted periods that customers still here are expected to stay.

    Parameters
    ----------
    cells : DataFrame
        Tenure cells: `entry`, `duration`, `event`, `n`.
    ahead : int
        Periods counted.
    annual_discount_rate : float
    time_unit : str

    Returns
    -------
    Series
        By completed periods k so far: sum of S(k + j) / S(k) discounted by j periods,
        j = 0 ... ahead - 1. Beyond the last period with 50 at risk the hazard is held
        at the mean of the twelve periods before it.
    """
    d = discount_per_period(annual_discount_rate, time_unit)
    hazard = _hazard(cells, ahead)
    survival = np.append(1.0, np.cumprod(1 - hazard))
    weights = d ** np.arange(ahead)
    last = len(survival) - ahead
    worth = [
        (survival[k : k + ahead] * weights).sum() / max(survival[k], 1e-12)
        for k in range(last)
    ]
    return pd.Series(worth, index=pd.RangeIndex(last, name="entry"), name="periods")


def expected_residual_margin(
    cells: pd.DataFrame,
    *,
    ahead: int,
    annual_discount_rate: float = 0.10,
    time_unit: str = "month",
    unit: str = "",
) -> Estimate:
    """Discounted margin that a customer still here is expected to bring, on average.

    Parameters
    ----------
    cells : DataFrame
        From `retention.counts.tenure_margins`: tenure cells with `net` and `active`
        (months of activity) of the last window, and `bucket`.
    ahead, annual_discount_rate, time_unit
        As in `residual_tenure`.
    unit : str
        Of the estimate, such as "EUR per customer".

    Returns
    -------
    Estimate
        Net margin per active month times the discounted residual tenure, averaged
        over the tenures of those still here; jackknife over customers, so that the
        curve, the margin and the mix of tenures are all uncertain.
    """

    def worth(part: pd.DataFrame) -> float:
        left = residual_tenure(
            part,
            ahead=ahead,
            annual_discount_rate=annual_discount_rate,
            time_unit=time_unit,
        )
        here = part[part["event"] == 0]
        months = left.reindex(here["duration"].clip(upper=left.index[-1])).to_numpy()
        monthly = part["net"].sum() / part["active"].sum()
        return float(monthly * np.average(months, weights=here["n"]))

    return estimated(with_codes(cells), worth, unit=unit)


def residual_by_segment(
    cells: pd.DataFrame,
    *,
    ahead: int,
    annual_discount_rate: float = 0.10,
    time_unit: str = "month",
) -> pd.DataFrame:
    """Expected residual margin of each segment's customers, with its parts.

    Parameters
    ----------
    cells : DataFrame
        As in `expected_residual_margin`, with `segment`.
    ahead, annual_discount_rate, time_unit
        As in `residual_tenure`.

    Returns
    -------
    DataFrame
        `segment`, `customers` (still here), `net_per_month`, `months` (discounted),
        `value`, `lower`, `upper` (per customer), highest value first. Segments
        without a customer still here or without money are left out.
    """
    rows = []
    for segment, part in cells.groupby("segment"):
        here = int(part.loc[part["event"] == 0, "n"].sum())
        if not here or not part["active"].sum():
            continue
        found = expected_residual_margin(
            part,
            ahead=ahead,
            annual_discount_rate=annual_discount_rate,
            time_unit=time_unit,
        )
        monthly = part["net"].sum() / part["active"].sum()
        months = found.value / monthly if monthly else np.nan
        row = (segment, here, monthly, months, found.value, found.lower, found.upper)
        rows.append(row)
    names = ["segment", "customers", "net_per_month", "months"]
    out = pd.DataFrame(rows, columns=[*names, "value", "lower", "upper"])
    return out.sort_values("value", ascending=False, ignore_index=True)


def _hazard(cells: pd.DataFrame, ahead: int) -> np.ndarray:
    """Hazard of each period, held constant where too few are at risk, and beyond."""
    n, entry = cells["n"].to_numpy(float), cells["entry"].to_numpy(int)
    stop = cells["duration"].to_numpy(int)
    last = int(stop.max())
    gone = np.bincount(stop, n * cells["event"].to_numpy(), last + 1)
    out = np.bincount(stop, n, last + 1)[::-1].cumsum()[::-1]
    late = np.bincount(np.minimum(entry, last), n, last + 1)[::-1].cumsum()[::-1]
    at_risk = (out - late)[1:]
    hazard = gone[1:] / np.maximum(at_risk, 1)
    enough = np.flatnonzero(at_risk >= min(FEWEST_AT_RISK, at_risk.max()))
    end = int(enough[-1]) + 1
    tail = slice(max(end - 12, 0), end)
    held = gone[1:][tail].sum() / max(at_risk[tail].sum(), 1)
    return np.append(hazard[:end], np.full(last - end + ahead, held))
