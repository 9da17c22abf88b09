"""Whether a model of repeat buyers foretold what they then did."""

import numpy as np
import pandas as pd

from retention.intervals import Check, limits
from retention.projection.buyers import OrdersModel
from retention.projection.buyers_fitting import weighted

CLOSE, FAR = 0.05, 0.15
GROUPS = 10


def holdout_track(
    model: OrdersModel, purchases: pd.DataFrame, weekly: pd.DataFrame
) -> pd.DataFrame:
    """Repeat orders week by week and added up, counted and expected.

    Parameters
    ----------
    model : BetaGeometricNBD or ParetoNBD
        Fitted to the weeks up to the cut-off.
    purchases : DataFrame
        ``T`` (weeks from the first order to the cut-off) and ``n``.
    weekly : DataFrame
        From `retention.counts.weekly_orders`: ``week`` (0 ends with the cut-off, 1
        is the first of the holdout) and ``orders``.

    Returns
    -------
    DataFrame
        ``week``, ``orders``, ``expected`` (of customers who were new one after
        another), ``cumulative``, ``expected_cumulative`` and ``holdout`` (1 after
        the cut-off).

    Examples
    --------
    >>> from retention.projection import BetaGeometricNBD
    >>> model = BetaGeometricNBD(0.243, 4.414, 0.793, 2.426)
    >>> cells = pd.DataFrame({"T": [39.0], "n": [1000]})
    >>> weeks = pd.DataFrame({"week": range(-38, 40), "orders": 15})
    >>> track = holdout_track(model, cells, weeks)
    >>> track["expected_cumulative"].round().iloc[[38, -1]].tolist()
    [1197.0, 1861.0]
    """
    firsts = weighted(purchases, ["T"]).groupby("T")["n"].sum()
    ages = firsts.index.to_numpy()[:, None] + weekly["week"].to_numpy(float)
    before = np.maximum(ages - 1, 0)
    by_age = [model.expected_orders(a.ravel()).to_numpy() for a in (ages, before)]
    expected = firsts.to_numpy() @ (by_age[0] - by_age[1]).reshape(ages.shape)
    return pd.DataFrame(
        {
            "week": weekly["week"].to_numpy(),
            "orders": weekly["orders"].to_numpy(),
            "expected": expected,
            "cumulative": weekly["orders"].to_numpy().cumsum(),
            "expected_cumulative": expected.cumsum(),
            "holdout": (weekly["week"].to_numpy() > 0).astype(int),
        }
    )


def track_check(track: pd.DataFrame) -> Check:
    """How far the orders expected in the holdout are from those counted.

    Parameters
    ----------
    track : DataFrame
        From `holdout_track`.

    Returns
    -------
    Check
        PASS when the total is off by at most 5 %, REVIEW up to 15 %, FAIL beyond or
        where the holdout has no orders.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import projection
    >>> track = pd.DataFrame({"holdout": [0, 1, 1], "orders": [10, 12, 8],
    ...                       "expected": [10.0, 11.0, 10.0]})
    >>> projection.track_check(track).status  # 21 expected, 20 came
    'REVIEW'
    """
    name = "orders foretold against orders that came"
    later = track[track["holdout"] == 1]
    came, foretold = float(later["orders"].sum()), float(later["expected"].sum())
    if not came:
        finding = f"No order came in the {len(later)} weeks held out."
        return Check(name, "FAIL", finding, "Choose an earlier cut-off day.")
    off = foretold / came - 1
    size = abs(off)
    status = "PASS" if size <= CLOSE else "REVIEW" if size <= FAR else "FAIL"
    remedy = {
        "PASS": "",
        "REVIEW": "Quote the forecast only with this error beside it.",
        "FAIL": "Do not forecast with this model: look for seasons, promotions or a "
        "change in who is new.",
    }[status]
    finding = (
        f"In {len(later)} weeks {came:,.0f} orders came and {foretold:,.0f} were "
        f"expected: {100 * off:+.1f} %."
    )
    return Check(name, status, finding, remedy)


def deciles(
    model: OrdersModel,
    purchases: pd.DataFrame,
    *,
    weeks: float,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Orders a customer, expected and counted, from the best tenth to the last.

    Parameters
    ----------
    model : BetaGeometricNBD or ParetoNBD
    purchases : DataFrame
        ``x``, ``t_x``, ``T``, ``n`` and ``holdout``; with ``holdout_squares`` the
        counted means have intervals.
    weeks : float
        Length of the holdout.
    confidence : float
        Coverage of the normal interval of each counted mean.

    Returns
    -------
    DataFrame
        ``decile`` (1 has the highest expectation), ``customers``, ``expected`` and
        ``actual`` (orders a customer in the holdout), ``lower`` and ``upper`` (of
        ``actual``; missing without ``holdout_squares``). Customers with the same
        past are never parted, so tenths are not all of one size.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.projection import BetaGeometricNBD, deciles
    >>> model = BetaGeometricNBD(0.243, 4.414, 0.793, 2.426)
    >>> cells = pd.DataFrame({"x": [0, 2], "t_x": [0.0, 30.43], "T": 38.86,
    ...                       "n": [90, 10], "holdout": [20, 11]})
    >>> table = deciles(model, cells, weeks=39)
    >>> table[["decile", "customers", "expected", "actual"]].round(2)
       decile  customers  expected  actual
    0       1         10      1.23    1.10
    1       6         90      0.20    0.22
    """
    cells = expected_cells(model, purchases, weeks)
    cells = cells.sort_values("expected", ascending=False, ignore_index=True)
    middle = (cells["n"].cumsum() - cells["n"] / 2) / cells["n"].sum()
    cells["decile"] = np.minimum((middle * GROUPS).astype(int), GROUPS - 1) + 1
    return _compared(cells, "decile", confidence)


def by_frequency(
    model: OrdersModel,
    purchases: pd.DataFrame,
    *,
    weeks: float,
    most: int = 7,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Orders a customer, expected and counted, by the repeat orders so far.

    Parameters
    ----------
    model, purchases, weeks, confidence
        As in `deciles`.
    most : int
        From so many repeat orders on customers are counted together.

    Returns
    -------
    DataFrame
        ``x`` ("0", "1", ..., "7+"), ``customers``, ``expected``, ``actual``,
        ``lower``, ``upper``.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.projection import BetaGeometricNBD, by_frequency
    >>> model = BetaGeometricNBD(0.243, 4.414, 0.793, 2.426)
    >>> cells = pd.DataFrame({"x": [0, 2], "t_x": [0.0, 30.43], "T": 38.86,
    ...                       "n": [90, 10], "holdout": [20, 11]})
    >>> table = by_frequency(model, cells, weeks=39)
    >>> table[["x", "customers", "expected", "actual"]].round(2)
       x  customers  expected  actual
    0  0         90      0.20    0.22
    1  2         10      1.23    1.10
    """
    cells = expected_cells(model, purchases, weeks)
    cells["x"] = np.minimum(cells["x"], most)
    table = _compared(cells, "x", confidence)
    return table.assign(x=_names(table["x"], most))


def frequency_fit(
    model: OrdersModel, purchases: pd.DataFrame, *, most: int = 7
) -> pd.DataFrame:
    """Customers by their repeat orders, counted and expected, in the fitted period.

    Parameters
    ----------
    model : BetaGeometricNBD or ParetoNBD
    purchases : DataFrame
        ``x``, ``T`` and ``n``.
    most : int
        From so many repeat orders on customers are counted together.

    Returns
    -------
    DataFrame
        ``x`` ("0", "1", ..., "7+"), ``customers``, ``expected``.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.projection import BetaGeometricNBD, frequency_fit
    >>> model = BetaGeometricNBD(0.243, 4.414, 0.793, 2.426)
    >>> cells = pd.DataFrame({"x": [0, 1, 2], "T": 38.86, "n": [600, 200, 200]})
    >>> frequency_fit(model, cells, most=2).round(1)
        x  customers  expected
    0   0        600     574.2
    1   1        200     199.3
    2  2+        200     226.4
    """
    cells = weighted(purchases, ["x", "T"])
    counted = cells["n"].groupby(np.minimum(cells["x"], most)).sum()
    counted = counted.reindex(np.arange(most + 1.0), fill_value=0.0)
    weeks = cells.groupby("T")["n"].sum()
    expected = weeks.to_numpy() @ model.frequencies(weeks.index, most - 1)
    expected = np.append(expected, weeks.sum() - expected.sum())
    return pd.DataFrame(
        {
            "x": _names(counted.index, most),
            "customers": counted.round().astype(int).to_numpy(),
            "expected": expected,
        }
    )


def expected_cells(model, purchases: pd.DataFrame, weeks: float) -> pd.DataFrame:
    """Cells with the orders to expect of one customer in each."""
    cells = weighted(purchases, ["x", "t_x", "T", "holdout"])
    squares = purchases.get("holdout_squares")
    cells["holdout_squares"] = np.nan if squares is None else squares.astype(float)
    past = (cells[name].to_numpy() for name in ("x", "t_x", "T"))
    return cells.assign(expected=model.conditional_orders(*past, weeks))


def _compared(cells: pd.DataFrame, by: str, confidence: float) -> pd.DataFrame:
    """Means of expected and counted orders by group."""
    weighed = cells.assign(expected=cells["expected"] * cells["n"])
    sums = ["n", "expected", "holdout", "holdout_squares"]
    groups = weighed.groupby(by)[sums].sum(min_count=1).reset_index()
    people, mean = groups["n"], groups["holdout"] / groups["n"]
    variance = groups["holdout_squares"] / people - mean**2
    se = np.sqrt(np.maximum(variance, 0) / np.maximum(people - 1, 1))
    se = se.where(groups["holdout_squares"].notna())
    lower, upper = limits(mean, se, confidence=confidence)
    return pd.DataFrame(
        {
            by: groups[by].astype(int),
            "customers": people.round().astype(int),
            "expected": groups["expected"] / people,
            "actual": mean,
            "lower": np.where(se.isna(), np.nan, np.maximum(lower, 0)),
            "upper": np.where(se.isna(), np.nan, upper),
        }
    )


def _names(x, most: int) -> list[str]:
    return [f"{k:.0f}+" if k == most else f"{k:.0f}" for k in x]
