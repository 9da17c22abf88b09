"""Penalty of a low rating and reward of a high one."""

import pandas as pd

from retention.counts.satisfaction import Products
from retention.satisfaction.clusters import normal_test
from retention.satisfaction.drivers.linear import (
    LinearFit,
    least_squares,
    rated_drivers,
)

NEGLIGIBLE = 0.15  # standard deviations of satisfaction: the equivalence margin


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

    Examples
    --------
    Price only takes away, service only gives:

    >>> import numpy as np
    >>> grid = pd.DataFrame([(a, b) for a in (0, 1, 2) for b in (0, 1, 2)] * 4)
    >>> table = pd.DataFrame({"low_price": grid[0] == 0, "high_price": grid[0] == 2,
    ...     "low_service": grid[1] == 0, "high_service": grid[1] == 2}).astype(float)
    >>> table["satisfaction"] = 3 - 2 * table["low_price"] + table["high_service"]
    >>> found = penalties_and_rewards(Products.of(table, np.arange(36) // 4))
    >>> (found[["penalty", "reward"]].round(2) + 0.0).to_dict("list")
    {'penalty': [-2.0, 0.0], 'reward': [0.0, 1.0]}
    >>> found["kind"].tolist()
    ['basic', 'excitement']
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
    """The regression behind `penalties_and_rewards`.

    Parameters
    ----------
    products : counts.satisfaction.Products
        From `counts.rating_products`.

    Returns
    -------
    LinearFit
        Satisfaction on `low_` and `high_` (0/1) of each driver, and on `expectation`
        where it is known.

    Examples
    --------
    >>> table = pd.DataFrame({"low_price": [1.0, 0, 0, 1, 0, 0],
    ...     "high_price": [0.0, 0, 1, 0, 0, 1], "satisfaction": [1.0, 3, 4, 1, 3, 4]})
    >>> fit = penalty_fit(Products.of(table, range(6)))
    >>> dict(zip(fit.names, fit.coef.round(3).tolist(), strict=True))
    {'one': 3.0, 'low_price': -2.0, 'high_price': 1.0}
    """
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

    Parameters
    ----------
    products : counts.satisfaction.Products
        From `counts.rating_products`, with `below_` and `over_` of each driver.

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

    Examples
    --------
    A point under the middle takes two away, a point over it gives one:

    >>> table = pd.DataFrame({"low_price": 0.0, "below_price": [2.0, 1, 0, 0, 0] * 2,
    ...     "over_price": [0.0, 0, 0, 1, 2] * 2})
    >>> table["satisfaction"] = 5 - 2 * table["below_price"] + table["over_price"]
    >>> found = asymmetry(Products.of(table, range(10)))
    >>> found[["below", "above", "difference"]].round(3)
           below  above  difference
    price    2.0    1.0         1.0
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
