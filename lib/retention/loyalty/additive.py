"""Statistics of sums that customers add to, with a customer-clustered interval.

A statistic of totals is computed again without each bucket of customers by
subtracting the bucket from the totals, all buckets at once: the delete-a-group
jackknife of `retention.intervals`, without counting again.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from retention.intervals import Estimate

METHOD = "delete-a-group jackknife"
# From the totals, each an array whose first place is all customers, to a statistic.
Statistic = Callable[[dict[str, np.ndarray]], np.ndarray]


def totals(sums: pd.DataFrame) -> dict[str, np.ndarray]:
    """Totals of each column: of all buckets, then without each one in turn.

    Parameters
    ----------
    sums : DataFrame
        Index bucket; columns that add up over customers.

    Returns
    -------
    dict of str to ndarray, shape (1 + buckets,)

    Examples
    --------
    >>> parts = pd.DataFrame({"n": [2, 3], "paid": [10.0, 5.0]}, index=["a", "b"])
    >>> {name: list(map(float, v)) for name, v in totals(parts).items()}
    {'n': [5.0, 3.0, 2.0], 'paid': [15.0, 5.0, 10.0]}
    """
    values = sums.to_numpy(dtype=float)
    whole = values.sum(axis=0)
    stacked = np.vstack([whole, whole - values])
    return dict(zip(sums.columns, stacked.T, strict=True))


def estimated(
    replicates: np.ndarray,
    *,
    n: int,
    unit: str = "",
    method: str = METHOD,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate from a statistic of all customers and without each bucket.

    Parameters
    ----------
    replicates : ndarray, shape (1 + buckets,)
        What a statistic makes of `totals`.
    n : int
        Customers.
    unit, method, confidence
        As in :class:`retention.intervals.Estimate`.

    Returns
    -------
    Estimate
        Student's t on B - 1 degrees of freedom; without bounds if a value is not
        finite or there are fewer than two buckets.

    References
    ----------
    Kott (2001), "The delete-a-group jackknife", Journal of Official Statistics 17,
    521-526.

    Examples
    --------
    >>> parts = pd.DataFrame({"n": [1] * 4, "paid": [1.0, 2, 3, 6]}, index=[*"abcd"])
    >>> mean = estimated(ratio(totals(parts), "paid", "n"), n=4)
    >>> round(mean.value, 3), round(mean.se, 3)
    (3.0, 1.08)
    """
    value = float(replicates[0])
    se = standard_error(replicates)
    reach = quantile(len(replicates) - 1, confidence) * se
    bounds = (value - reach, value + reach)
    return Estimate(value, *bounds, n, method, unit, se, confidence)


def standard_error(replicates: np.ndarray) -> float:
    """Jackknife standard error: (B - 1)/B times the squared deviations, rooted."""
    without = replicates[1:]
    size = len(without)
    if size < 2 or not np.isfinite(without).all():
        return float("nan")
    deviations = without - without.mean()
    return float(np.sqrt((size - 1) / size * np.sum(deviations**2)))


def quantile(buckets: int, confidence: float = 0.95) -> float:
    """Student's t quantile for an interval from so many buckets."""
    from scipy.special import stdtrit

    if buckets < 2:
        return float("nan")
    return float(stdtrit(buckets - 1, 0.5 + confidence / 2))


def ratio(sums: dict[str, np.ndarray], top: str, bottom: str) -> np.ndarray:
    """One total over another; missing where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sums[bottom] != 0, sums[top] / sums[bottom], np.nan)


def wide(table: pd.DataFrame, columns: list[str], keys: list[str]) -> pd.DataFrame:
    """Sums by bucket, one column for each key and column, such as `y programme`.

    Parameters
    ----------
    table : DataFrame
        Long table with `bucket`, the keys and the columns.
    columns, keys : list of str

    Returns
    -------
    DataFrame
        Index bucket; absent combinations are 0.
    """
    grouped = table.groupby(["bucket", *keys], observed=True)[columns].sum()
    flat = grouped.unstack(keys, fill_value=0)
    flat.columns = [" ".join(map(str, name)) for name in flat.columns]
    return flat.astype(float)
