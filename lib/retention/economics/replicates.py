"""A statistic with each bucket of customers left out in turn, all at once."""

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.intervals import Estimate

METHOD = "delete-a-group jackknife"


@dataclass(frozen=True, eq=False)
class Replicates:
    """Sums by period of tenure: of all customers, then without each bucket.

    Attributes
    ----------
    at_risk, events, revenue, margin : array, shape (buckets + 1, last period + 1)
        Row 0 is everybody; column k is period k, and column 0 is empty.
    n : int
        Customers.
    """

    at_risk: np.ndarray = field(repr=False)
    events: np.ndarray = field(repr=False)
    revenue: np.ndarray = field(repr=False)
    margin: np.ndarray = field(repr=False)
    n: int

    @property
    def hazard(self) -> np.ndarray:
        """Share of those at risk who left, 0 where nobody was."""
        return ratio(self.events, self.at_risk)


def replicates(payments: pd.DataFrame) -> Replicates:
    """Sums by period with each bucket left out.

    Parameters
    ----------
    payments : DataFrame
        From `retention.counts.payments`, of one stratum. Without its column
        `bucket` there is a row for everybody only, and estimates have no interval.

    Returns
    -------
    Replicates

    Raises
    ------
    ValueError
        If the table is empty.
    """
    if payments.empty:
        raise ValueError(
            "No customer was under observation for a whole period while money was on "
            "record, so nothing can be said of their worth."
        )
    sums = {
        name: _without_each(payments, name)
        for name in ("at_risk", "events", "revenue", "margin")
    }
    return Replicates(**sums, n=int(payments["n"].sum()))


def jackknifed(
    values: np.ndarray,
    n: int,
    *,
    unit: str = "",
    method: str = METHOD,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate from a statistic's values on replicates.

    Parameters
    ----------
    values : array, shape (buckets + 1,)
        The statistic of everybody, then without each bucket.
    n : int
        Customers.
    unit, method, confidence
        As in `retention.intervals.Estimate`.

    Returns
    -------
    Estimate
        Equal to `retention.intervals.jackknife` of the same statistic. Without a
        bound where there are fewer than two buckets or a replicate is not finite.

    Examples
    --------
    >>> jackknifed(np.array([3.0, 3.67, 3.33, 3.0, 2.0]), 4).n
    4
    """
    from scipy.special import stdtrit

    value, without = float(values[0]), np.asarray(values[1:], float)
    size = len(without)
    if size < 2 or not np.isfinite(values).all():
        no = math.nan
        return Estimate(value, no, no, n, "no interval", unit, no, confidence)
    spread = np.sum((without - without.mean()) ** 2)
    se = math.sqrt((size - 1) / size * spread)
    reach = float(stdtrit(size - 1, 0.5 + confidence / 2)) * se
    return Estimate(
        value, value - reach, value + reach, n, method, unit, se, confidence
    )


def ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Top over bottom, 0 where the bottom is 0."""
    top, bottom = np.broadcast_arrays(np.asarray(top, float), np.asarray(bottom, float))
    return np.divide(top, bottom, out=np.zeros(top.shape), where=bottom != 0)


def _without_each(payments: pd.DataFrame, name: str) -> np.ndarray:
    length = int(payments["period"].max()) + 1
    period = payments["period"].to_numpy(int)
    weights = payments[name].to_numpy(float)
    if "bucket" not in payments:
        return np.bincount(period, weights=weights, minlength=length)[None, :]
    code, buckets = pd.factorize(payments["bucket"], sort=True)
    own = np.bincount(
        code * length + period, weights=weights, minlength=len(buckets) * length
    ).reshape(len(buckets), length)
    total = own.sum(axis=0)
    return np.vstack([total, total - own])
