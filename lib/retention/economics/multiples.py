"""Margin multiples, and what five points of retention are worth in a formula.

Here customers pay the same each year and leave at one rate. `worth` and `uplift` do
without both assumptions.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

POINTS = 0.05


def margin_multiple(
    retention: float, *, annual_discount_rate: float, annual_growth: float = 0.0
) -> float:
    """Worth of a customer in yearly margins, the first one due in a year.

    Parameters
    ----------
    retention : float
        Share of customers kept from one year to the next.
    annual_discount_rate : float
        0.10 for 10 % a year.
    annual_growth : float
        Growth of a customer's yearly margin; 0.02 for 2 % a year.

    Returns
    -------
    float
        r / (1 + i - r (1 + g)).

    Raises
    ------
    ValueError
        If margins grow faster than discounting and leaving shrink them.

    References
    ----------
    Gupta & Lehmann (2005), Managing Customers as Investments, Wharton School
    Publishing, table of margin multiples.

    Examples
    --------
    >>> margin_multiple(0.9, annual_discount_rate=0.10)
    4.5
    """
    _share(retention, "retention")
    rest = 1 + annual_discount_rate - retention * (1 + annual_growth)
    if rest <= 0:
        raise ValueError(
            f"At a retention of {retention:g} and a growth of {annual_growth:g} the "
            f"worth has no end at {annual_discount_rate:g}: raise the discount rate."
        )
    return round(retention / rest, 12)


def multiple_elasticity(retention: float, *, annual_discount_rate: float) -> float:
    """Rise of the margin multiple in per cent for one per cent more retention.

    Parameters
    ----------
    retention, annual_discount_rate : float
        As in :func:`margin_multiple`.

    Examples
    --------
    >>> round(multiple_elasticity(0.8, annual_discount_rate=0.12), 2)
    3.5
    """
    _share(retention, "retention")
    return (1 + annual_discount_rate) / (1 + annual_discount_rate - retention)


def formula_uplift(
    yearly_churn: float,
    *,
    annual_discount_rate: float = 0.0,
    acquisition_cost: float = 0.0,
    points: float = POINTS,
) -> float:
    """Rise in a customer's worth from so many points less churn, as a fraction.

    Parameters
    ----------
    yearly_churn : float
        Share of customers lost a year, before.
    annual_discount_rate : float
        0.10 for 10 % a year.
    acquisition_cost : float
        In yearly margins; the worth is net of it.
    points : float
        0.05 for five points.

    Returns
    -------
    float
        0.25 for 25 % more. Infinite where the churn goes to 0 without discounting,
        missing where it would go below 0 or the customer is worth nothing before.

    Examples
    --------
    >>> round(formula_uplift(0.25), 6)
    0.25
    >>> round(formula_uplift(0.25, annual_discount_rate=0.10), 3)
    0.167
    """
    _share(yearly_churn, "yearly churn")
    before = yearly_churn + annual_discount_rate
    after, numerator = before - points, 1 + annual_discount_rate
    if yearly_churn < points - 1e-12 or before <= 0:
        return math.nan
    if after <= 1e-12:
        return math.inf
    worth = numerator / before - acquisition_cost
    return (numerator / after - numerator / before) / worth if worth > 0 else math.nan


def churn_for_uplift(
    uplift: float,
    *,
    annual_discount_rate: float = 0.0,
    acquisition_cost: float = 0.0,
    points: float = POINTS,
) -> float:
    """Yearly churn at which so many points less give a claimed rise in worth.

    Parameters
    ----------
    uplift : float
        0.85 for "85 % more profit".
    annual_discount_rate, acquisition_cost, points
        As in :func:`formula_uplift`, which this inverts.

    Returns
    -------
    float
        Missing where no churn from 0 to 1 gives that rise. Below `points` it is what
        the formula says, and impossible: so many points cannot be given up.

    Examples
    --------
    >>> [round(churn_for_uplift(u), 3) for u in (0.25, 0.5, 1.0)]
    [0.25, 0.15, 0.1]
    """
    if uplift <= 0:
        raise ValueError("The claimed rise must be above 0.")
    top, k = 1 + annual_discount_rate, acquisition_cost
    # U = A p / ((x - p) (A - k x)) with x = churn + discount rate, solved for x.
    half = top + k * points
    inside = half**2 - 4 * k * points * top * (1 + 1 / uplift)
    if inside < 0:
        return math.nan
    x = 2 * points * top * (1 + 1 / uplift) / (half + math.sqrt(inside))
    churn = x - annual_discount_rate
    return max(churn, 0.0) if -1e-12 <= churn <= 1 else math.nan


def five_percent_table(
    uplifts: Iterable[float] = (0.25, 0.30, 0.50, 0.85, 1.00),
    *,
    annual_discount_rates: Sequence[float] = (0.0, 0.10),
    acquisition_costs: Sequence[float] = (0.0, 1.0),
    points: float = POINTS,
) -> pd.DataFrame:
    """Churn that each claimed rise needs, by discount rate and acquisition cost.

    Parameters
    ----------
    uplifts : iterable of float
        Rises in worth, 0.25 for 25 %.
    annual_discount_rates, acquisition_costs : sequence of float
        A row for each pair; costs in yearly margins of a customer.
    points : float
        0.05 for five points more kept a year.

    Returns
    -------
    DataFrame
        Index `discount rate` and `acquisition cost` (in yearly margins); one column a
        claimed rise; the yearly churn of :func:`churn_for_uplift`, missing where
        none gives that rise. A churn below the points is impossible.

    Examples
    --------
    >>> table = five_percent_table(acquisition_costs=[0.0])
    >>> table.loc[(0.0, 0.0)].round(3).tolist()
    [0.25, 0.217, 0.15, 0.109, 0.1]
    """
    claimed = list(uplifts)
    rows = {
        (rate, cost): [
            churn_for_uplift(
                u, annual_discount_rate=rate, acquisition_cost=cost, points=points
            )
            for u in claimed
        ]
        for rate in annual_discount_rates
        for cost in acquisition_costs
    }
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=[f"{u:.0%}".replace("%", " %") for u in claimed]
    )
    table.index = pd.MultiIndex.from_tuples(
        table.index, names=["discount rate", "acquisition cost"]
    )
    return table.rename_axis(columns="claimed rise")


def uplift_lines(
    *,
    annual_discount_rates: Sequence[float] = (0.0, 0.10),
    acquisition_costs: Sequence[float] = (0.0,),
    points: float = POINTS,
    most: float = 0.40,
) -> pd.DataFrame:
    """Rise in worth along the churn, a line for each discount rate and cost.

    Parameters
    ----------
    annual_discount_rates, acquisition_costs : sequence of float
        A line for each pair; costs in yearly margins of a customer.
    points, most : float
        Points more kept a year, and the yearly churn at which the lines end.

    Returns
    -------
    DataFrame
        `annual_discount_rate`, `acquisition_cost`, `yearly_churn`, `uplift`.

    Examples
    --------
    >>> from retention import economics
    >>> lines = economics.uplift_lines(annual_discount_rates=[0.0], most=0.25)
    >>> lines.iloc[-1][["yearly_churn", "uplift"]].astype(float).round(3).tolist()
    [0.25, 0.25]
    """
    churns = np.linspace(points + 0.005, most, 80)
    rows = [
        (rate, cost, churn, uplift)
        for rate in annual_discount_rates
        for cost in acquisition_costs
        for churn in churns
        for uplift in [
            formula_uplift(
                churn, annual_discount_rate=rate, acquisition_cost=cost, points=points
            )
        ]
    ]
    names = ["annual_discount_rate", "acquisition_cost", "yearly_churn", "uplift"]
    return pd.DataFrame(rows, columns=names)


def fixed_life_worth(
    profits: Sequence[float], *, yearly_churn: float, annual_discount_rate: float
) -> float:
    """Worth of a customer who stays for exactly 1 / churn years: a shortcut.

    Parameters
    ----------
    profits : sequence of float
        Profit at joining (year 0, usually a cost), then of years 1, 2, ...; the last
        one goes on.
    yearly_churn : float
        Share lost a year; the customer is said to stay 1 / churn years.
    annual_discount_rate : float
        A year's profit comes at its end.

    Returns
    -------
    float

    Examples
    --------
    >>> round(fixed_life_worth([-9, 5], yearly_churn=0.5, annual_discount_rate=0.0), 2)
    1.0
    """
    years = round(1 / yearly_churn)
    return _discounted(profits, np.ones(years), annual_discount_rate)


def geometric_worth(
    profits: Sequence[float], *, yearly_churn: float, annual_discount_rate: float
) -> float:
    """Worth of a customer where the same share leaves at the end of every year.

    Parameters
    ----------
    profits, yearly_churn, annual_discount_rate
        As in :func:`fixed_life_worth`, whose mean life it shares.

    Returns
    -------
    float

    Examples
    --------
    >>> round(geometric_worth([-9, 5], yearly_churn=0.5, annual_discount_rate=0.0), 2)
    1.0
    """
    _share(yearly_churn, "yearly churn")
    slowest = (1 - yearly_churn) / (1 + annual_discount_rate)
    years = 2 if slowest <= 0 else math.ceil(math.log(1e-12) / math.log(slowest))
    here = (1 - yearly_churn) ** np.arange(max(years, len(profits)))
    return _discounted(profits, here, annual_discount_rate)


def _discounted(profits: Sequence[float], here: np.ndarray, rate: float) -> float:
    later = [*profits[1:]] + [profits[-1]] * max(len(here) - len(profits) + 1, 0)
    years = np.arange(1, len(here) + 1)
    paid = np.asarray(later[: len(here)]) * here * (1.0 + rate) ** -years
    return float(profits[0] + paid.sum())


def _share(value: float, name: str) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"The {name} is {value:g}; it is a share, from 0 to 1.")
