"""Several numbers at once with intervals that allow for customers asked repeatedly."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from retention.intervals import Estimate, wilson

METHOD = "delete-a-group jackknife over customers"


def clustered(
    table: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], Mapping],
    *,
    groups: int = 256,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Several statistics of one count table, each with its jackknife interval.

    As `retention.intervals.jackknife`, for a statistic that yields many numbers from
    one fit.

    Parameters
    ----------
    table : DataFrame
        Count table with `bucket` (two hex characters) and `n`.
    statistic : callable
        From a table without buckets to a mapping of name to number.
    groups : int
        Into how many groups the buckets are dealt: fewer for costly fits.
    confidence : float

    Returns
    -------
    DataFrame
        Index name; `value`, `se`, `lower`, `upper`. The last three are nan where a
        group less leaves nothing to compute, or there are fewer than two groups.

    Examples
    --------
    >>> table = pd.DataFrame({"bucket": ["00", "01", "02"], "x": [1.0, 2, 6], "n": 1})
    >>> mean = lambda cells: {"mean": (cells["x"] * cells["n"]).sum() / cells.n.sum()}
    >>> clustered(table, mean).round(3).loc["mean", ["value", "se"]].tolist()
    [3.0, 1.528]
    """
    cells, counts = dealt(table, groups)
    value = pd.Series(statistic(cells.assign(n=counts.sum(axis=1))), dtype=float)
    left = [statistic(cells.assign(n=n)) for n in without_each(counts)]
    found = pd.DataFrame(left, columns=value.index, dtype=float)
    se, reach = spread(found.to_numpy(), confidence)
    return pd.DataFrame(
        {"value": value, "se": se, "lower": value - reach, "upper": value + reach}
    )


def dealt(table: pd.DataFrame, groups: int = 256) -> tuple[pd.DataFrame, np.ndarray]:
    """Cells without buckets, and their counts by group of buckets."""
    keys = [c for c in table.columns if c not in ("bucket", "n")]
    grouped = table.groupby(keys, dropna=False, observed=True, sort=True)
    cells = grouped.size().reset_index()[keys]
    code = grouped.ngroup().to_numpy()
    bucket = np.array([int(b, 16) % groups for b in table["bucket"]], int)
    present, place = np.unique(bucket, return_inverse=True)
    counts = np.zeros((len(cells), len(present)))
    np.add.at(counts, (code, place), table["n"].to_numpy(float))
    return cells, counts


def without_each(counts: np.ndarray):
    """Counts of the cells with one group left out at a time."""
    total = counts.sum(axis=1)
    return (total - counts[:, b] for b in range(counts.shape[1]))


def spread(left_out: np.ndarray, confidence: float = 0.95):
    """Standard error and half-width of the interval from leave-one-out values."""
    from scipy.special import stdtrit

    size = len(left_out)
    if size < 2:
        nothing = np.full(left_out.shape[1:], np.nan)
        return nothing, nothing
    away = left_out - left_out.mean(axis=0)
    se = np.sqrt((size - 1) / size * (away**2).sum(axis=0))
    return se, stdtrit(size - 1, 0.5 + confidence / 2) * se


def share(value: float, se: float, n: int, *, method: str = "") -> Estimate:
    """Share with Wilson's interval on the number of answers that are worth one each.

    Repeated answers of a customer, and unequal weights, say less than as many
    single ones: the interval is Wilson's for value * (1 - value) / se**2 answers,
    and never for more than there are.

    Parameters
    ----------
    value, se : float
        The share and its clustered standard error (nan: taken as if unclustered).
    n : int
        Answers behind it.
    method : str

    Returns
    -------
    Estimate
    """
    method = method or "Wilson, effective number of answers by jackknife"
    if not n or not np.isfinite(value):
        return Estimate(np.nan, 0.0, 1.0, int(n), method, "%")
    worth = float(n)
    if np.isfinite(se) and se > 0:
        worth = min(worth, value * (1 - value) / se**2)
    found = wilson(min(max(value, 0.0), 1.0) * worth, worth)
    return Estimate(value, found.lower, found.upper, int(n), method, "%", found.se)


def normal_test(value: float, se: float) -> tuple[float, float]:
    """Z and two-sided p of a value against zero; nan where it has no error."""
    from scipy.special import ndtr

    z = value / se if se > 0 else np.nan
    return z, float(2 * ndtr(-abs(z)))


def as_estimate(row: pd.Series, n: int, *, unit: str = "", method: str = METHOD):
    """Estimate from a row of `clustered`."""
    return Estimate(
        float(row["value"]),
        float(row["lower"]),
        float(row["upper"]),
        int(n),
        method,
        unit,
        float(row["se"]),
    )
