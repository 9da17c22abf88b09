"""Share of each driver in what the ratings explain."""

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from retention.counts.satisfaction import Products
from retention.satisfaction.drivers.linear import rated_drivers

REPLICATES = 999


def driver_shares(products: Products, *, seed: int = 1) -> pd.DataFrame:
    """Share of each driver in the variance of satisfaction that the ratings explain.

    A driver enters with two indicators, of a low and of a high rating, so that one
    that only takes away counts as much as one that only gives. The gain in R squared
    when a driver enters, averaged over all orders in which the
    drivers can enter (LMG, equal to Shapley's value). Shares of what is explained, in
    this model, by correlation: not what a change would do.

    Parameters
    ----------
    products : Products
    seed : int
        Of the bootstrap: buckets of customers drawn with replacement, 999 times.

    Returns
    -------
    DataFrame
        Index driver: `share`, `lower`, `upper` (percentiles), `r2` (its part of R
        squared; they add up to that of all).

    References
    ----------
    Lindeman, R. H., Merenda, P. F. and Gold, R. Z. (1980). Introduction to Bivariate
    and Multivariate Analysis. Scott, Foresman. Groemping, U. (2007). Estimators of
    relative importance in linear regression based on variance decomposition. The
    American Statistician 61, 139-147.

    Examples
    --------
    Two independent drivers, one with twice the effect:

    >>> grid = pd.DataFrame([(a, b) for a in (0, 1, 2) for b in (0, 1, 2)] * 4)
    >>> table = pd.DataFrame({"low_a": grid[0] == 0, "high_a": grid[0] == 2,
    ...     "low_b": grid[1] == 0, "high_b": grid[1] == 2,
    ...     "satisfaction": 2 * grid[0] + grid[1]}).astype(float)
    >>> found = driver_shares(Products.of(table, np.arange(36) // 4))
    >>> found["share"].round(2).tolist()
    [0.8, 0.2]
    """
    drivers = rated_drivers(products)
    place = products.names.index
    rows = [[place(f"low_{name}"), place(f"high_{name}")] for name in drivers]
    y = place("satisfaction")
    value = _lmg(products.total[None], rows, y)[0]
    rng = np.random.default_rng(seed)
    size = len(products.sums)
    drawn = rng.multinomial(size, np.full(size, 1 / size), size=REPLICATES)
    again = _lmg(np.tensordot(drawn.astype(float), products.sums, 1), rows, y)
    shares = again / again.sum(axis=1, keepdims=True)
    low, high = np.nanpercentile(shares, [2.5, 97.5], axis=0)
    return pd.DataFrame(
        {"share": value / value.sum(), "lower": low, "upper": high, "r2": value},
        index=pd.Index(drivers, name="driver"),
    )


def _lmg(totals: np.ndarray, rows: list[int], y: int) -> np.ndarray:
    """LMG parts for a stack of cross-product matrices, shape (stack, drivers)."""
    n = totals[:, :1, :1]
    mean = totals[:, :1, :] / n
    covariance = totals / n - mean.transpose(0, 2, 1) * mean
    p = len(rows)
    explained = {frozenset(): np.zeros(len(totals))}
    for size in range(1, p + 1):
        for chosen in combinations(range(p), size):
            cols = [column for j in chosen for column in rows[j]]
            c = covariance[:, cols, y]
            s = covariance[np.ix_(range(len(totals)), cols, cols)]
            beta = np.linalg.solve(s + 1e-12 * np.eye(len(cols)), c[..., None])[..., 0]
            r2 = (c * beta).sum(axis=1) / np.maximum(covariance[:, y, y], 1e-300)
            explained[frozenset(chosen)] = r2
    parts = np.zeros((len(totals), p))
    for j in range(p):
        for chosen, r2 in explained.items():
            if j not in chosen:
                k = len(chosen)
                weight = factorial(k) * factorial(p - k - 1) / factorial(p)
                parts[:, j] += weight * (explained[chosen | {j}] - r2)
    return parts


def inflation(products: Products) -> pd.Series:
    """Variance inflation of each driver's rating: 1 if it goes its own way.

    Parameters
    ----------
    products : counts.satisfaction.Products

    Returns
    -------
    Series
        Index driver: 1 / (1 - R squared) of its rating on the other ratings.

    Examples
    --------
    Ratings with a correlation of 0.6 inflate one another's variance by 1 / (1 - 0.36):

    >>> table = pd.DataFrame({"low_a": 0, "low_b": 0,
    ...     "a": [1, 1, 1, 1, 5, 5, 5, 5, 1, 5], "b": [1, 1, 1, 1, 5, 5, 5, 5, 5, 1]})
    >>> inflation(Products.of(table)).round(4)
    a    1.5625
    b    1.5625
    Name: vif, dtype: float64
    """
    drivers = rated_drivers(products)
    rows = [products.names.index(name) for name in drivers]
    total, n = products.total, products.n
    covariance = total / n - np.outer(total[0], total[0]) / n**2
    spreads = np.sqrt(np.diag(covariance))[rows]
    correlation = covariance[np.ix_(rows, rows)] / np.outer(spreads, spreads)
    return pd.Series(np.diag(np.linalg.pinv(correlation)), drivers, name="vif")
