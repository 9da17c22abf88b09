"""What moves satisfaction: penalties, rewards, and whose share is how large."""

from dataclasses import dataclass, field
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from retention.counts.satisfaction import Products
from retention.intervals import Estimate
from retention.satisfaction.clusters import METHOD, normal_test, spread

NEGLIGIBLE = 0.15  # standard deviations of satisfaction: the equivalence margin
REPLICATES = 999


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


def penalties_and_rewards(products: Products) -> pd.DataFrame:
    """Penalty of a low rating and reward of a high one, driver by driver.

    Satisfaction on indicators of the lowest and the highest sixth of each driver's
    scale, with the middle as the level to compare with, and on expectation where it
    is known.

    Parameters
    ----------
    products : Products
        From `counts.rating_products`.

    Returns
    -------
    DataFrame
        Index driver: `penalty`, `penalty_se`, `penalty_lower`, `penalty_upper`, the
        same for `reward`, in points of satisfaction; and `kind`, after Kano: "basic"
        (penalty, no reward), "performance" (both), "excitement" (reward, no penalty),
        "indifferent", or "not decided". "No" means that the interval lies within 0.15
        standard deviations of zero; not that a test found nothing.

    References
    ----------
    Brandt, R. D. (1988). How service marketers can identify value-enhancing service
    elements. Journal of Services Marketing 2(3), 35-41.
    """
    fit = penalty_fit(products)
    margin = NEGLIGIBLE * fit.spread
    rows = {}
    for name in rated_drivers(products):
        row = {}
        for side, prefix in (("penalty", "low_"), ("reward", "high_")):
            e = fit.combined(lambda b, k=prefix + name: b[k])
            row |= {side: e.value, f"{side}_se": e.se}
            row |= {f"{side}_lower": e.lower, f"{side}_upper": e.upper}
        rows[name] = row | {"kind": _kind(row, margin)}
    return pd.DataFrame(rows).T.infer_objects().rename_axis("driver")


def penalty_fit(products: Products) -> LinearFit:
    """The regression behind `penalties_and_rewards`."""
    drivers = rated_drivers(products)
    columns = [f"{side}_{name}" for name in drivers for side in ("low", "high")]
    columns += ["expectation"] * ("expectation" in products.names)
    return least_squares(products, columns, response="satisfaction")


def _kind(row: dict, margin: float) -> str:
    low = _sign(row["penalty_lower"], row["penalty_upper"], margin)
    high = _sign(row["reward_lower"], row["reward_upper"], margin)
    kinds = {
        ("below", "none"): "basic",
        ("below", "above"): "performance",
        ("none", "above"): "excitement",
        ("none", "none"): "indifferent",
    }
    return kinds.get((low, high), "not decided")


def _sign(lower: float, upper: float, margin: float) -> str:
    if -margin <= lower and upper <= margin:
        return "none"
    if upper < 0:
        return "below"
    return "above" if lower > 0 else "unclear"


def asymmetry(products: Products) -> pd.DataFrame:
    """Whether a point below the middle of the scale weighs as much as one above.

    Returns
    -------
    DataFrame
        Index driver: `below` and `above` (satisfaction lost, or won, a point under or
        over the middle of the rating's scale), `difference` with `se`, `z` and `p`.

    References
    ----------
    Mittal, V., Ross, W. T. and Baldasare, P. M. (1998). The asymmetric impact of
    negative and positive attribute-level performance on overall satisfaction and
    repurchase intentions. Journal of Marketing 62(1), 33-47.
    """
    drivers = rated_drivers(products)
    columns = [f"{side}_{name}" for name in drivers for side in ("below", "over")]
    columns += ["expectation"] * ("expectation" in products.names)
    fit = least_squares(products, columns, response="satisfaction")
    rows = {}
    for name in drivers:
        below = fit.combined(lambda b, n=name: -b[f"below_{n}"])
        above = fit.combined(lambda b, n=name: b[f"over_{n}"])
        gap = fit.combined(lambda b, n=name: -b[f"below_{n}"] - b[f"over_{n}"])
        test = normal_test(gap.value, gap.se)
        rows[name] = (below.value, above.value, gap.value, gap.se, *test)
    names = ["below", "above", "difference", "se", "z", "p"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names)


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
    """Variance inflation of each driver's rating: 1 if it goes its own way."""
    drivers = rated_drivers(products)
    rows = [products.names.index(name) for name in drivers]
    total, n = products.total, products.n
    covariance = total / n - np.outer(total[0], total[0]) / n**2
    spreads = np.sqrt(np.diag(covariance))[rows]
    correlation = covariance[np.ix_(rows, rows)] / np.outer(spreads, spreads)
    return pd.Series(np.diag(np.linalg.pinv(correlation)), drivers, name="vif")
