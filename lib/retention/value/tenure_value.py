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

    Examples
    --------
    A tenth leave every month, and a month's delay costs nothing: 1 + 0.9 + 0.81.

    >>> cells = pd.DataFrame({"entry": 0, "duration": 1, "event": [1, 0],
    ...                       "n": [10, 90]})
    >>> residual_tenure(cells, ahead=3, annual_discount_rate=0.0).round(2).tolist()
    [2.71, 2.71]
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

    Examples
    --------
    Ten a month from customers who are expected to pay 2.71 times:

    >>> cells = pd.DataFrame({"entry": 0, "duration": 1, "event": [1, 0] * 2,
    ...     "n": [10, 90] * 2, "net": [100.0, 900.0] * 2, "active": [10, 90] * 2,
    ...     "bucket": ["00", "00", "01", "01"]})
    >>> found = expected_residual_margin(cells, ahead=3, annual_discount_rate=0.0,
    ...                                  unit="EUR per customer")
    >>> round(found.value, 2), found.unit
    (27.1, 'EUR per customer')
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

    Examples
    --------
    >>> cells = pd.DataFrame({"segment": ["shop", "shop", "web", "web"], "entry": 0,
    ...     "duration": 1, "event": [1, 0] * 2, "n": [10, 90, 20, 80],
    ...     "net": [100.0, 900.0, 400.0, 1600.0], "active": [10, 90, 20, 80],
    ...     "bucket": "00"})
    >>> found = residual_by_segment(cells, ahead=3, annual_discount_rate=0.0)
    >>> found[["segment", "customers", "net_per_month", "months", "value"]].round(2)
      segment  customers  net_per_month  months  value
    0     web         80           20.0    2.44   48.8
    1    shop         90           10.0    2.71   27.1
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
