"""Least squares from cross-products of ratings, bucket by bucket."""

from dataclasses import dataclass, field

import numpy as np

from retention.counts.satisfaction import Products
from retention.intervals import Estimate
from retention.satisfaction.clusters import METHOD, spread


@dataclass(frozen=True, eq=False)
class LinearFit:
    """Least squares from cross-products, with customer-clustered errors.

    Attributes
    ----------
    names : tuple of str
        Columns, "one" (the intercept) first.
    coef, se : array
    left_out : array, shape (buckets, columns)
        Coefficients without each bucket.
    spread : float
        Standard deviation of the response.
    r2 : float
    n : int
    """

    names: tuple[str, ...]
    coef: np.ndarray
    se: np.ndarray
    left_out: np.ndarray = field(repr=False)
    spread: float
    r2: float
    n: int

    def combined(self, of, *, unit: str = "", scaled: bool = False) -> Estimate:
        """A smooth function of the coefficients (a dict by name), with its interval.

        `scaled` gives it in standard deviations of the response.
        """
        by = 1 / self.spread if scaled else 1.0
        value = by * of(dict(zip(self.names, self.coef, strict=True)))
        left = np.array(
            [[by * of(dict(zip(self.names, b, strict=True)))] for b in self.left_out]
        )
        se, reach = (float(x[0]) for x in spread(left))
        low, high = value - reach, value + reach
        return Estimate(float(value), low, high, self.n, METHOD, unit, se)


def least_squares(products: Products, columns, *, response: str) -> LinearFit:
    """Least squares of one column on others, from sums of cross-products.

    Parameters
    ----------
    products : Products
    columns : sequence of str
    response : str

    Returns
    -------
    LinearFit
        Standard errors leave out one bucket of customers at a time.

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> table = pd.DataFrame({"x": rng.normal(size=500)})
    >>> table["y"] = 1 + 2 * table["x"] + rng.normal(scale=0.1, size=500)
    >>> products = Products.of(table, np.arange(500) % 16)
    >>> least_squares(products, ["x"], response="y").coef.round(1).tolist()
    [1.0, 2.0]
    """
    names = ("one", *columns)
    rows = [products.names.index(name) for name in names]
    y = products.names.index(response)
    total = products.total
    coef = _solved(total, rows, y)
    left = np.array([_solved(total - part, rows, y) for part in products.sums])
    n = products.n
    variance = total[y, y] / n - (total[0, y] / n) ** 2
    explained = (coef @ total[rows, y]) / n - (total[0, y] / n) ** 2
    se = spread(left)[0]
    return LinearFit(
        names, coef, se, left, float(np.sqrt(variance)), float(explained / variance), n
    )


def _solved(total: np.ndarray, rows: list[int], y: int) -> np.ndarray:
    return np.linalg.lstsq(total[np.ix_(rows, rows)], total[rows, y], rcond=None)[0]


def rated_drivers(products: Products) -> list[str]:
    """Drivers of which the products hold ratings that vary at both ends."""
    names = [n.removeprefix("low_") for n in products.names if n.startswith("low_")]
    return names
