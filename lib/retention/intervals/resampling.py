"""Intervals from counting again: delete-a-group jackknife and bootstrap."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from retention.intervals.estimate import Estimate
from retention.intervals.formulas import critical

Statistic = Callable[[pd.DataFrame], float]


def jackknife(
    table: pd.DataFrame,
    statistic: Statistic,
    *,
    bucket: str = "bucket",
    unit: str = "",
    method: str = "delete-a-group jackknife",
    confidence: float = 0.95,
) -> Estimate:
    """Any smooth statistic of a count table with a customer-clustered interval.

    Customers are dealt into buckets by a hash of their id; the statistic is computed
    again without each bucket in turn. All rows of one customer share a bucket, so
    the interval allows for any dependence within customers.

    Parameters
    ----------
    table : DataFrame
        Count table with a bucket column; ``n`` holds the customers of each cell
        where present.
    statistic : callable
        From such a table to one number. Smooth: a mean, a rate, a survival, a
        coefficient; not a median.
    bucket : str
        Name of the bucket column.
    unit, method : str
        As in :class:`Estimate`.
    confidence : float
        Coverage, with Student's t on B - 1 degrees of freedom.

    Returns
    -------
    Estimate
        se² = (B - 1)/B times the sum of squared deviations of the B leave-one-out
        values from their mean.

    Raises
    ------
    ValueError
        With fewer than two buckets, or where the statistic is not finite.

    References
    ----------
    Kott (2001), "The delete-a-group jackknife", Journal of Official Statistics 17,
    521-526.

    Examples
    --------
    With one customer a bucket the mean's usual standard error comes out:

    >>> table = pd.DataFrame({"bucket": list("abcd"), "spend": [1.0, 2, 3, 6], "n": 1})
    >>> mean = jackknife(table, lambda cells: cells["spend"].mean())
    >>> round(mean.value, 3), round(mean.se, 3)
    (3.0, 1.08)
    """
    from scipy.special import stdtrit

    if bucket not in table.columns:
        raise ValueError(
            f"The jackknife needs the column {bucket!r}, and the table has "
            f"{', '.join(map(str, table.columns))}: count again with bucket=True."
        )
    code, groups = pd.factorize(table[bucket].to_numpy(), sort=True)
    if len(groups) < 2:
        raise ValueError(
            f"The jackknife needs at least 2 buckets and found {len(groups)}: "
            "count more customers."
        )
    value = _finite(statistic(table), "all customers")
    without = [
        _finite(statistic(table[code != k]), f"all but bucket {group}")
        for k, group in enumerate(groups)
    ]
    size = len(groups)
    deviations = np.array(without) - np.mean(without)
    se = float(np.sqrt((size - 1) / size * np.sum(deviations**2)))
    reach = float(stdtrit(size - 1, 0.5 + confidence / 2)) * se
    return Estimate(
        value,
        value - reach,
        value + reach,
        _customers(table),
        method,
        unit,
        se,
        confidence,
    )


def bootstrap(
    table: pd.DataFrame,
    statistic: Statistic,
    *,
    rng: np.random.Generator | int,
    replicates: int = 999,
    unit: str = "",
    method: str = "bootstrap of customers",
    confidence: float = 0.95,
) -> Estimate:
    """Any statistic of a count table with a percentile interval.

    Customers in one cell are alike, so drawing n customers with replacement is one
    multinomial draw of the cells' counts: the cost does not grow with customers.

    Parameters
    ----------
    table : DataFrame
        Count table whose column ``n`` holds the customers of each cell.
    statistic : callable
        From such a table to one number.
    rng : Generator or int
        Source of randomness, or its seed.
    replicates : int
        Number of draws.
    unit, method : str
        As in :class:`Estimate`.
    confidence : float
        Coverage: the percentiles that cut off half the rest on either side.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        Without a column ``n`` of whole numbers, or with replicates too few for the
        confidence.

    Examples
    --------
    >>> cells = pd.DataFrame({"kept": [1, 0], "n": [70, 30]})
    >>> share = lambda t: (t["kept"] * t["n"]).sum() / t["n"].sum()
    >>> bootstrap(cells, share, rng=1, unit="%").text
    '70 % (95 % CI 61 to 79 %)'
    """
    counts = _whole_counts(table)
    critical(confidence)
    if replicates * (1 - confidence) < 10:
        raise ValueError(
            f"{replicates} replicates are too few for a {confidence:.0%} interval: "
            f"use at least {int(np.ceil(10 / (1 - confidence)))}."
        )
    draws = np.random.default_rng(rng).multinomial(
        counts.sum(), counts / counts.sum(), size=replicates
    )
    values = np.array(
        [statistic(table.assign(n=draw)[draw > 0]) for draw in draws], float
    )
    tail = (1 - confidence) / 2
    # Percentiles of infinite medians are infinite, not an interpolation with NaN.
    lower, upper = np.quantile(values, [tail, 1 - tail], method="inverted_cdf")
    return Estimate(
        float(statistic(table)),
        float(lower),
        float(upper),
        int(counts.sum()),
        method,
        unit,
        float(values.std(ddof=1)) if np.isfinite(values).all() else float("nan"),
        confidence,
    )


def _whole_counts(table: pd.DataFrame) -> np.ndarray:
    if "n" not in table.columns:
        raise ValueError(
            "The bootstrap needs a column 'n' with the customers of each cell: "
            "count first, or set n = 1 for a table of customers."
        )
    counts = table["n"].to_numpy(dtype=float)
    if not (np.isfinite(counts).all() and (counts == np.floor(counts)).all()):
        raise ValueError("The bootstrap needs whole numbers of customers in 'n'.")
    if counts.sum() < 1 or (counts < 0).any():
        raise ValueError("The bootstrap needs at least one customer and no negative n.")
    return counts.astype(np.int64)


def _finite(value: float, which: str) -> float:
    if not np.isfinite(value):
        raise ValueError(
            f"The statistic is {value} for {which}: the jackknife needs a number that "
            "stays finite when a bucket is left out. Use a restricted mean instead "
            "of a median, or pool small strata."
        )
    return float(value)


def _customers(table: pd.DataFrame) -> int:
    return int(table["n"].sum()) if "n" in table.columns else len(table)
