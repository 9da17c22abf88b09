"""What more retention, more margin or cheaper winning would be worth here."""

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.economics.course import Course, course
from retention.economics.multiples import POINTS
from retention.economics.replicates import Replicates, jackknifed, replicates
from retention.economics.terms import Terms
from retention.intervals import Estimate

_STEPS = 60  # halvings of an interval of length 1: beyond any digit shown


@dataclass(frozen=True, eq=False)
class Uplift:
    """What five per cent of retention are worth, in each of its readings.

    Attributes
    ----------
    yearly_churn : Estimate
        Share of today's customers lost within a year, before.
    five_points, five_per_cent, long_run_profit : Estimate or str
        Rise, as a fraction, in the worth of a new customer if five points more of
        today's customers were kept a year; if churn were a twentieth lower; and in
        the yearly profit in the long run, at the same inflow, if five points more
        were kept. A text says why there is none.
    table : DataFrame
        `reading`, `rise`, `lower`, `upper`.
    """

    yearly_churn: Estimate
    five_points: Estimate | str
    five_per_cent: Estimate | str
    long_run_profit: Estimate | str
    table: pd.DataFrame = field(repr=False)


def five_per_cent(
    payments: pd.DataFrame, ages: pd.DataFrame, terms: Terms, *, points: float = POINTS
) -> Uplift:
    """Rise in worth and in profit from keeping more, by this company's own customers.

    Parameters
    ----------
    payments : DataFrame
        From `retention.counts.payments`, with its buckets.
    ages : DataFrame
        Today's customers: `age`, `n`, from `retention.counts.stock_ages`.
    terms : Terms
        The worth is net of the acquisition cost where that is known.
    points : float
        0.05 for five points.

    Returns
    -------
    Uplift
        Keeping more means that the chance of leaving is lower by the same factor in
        every period of tenure. What it would cost is not counted.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.economics import Terms, five_per_cent
    >>> years = pd.DataFrame({
    ...     "period": [1, 2], "at_risk": [100, 80], "events": [20, 16], "n": [100, 0],
    ...     "revenue": [500.0, 400.0], "margin": [500.0, 400.0]})
    >>> today = pd.DataFrame({"age": [0, 1], "n": [100, 80]})
    >>> terms = Terms(annual_discount_rate=0.0, time_unit="year")
    >>> five_per_cent(years, today, terms).table[["reading", "rise"]].round(3)
                                                 reading   rise
    0  5 points more kept a year: worth of a new cust...  0.333
    1           churn 5 % lower: worth of a new customer  0.053
    2  5 points more kept a year: profit in the long run  0.333
    """
    sums = replicates(payments)
    path = course(sums, discount=terms.discount, year=terms.year, money=terms.money)
    weights = _weights(ages, path.last)
    churn = _yearly_churn(path, weights, terms.year)
    lost = jackknifed(churn, int(ages["n"].sum()), unit="%")
    readings = {
        f"{100 * points:g} points more kept a year: worth of a new customer": None,
        f"churn {100 * points:g} % lower: worth of a new customer": None,
        f"{100 * points:g} points more kept a year: profit in the long run": None,
    }
    reason = _no_rise(path, terms, churn, points)
    if reason:
        found: list[Estimate | str] = [reason] * 3
    else:
        better = path.with_hazards(_factor(path, weights, terms.year, churn - points))
        twentieth = path.with_hazards(1 - points)
        found = [
            _rise(path.worth()[:, 0], better.worth()[:, 0], terms.spent, sums.n),
            _rise(path.worth()[:, 0], twentieth.worth()[:, 0], terms.spent, sums.n),
            _long_run(path, better, terms, sums),
        ]
    return Uplift(lost, *found, table=_told(dict(zip(readings, found, strict=True))))


def elasticities(payments: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Change of a new customer's net worth, in per cent, for one per cent of a cause.

    Parameters
    ----------
    payments, terms
        As in :func:`five_per_cent`.

    Returns
    -------
    DataFrame
        `of` (yearly retention, margin, acquisition cost, discount rate),
        `elasticity`, `lower`, `upper`. Empty where a new customer is worth nothing
        net. Retention is raised in every period alike, at most to 1.

    References
    ----------
    Gupta, Lehmann & Stuart (2004), "Valuing customers", Journal of Marketing
    Research 41(1), 7-18, for the comparison of the three.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.economics import Terms, elasticities
    >>> years = pd.DataFrame({
    ...     "period": [1, 2], "at_risk": [100, 80], "events": [20, 16], "n": [100, 0],
    ...     "revenue": [500.0, 400.0], "margin": [500.0, 400.0]})
    >>> terms = Terms(annual_discount_rate=0.10, time_unit="year")
    >>> elasticities(years, terms)[["of", "elasticity"]].round(2)
                     of  elasticity
    0  yearly retention        2.74
    1            margin        1.00
    2     discount rate       -0.24
    """
    sums = replicates(payments)
    path = course(sums, discount=terms.discount, year=terms.year, money=terms.money)
    worth = path.worth()[:, 0]
    net = worth - terms.spent
    if not (np.isfinite(net).all() and (net > 0).all()):
        return pd.DataFrame(columns=["of", "elasticity", "lower", "upper"])
    kept = path.with_retention(1.01 ** (1 / terms.year)).worth()[:, 0]
    rate = 1.01 * terms.annual_discount_rate
    later = _discounted_at(path, rate, terms.year).worth()[:, 0]
    causes = {
        "yearly retention": (kept - worth) / net,
        terms.money: 0.01 * worth / net,
        "acquisition cost": np.full(len(net), -0.01 * terms.spent) / net,
        "discount rate": (later - worth) / net,
    }
    if not terms.knows_acquisition:
        del causes["acquisition cost"]
    rows = [(of, jackknifed(100 * change, sums.n)) for of, change in causes.items()]
    return pd.DataFrame(
        [(of, e.value, e.lower, e.upper) for of, e in rows],
        columns=["of", "elasticity", "lower", "upper"],
    )


def _discounted_at(path: Course, rate: float, year: int) -> Course:
    return Course(path.stay, path.margin, (1 + rate) ** (-1 / year))


def _weights(ages: pd.DataFrame, last: int) -> np.ndarray:
    age = ages["age"].clip(upper=last).to_numpy(int)
    counted = np.bincount(age, weights=ages["n"], minlength=last + 1)
    return counted / max(counted.sum(), 1)


def _yearly_churn(path: Course, weights: np.ndarray, year: int) -> np.ndarray:
    return 1 - path.kept(year) @ weights


def _factor(path: Course, weights, year: int, wanted: np.ndarray) -> np.ndarray:
    """Factor on every chance of leaving that brings the yearly churn where wanted."""
    low, high = np.zeros(len(wanted)), np.ones(len(wanted))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        above = _yearly_churn(path.with_hazards(middle), weights, year) > wanted
        high, low = np.where(above, middle, high), np.where(above, low, middle)
    return (low + high) / 2


def _no_rise(path: Course, terms: Terms, churn: np.ndarray, points: float) -> str:
    worth = path.worth()[:, 0] - terms.spent
    if not np.isfinite(worth).all():
        return "Nobody leaves in the end and money is not discounted: worth has no end."
    if (worth <= 0).any():
        return (
            "A new customer is worth nothing or less here, so a rise in per cent "
            "means nothing."
        )
    if (churn <= points).any():
        return (
            f"No more than {100 * points:g} % of the customers leave in a year, so "
            f"{100 * points:g} points more cannot be kept."
        )
    return ""


def _rise(before, after, spent: float, n: int) -> Estimate:
    return jackknifed((after - before) / (before - spent), n, unit="%")


def _long_run(path: Course, better: Course, terms: Terms, sums: Replicates):
    """Rise in the yearly profit once as many leave as join, at the same inflow."""
    before, after = (_life_profit(p, terms) for p in (path, better))
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        return "In the long run nobody leaves, so the stock never settles."
    if (before <= 0).any():
        return "In the long run the company makes no profit on these terms."
    return jackknifed(after / before - 1, sums.n, unit="%")


def _life_profit(path: Course, terms: Terms) -> np.ndarray:
    """Undiscounted profit of a cohort per new customer: a steady year's per inflow."""
    plain = path.undiscounted()
    paid = plain.worth()[:, 0]
    life = plain.with_margin(1.0).worth()[:, 0]
    return paid - terms.keeping_cost * life - terms.spent


def _told(found: dict) -> pd.DataFrame:
    no = math.nan
    rows = [
        (name, no, no, no)
        if isinstance(rise, str)
        else (name, rise.value, rise.lower, rise.upper)
        for name, rise in found.items()
    ]
    return pd.DataFrame(rows, columns=["reading", "rise", "lower", "upper"])
