"""How unevenly value is spread over customers."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from retention.intervals import Estimate, jackknife

GROUPS = 64


def lorenz(cells: pd.DataFrame, *, of: str = "revenue") -> pd.DataFrame:
    """Share of the money that the lowest share of customers brings.

    Parameters
    ----------
    cells : DataFrame
        `n` customers and the sum of `of`, a row a cell; a cell's customers count as
        equal. From `retention.counts.value_cells`, or rows of single customers.
    of : str
        Column of the money.

    Returns
    -------
    DataFrame
        `customers` and `money`: cumulative shares from the lowest customer up,
        beginning at (0, 0) and ending at (1, 1).

    Examples
    --------
    >>> lorenz(pd.DataFrame({"n": [1, 1], "revenue": [10.0, 30.0]}))
       customers  money
    0        0.0   0.00
    1        0.5   0.25
    2        1.0   1.00
    """
    n, money = _ranked(cells, of)
    total = _positive(money.sum(), of)
    return pd.DataFrame(
        {
            "customers": np.append(0.0, n.cumsum() / n.sum()),
            "money": np.append(0.0, money.cumsum() / total),
        }
    )


def gini(cells: pd.DataFrame, *, of: str = "revenue") -> float:
    """Gini coefficient: 0 if all customers bring the same, 1 if one brings all.

    Parameters
    ----------
    cells, of
        As in `lorenz`. With negative amounts it can exceed 1.

    Returns
    -------
    float

    References
    ----------
    Twice the area between the Lorenz curve and the diagonal; for single customers
    2 sum(i x_i) / (n sum x) - (n + 1) / n with x in rising order.

    Examples
    --------
    >>> round(gini(pd.DataFrame({"n": [1, 1], "revenue": [10.0, 30.0]})), 3)
    0.25
    """
    curve = lorenz(cells, of=of).to_numpy()
    steps = np.diff(curve[:, 0])
    return float(1 - np.sum(steps * (curve[1:, 1] + curve[:-1, 1])))


def top_share(cells: pd.DataFrame, *, share: float = 0.2, of: str = "revenue") -> float:
    """Share of the money that the top customers by that money bring.

    Parameters
    ----------
    cells, of
        As in `lorenz`. With losses further down it can exceed 1.
    share : float
        0.2 for the top fifth.

    Returns
    -------
    float
        0.6 is 60 % of the money.

    Raises
    ------
    ValueError
        If all customers together bring nothing.

    Examples
    --------
    >>> five = pd.DataFrame({"n": [4, 1], "revenue": [40.0, 60.0]})
    >>> top_share(five)
    0.6
    """
    n, money = _ranked(cells, of)
    above = np.append(0.0, n[::-1].cumsum())
    brought = np.append(0.0, money[::-1].cumsum())
    return float(
        np.interp(share * n.sum(), above, brought) / _positive(money.sum(), of)
    )


def concentration(
    cells: pd.DataFrame, *, of: str = "revenue", share: float = 0.2
) -> dict[str, Estimate]:
    """Top share and Gini coefficient with jackknife intervals.

    Parameters
    ----------
    cells : DataFrame
        As in `lorenz`, with `bucket`.
    of : str
    share : float

    Returns
    -------
    dict of str to Estimate
        "top" (share of the money) and "gini".

    Raises
    ------
    ValueError
        If all customers together bring nothing.

    Examples
    --------
    One customer in five brings 60 of 100:

    >>> cells = pd.DataFrame({"n": [8, 2] * 2, "revenue": [80.0, 120.0] * 2,
    ...                       "bucket": ["00", "00", "01", "01"]})
    >>> found = concentration(cells)
    >>> round(found["top"].value, 2), round(found["gini"].value, 2)
    (0.6, 0.4)
    """
    coded = with_codes(cells[["n", of, "bucket"]])
    # Ranked once, so that ranking again without a group is one walk through the rows.
    rank = np.argsort((coded[of] / coded["n"]).to_numpy(), kind="stable")
    coded = coded.iloc[rank]
    return {
        "top": estimated(coded, partial(top_share, share=share, of=of), unit="%"),
        "gini": estimated(coded, partial(gini, of=of)),
    }


def whale_curve(cells: pd.DataFrame, *, of: str = "net") -> pd.DataFrame:
    """Cumulative profit by customers from the most to the least profitable.

    Parameters
    ----------
    cells, of
        As in `lorenz`, ranked by `of`.

    Returns
    -------
    DataFrame
        `customers` (share, best first) and `money` (share of the total): it rises
        above 1 where the worst customers take back what the others bring.

    Examples
    --------
    >>> whale_curve(pd.DataFrame({"n": [1, 1, 2], "net": [-20.0, 40.0, 80.0]}))
       customers  money
    0       0.00    0.0
    1       0.50    0.8
    2       0.75    1.2
    3       1.00    1.0
    """
    n, money = _ranked(cells, of)
    total = _positive(money.sum(), of)
    customers = n[::-1].cumsum() / n.sum()
    return pd.DataFrame(
        {
            "customers": np.append(0.0, customers),
            "money": np.append(0.0, money[::-1].cumsum() / total),
        }
    )


def still_top(crossed: pd.DataFrame, *, top: int) -> Estimate:
    """Share of the top customers who are top in the next window too.

    Parameters
    ----------
    crossed : DataFrame
        From `retention.counts.value_crossed`: `now` and `then` (class, -1 = without
        money), `bucket`, `n`.
    top : int
        Number of the top class.

    Returns
    -------
    Estimate
        Those who left count as not top.

    Examples
    --------
    >>> crossed = pd.DataFrame({"now": [9, 9, 9, 0], "then": [9, 5, -1, 9],
    ...                         "n": [60, 30, 10, 40]})
    >>> still_top(crossed, top=9).value
    0.6
    """
    chosen = crossed[crossed["now"] == top]
    return share_of(chosen, chosen["then"] == top, "now top, top again")


def pareto_alpha(top: float, share: float) -> float:
    """Exponent of the Pareto law under which a top share of customers bring a share.

    Parameters
    ----------
    top, share : float
        0.2 and 0.8 for "80 % from 20 %".

    Returns
    -------
    float
        Above 1; the smaller, the more uneven.

    References
    ----------
    Under a Pareto law the top p bring p^(1 - 1/alpha) of the total.

    Examples
    --------
    >>> round(pareto_alpha(0.2, 0.8), 5)
    1.16096
    """
    return float(1 / (1 - math.log(share) / math.log(top)))


def pareto_gini(alpha: float) -> float:
    """Gini coefficient of a Pareto law, 1 / (2 alpha - 1).

    Parameters
    ----------
    alpha : float
        Exponent of the law, above 1.

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    >>> round(pareto_gini(pareto_alpha(0.2, 0.8)), 5)
    0.75647
    """
    return 1 / (2 * alpha - 1)


def with_codes(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells with their 256 buckets dealt into 64 numbered groups for the jackknife.

    A quarter of the work; the standard error is then itself known to about 9 %.
    """
    code = pd.factorize(cells["bucket"], sort=True)[0] % GROUPS
    return cells.assign(bucket=code)


def estimated(
    cells: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], float],
    *,
    unit: str = "",
    method: str = "delete-a-group jackknife",
) -> Estimate:
    """Estimate of any smooth statistic, without an interval for a single bucket."""
    if cells["bucket"].nunique() > 1:
        try:
            return jackknife(cells, statistic, unit=unit, method=method)
        except ValueError:
            pass  # undefined without one bucket: one customer brings everything
    value, n = statistic(cells), int(cells["n"].sum())
    none = math.nan
    return Estimate(float(value), none, none, n, "too few customers", unit)


def share_of(cells: pd.DataFrame, hit, what: str) -> Estimate:
    """Wilson share of the customers of cells for whom something is so."""
    from retention.intervals import wilson

    total = int(cells["n"].sum())
    if not total:
        return Estimate(math.nan, math.nan, math.nan, 0, what, "%")
    return wilson(float(cells.loc[hit, "n"].sum()), total)


def _ranked(cells: pd.DataFrame, of: str) -> tuple[np.ndarray, np.ndarray]:
    n, money = cells["n"].to_numpy(float), cells[of].to_numpy(float)
    order = np.argsort(money / n, kind="stable")
    return n[order], money[order]


def _positive(total: float, of: str) -> float:
    if not total > 0:
        raise ValueError(
            f"All customers together bring {total:,.2f} of {of}: a share of it says "
            "nothing. Look at revenue, or at a longer window."
        )
    return total
