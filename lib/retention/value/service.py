"""What is left of revenue once serving a customer has been paid for."""

import math
from functools import partial

import numpy as np
import pandas as pd

from retention.intervals import Estimate, wilson
from retention.value.unevenness import estimated, with_codes


def below_zero(cells: pd.DataFrame) -> Estimate:
    """Share of customers who cost more than their margin.

    Parameters
    ----------
    cells : DataFrame
        From `retention.counts.value_cells`: `n` and `below`.

    Returns
    -------
    Estimate
        Wilson's interval; "%".

    Examples
    --------
    >>> below_zero(pd.DataFrame({"n": [90, 10], "below": [0, 10]})).text
    '10 % (95 % CI 6 to 17 %)'
    """
    return wilson(float(cells["below"].sum()), int(cells["n"].sum()))


def without_profit(cells: pd.DataFrame) -> Estimate:
    """Share of customers whose margin does not exceed their cost: zero counts too.

    Parameters
    ----------
    cells : DataFrame
        From `retention.counts.value_cells`: `n` and `unprofitable`.

    Returns
    -------
    Estimate
        A share with Wilson's interval; "%".

    Examples
    --------
    >>> without_profit(pd.DataFrame({"n": [80, 20], "unprofitable": [0, 20]})).value
    0.2
    """
    return wilson(float(cells["unprofitable"].sum()), int(cells["n"].sum()))


def subsidy(cells: pd.DataFrame) -> Estimate:
    """Share of what profitable customers bring that the others take back.

    Parameters
    ----------
    cells : DataFrame
        From `value_cells` with ``rank="net"``: `net`, `n`, `bucket`.

    Returns
    -------
    Estimate
        Losses of customers below zero over the profits of the rest; "%", jackknife.

    Examples
    --------
    Profitable customers bring 200, the others take back 50:

    >>> cells = pd.DataFrame({"net": [100.0, -25.0] * 2, "n": [10, 5] * 2,
    ...                       "bucket": ["00", "00", "01", "01"]})
    >>> round(subsidy(cells).value, 2)
    0.25
    """
    return estimated(with_codes(cells), _taken_back, unit="%")


def by_revenue(cells: pd.DataFrame, *, groups: int = 10) -> pd.DataFrame:
    """Customers from the largest revenue down, with what each group leaves.

    Parameters
    ----------
    cells : DataFrame
        From `value_cells` with ``rank="revenue"``.
    groups : int

    Returns
    -------
    DataFrame
        `group` (1 = largest), `customers`, and per customer `revenue`, `margin`,
        `cost`, `net`; `below_zero` (share of the group), `share_of_revenue` and
        `share_of_net`. Groups are of equal size up to cells of equal revenue.

    Examples
    --------
    >>> cells = pd.DataFrame({"n": [2, 2], "revenue": [20.0, 80.0],
    ...     "margin": [10.0, 40.0], "cost": [2.0, 44.0], "net": [8.0, -4.0],
    ...     "below": [0, 2]})
    >>> by_revenue(cells, groups=2)[["group", "revenue", "cost", "net", "below_zero"]]
       group  revenue  cost  net  below_zero
    0      1     40.0  22.0 -2.0         1.0
    1      2     10.0   1.0  4.0         0.0
    """
    n, down = cells["n"].to_numpy(), cells.iloc[::-1].reset_index(drop=True)
    before = down["n"].cumsum() - down["n"]
    middle = (before + down["n"] / 2) / n.sum()
    group = np.minimum((middle * groups).astype(int) + 1, groups)
    sums = down.groupby(group.rename("group"))
    sums = sums[["n", "revenue", "margin", "cost", "net", "below"]].sum()
    out = sums[["revenue", "margin", "cost", "net"]].div(sums["n"], axis=0)
    out.insert(0, "customers", sums["n"])
    out["below_zero"] = sums["below"] / sums["n"]
    out["share_of_revenue"] = sums["revenue"] / sums["revenue"].sum()
    out["share_of_net"] = sums["net"] / sums["net"].sum()
    return out.reset_index()


def rank_correlation(crossed: pd.DataFrame) -> Estimate:
    """Spearman's correlation of two measures that were cut into ranked classes.

    Parameters
    ----------
    crossed : DataFrame
        From `retention.counts.value_crossed`: `now`, `then` (classes), `bucket`, `n`;
        rows with `then` = -1 are left out. With fifty classes a side, classes cost
        less than a thousandth of the correlation.

    Returns
    -------
    Estimate
        Jackknife.

    Examples
    --------
    >>> table = pd.DataFrame({"now": [0, 1, 2, 0, 1, 2], "then": [0, 1, 2, 0, 2, 1],
    ...                       "bucket": list("abcdef"), "n": 1})
    >>> round(rank_correlation(table).value, 3)
    0.75
    """
    return estimated(with_codes(crossed[crossed["then"] >= 0]), spearman)


def cost_old_to_new(ages: pd.DataFrame) -> Estimate:
    """Cost of contacts per unit of revenue after the first year over that within it.

    Parameters
    ----------
    ages : DataFrame
        From `retention.counts.margin_by_age`. Only customers seen on either side of
        their first twelve months count: they are compared with themselves, so that
        who stays cannot move the ratio.

    Returns
    -------
    Estimate
        A ratio, 1 = no difference; jackknife.

    Examples
    --------
    The same customers cost a fifth of their revenue at first, later a tenth:

    >>> ages = pd.DataFrame({"old": [0, 1] * 2, "both": 1, "n": 10,
    ...     "bucket": ["00", "00", "01", "01"], "revenue": 1000.0,
    ...     "cost": [200.0, 100.0] * 2})
    >>> round(cost_old_to_new(ages).value, 2)
    0.5
    """
    same = with_codes(ages[ages["both"] == 1])
    if same["old"].nunique() < 2 or not same.loc[same["old"] == 0, "cost"].sum():
        nan = math.nan
        return Estimate(nan, nan, nan, 0, "no customer on either side of a year", "")
    return estimated(same, _cost_ratio, unit="times")


def margin_after_first_year(ages: pd.DataFrame, *, of: str = "margin") -> Estimate:
    """Share of the money earned after customers' first twelve months.

    Parameters
    ----------
    ages : DataFrame
        From `retention.counts.margin_by_age`.
    of : {"margin", "revenue"}

    Returns
    -------
    Estimate
        "%", jackknife.

    Examples
    --------
    >>> ages = pd.DataFrame({"old": [0, 1] * 2, "n": 10, "margin": [100.0, 300.0] * 2,
    ...                      "bucket": ["00", "00", "01", "01"]})
    >>> round(margin_after_first_year(ages).value, 2)
    0.75
    """
    return estimated(with_codes(ages), partial(_old_share, of=of), unit="%")


def spearman(crossed: pd.DataFrame) -> float:
    """Rank correlation of a table of counts by two classes, ties at their mid-rank."""
    n = crossed["n"].to_numpy(float)
    x, y = (_mid_ranks(crossed[name], n) for name in ("now", "then"))
    x, y = x - np.average(x, weights=n), y - np.average(y, weights=n)
    spread = np.sqrt((n * x * x).sum() * (n * y * y).sum())
    return float((n * x * y).sum() / spread) if spread else math.nan


def _mid_ranks(values: pd.Series, n: np.ndarray) -> np.ndarray:
    _, code = np.unique(values.to_numpy(), return_inverse=True)
    size = np.bincount(code, weights=n)
    return (size.cumsum() - size / 2)[code]


def _taken_back(cells: pd.DataFrame) -> float:
    net = cells["net"].to_numpy()
    gains = net[net > 0].sum()
    return float(-net[net < 0].sum() / gains) if gains else math.nan


def _cost_ratio(ages: pd.DataFrame) -> float:
    old, new = (ages[ages["old"] == side] for side in (1, 0))
    later = old["cost"].sum() / old["revenue"].sum()
    return float(later / (new["cost"].sum() / new["revenue"].sum()))


def _old_share(ages: pd.DataFrame, of: str) -> float:
    return float(ages.loc[ages["old"] == 1, of].sum() / ages[of].sum())
