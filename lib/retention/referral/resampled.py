"""Delete-a-group jackknife for many statistics at once, on arrays."""

import numpy as np
import pandas as pd

from retention.intervals import Estimate


def by_bucket(table: pd.DataFrame, buckets, keys, values: str = "n") -> np.ndarray:
    """Sums of a column by bucket and by whole-number keys.

    Parameters
    ----------
    table : DataFrame
        With a column `bucket`.
    buckets : sequence of str
        All buckets, in the order of the first axis.
    keys : list of (array of int, int)
        Number of each row along an axis, and the length of that axis.
    values : str
        Column to add up.

    Returns
    -------
    ndarray, shape (buckets, ...)
    """
    shape = (len(buckets), *(length for _, length in keys))
    first = pd.Index(buckets).get_indexer(table["bucket"])
    flat = np.ravel_multi_index([first, *(np.asarray(k) for k, _ in keys)], shape)
    weights = table[values].to_numpy(float)
    return np.bincount(flat, weights, np.prod(shape)).reshape(shape)


def with_and_without(totals: np.ndarray) -> np.ndarray:
    """All buckets together in row 0, then all but each in turn."""
    whole = totals.sum(axis=0, keepdims=True)
    return np.concatenate([whole, whole - totals])


def spread(values: np.ndarray) -> np.ndarray:
    """Standard errors from the values of `with_and_without`, along the first axis."""
    without, size = values[1:], len(values) - 1
    deviations = without - without.mean(axis=0)
    return np.sqrt((size - 1) / size * (deviations**2).sum(axis=0))


def estimated(
    values: np.ndarray, n: int, *, method: str, unit: str = "", scale: str = "linear"
) -> Estimate:
    """Estimate from the values with all buckets and without each.

    Parameters
    ----------
    values : array, shape (1 + buckets,)
        As `with_and_without` orders them.
    n : int
    method, unit : str
    scale : {"linear", "log"}
        Where the interval is symmetric.

    Returns
    -------
    Estimate
        With Student's t on (buckets - 1) degrees of freedom.
    """
    from scipy.special import stdtrit

    size, value = len(values) - 1, float(values[0])
    reach = float(stdtrit(size - 1, 0.975)) if size > 1 else np.nan
    se = float(spread(values)) if size > 1 else np.nan
    if scale == "log":
        se_log = float(spread(np.log(values))) if size > 1 else np.nan
        ends = value * np.exp([-reach * se_log, reach * se_log])
    else:
        ends = value + np.array([-reach * se, reach * se])
    return Estimate(value, *map(float, ends), int(n), method, unit, se)


def intervals_of(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bounds of many statistics; NaN with fewer than two buckets."""
    from scipy.special import stdtrit

    size = len(values) - 1
    if size < 2:
        empty = np.full(values.shape[1:], np.nan)
        return empty, empty
    reach = stdtrit(size - 1, 0.975) * spread(values)
    return values[0] - reach, values[0] + reach
