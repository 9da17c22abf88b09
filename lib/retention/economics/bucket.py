"""The leaky bucket: a stock that fills at one rate and leaks at another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


def leaky_bucket(
    *,
    start: float,
    inflow: float,
    churn: float,
    periods: int,
    margin: float = 0.0,
    acquisition_cost: float = 0.0,
    keeping_cost: float = 0.0,
) -> pd.DataFrame:
    """Customers and profit period by period where all leave at one rate.

    Parameters
    ----------
    start : float
        Customers at the beginning.
    inflow : float
        Customers won in each period.
    churn : float
        Share of those present that leaves in each period, between 0 and 1.
    periods : int
        How many to follow.
    margin, keeping_cost : float
        Per customer present at the beginning of a period, and period.
    acquisition_cost : float
        Per customer won.

    Returns
    -------
    DataFrame
        `period` (0 is the beginning), `customers` (at its end), `joined`, `left` and
        `profit` (in it). Who joins in a period pays and may leave from the next on.

    Raises
    ------
    ValueError
        For a churn outside 0 to 1 or a negative number of customers.

    Examples
    --------
    >>> leaky_bucket(start=1_000, inflow=100, churn=0.05, periods=2)
       period  customers  joined  left  profit
    0       0     1000.0     0.0   0.0     0.0
    1       1     1050.0   100.0  50.0     0.0
    2       2     1097.5   100.0  52.5     0.0
    """
    _checked(churn, start, inflow)
    survival = (1 - churn) ** np.arange(periods + 1)
    return _filled(
        start * survival,
        inflow,
        survival[:-1],
        margin=margin,
        acquisition_cost=acquisition_cost,
        keeping_cost=keeping_cost,
    )


def mixed_bucket(
    survival: Sequence[float],
    *,
    start: float,
    inflow: float,
    margin: float = 0.0,
    acquisition_cost: float = 0.0,
    keeping_cost: float = 0.0,
) -> pd.DataFrame:
    """Customers and profit period by period where customers differ.

    Parameters
    ----------
    survival : sequence of float
        Share of a cohort still here after 0, 1, ... periods, such as
        ``model.survival(range(61))`` of an sBG: its length less one is how many
        periods are followed.
    start : float
        Customers at the beginning, all of them new.
    inflow, margin, acquisition_cost, keeping_cost
        As in :func:`leaky_bucket`.

    Returns
    -------
    DataFrame
        As :func:`leaky_bucket`, to which it is equal where survival falls by one
        rate.

    Examples
    --------
    >>> mixed_bucket([1, 0.8, 0.7], start=1_000, inflow=100)["customers"].tolist()
    [1000.0, 900.0, 880.0]
    """
    survival = np.asarray(survival, float)
    if survival[0] != 1 or (np.diff(survival) > 0).any():
        raise ValueError("Survival begins with 1 and never rises.")
    _checked(0.0, start, inflow)
    return _filled(
        start * survival,
        inflow,
        survival[:-1],
        margin=margin,
        acquisition_cost=acquisition_cost,
        keeping_cost=keeping_cost,
    )


@dataclass(frozen=True)
class SteadyState:
    """Where a leaky bucket ends up.

    Attributes
    ----------
    customers : float
        Inflow / churn: as many leave as join.
    half_refill : float
        Periods in which half of any gap to that number closes.
    profit : float
        Per period, once there.
    profit_per_extra_customer_won : float
        What one more customer won in every period adds to it.
    profit_per_point_of_churn : float
        What a point (0.01) less churn adds to it.
    """

    customers: float
    half_refill: float
    profit: float
    profit_per_extra_customer_won: float
    profit_per_point_of_churn: float


def steady_state(
    *,
    inflow: float,
    churn: float,
    margin: float = 0.0,
    acquisition_cost: float = 0.0,
    keeping_cost: float = 0.0,
) -> SteadyState:
    """Size and profit at which a bucket with one rate of leaving settles.

    Parameters
    ----------
    inflow, churn, margin, acquisition_cost, keeping_cost
        As in :func:`leaky_bucket`.

    Returns
    -------
    SteadyState

    Raises
    ------
    ValueError
        For a churn of 0 or more than 1: without a leak the stock never settles.

    Examples
    --------
    >>> steady = steady_state(inflow=100, churn=0.02, margin=10, acquisition_cost=150)
    >>> steady.customers, round(steady.half_refill, 1), steady.profit
    (5000.0, 34.3, 35000.0)
    """
    _checked(churn, 0, inflow)
    if churn == 0:
        raise ValueError("A bucket without a leak never settles: give a churn above 0.")
    net = margin - keeping_cost
    return SteadyState(
        customers=inflow / churn,
        half_refill=math.log(0.5) / math.log1p(-churn) if churn < 1 else 0.0,
        profit=inflow * (net / churn - acquisition_cost),
        profit_per_extra_customer_won=net / churn - acquisition_cost,
        profit_per_point_of_churn=0.01 * net * inflow / churn**2,
    )


def expected_lifetime(alpha: float, beta: float) -> float:
    """Mean number of periods paid for where churn is Beta(alpha, beta) distributed.

    Parameters
    ----------
    alpha, beta : float
        Parameters of the sBG model.

    Returns
    -------
    float
        (alpha + beta - 1) / (alpha - 1); infinite for an alpha of 1 or less: there
        are then enough customers who hardly ever leave for the stock to grow for
        ever at any inflow.

    Examples
    --------
    >>> expected_lifetime(2.0, 18.0), expected_lifetime(0.8, 2.4)
    (19.0, inf)
    """
    if alpha <= 0 or beta <= 0:
        raise ValueError("alpha and beta must be above 0.")
    return (alpha + beta - 1) / (alpha - 1) if alpha > 1 else math.inf


def steady_grid(
    *,
    churns: Sequence[float],
    inflows: Sequence[float],
    margin: float = 0.0,
    acquisition_cost: float = 0.0,
    keeping_cost: float = 0.0,
) -> pd.DataFrame:
    """Steady state for every pair of a churn and an inflow.

    Parameters
    ----------
    churns, inflows : sequence of float
        Shares lost, and customers won, in a period.
    margin, acquisition_cost, keeping_cost : float
        Per customer and period, per customer won, and per customer and period.

    Returns
    -------
    DataFrame
        `churn`, `inflow`, `customers` and `profit` (per period), a row a pair.

    Examples
    --------
    >>> steady_grid(churns=[0.02, 0.04], inflows=[100])["customers"].tolist()
    [5000.0, 2500.0]
    """
    rows = []
    for churn in churns:
        for inflow in inflows:
            found = steady_state(
                inflow=inflow,
                churn=churn,
                margin=margin,
                acquisition_cost=acquisition_cost,
                keeping_cost=keeping_cost,
            )
            rows.append((churn, inflow, found.customers, found.profit))
    return pd.DataFrame(rows, columns=["churn", "inflow", "customers", "profit"])


def break_even_base(
    *,
    fixed_cost: float,
    fewer_lost: float,
    worth_of_one: float,
    cost_per_customer: float = 0.0,
) -> float:
    """Customers from which on an action to keep them pays.

    Parameters
    ----------
    fixed_cost : float
        Of the action in a period, however many customers there are.
    fewer_lost : float
        By how much it lowers the share lost in a period; 0.001 for one in a thousand.
    worth_of_one : float
        What a customer kept will still bring.
    cost_per_customer : float
        Of the action in a period, for each customer there is.

    Returns
    -------
    float
        fixed_cost / (fewer_lost x worth_of_one - cost_per_customer); 0 without a
        fixed cost, when the size of the base does not matter, and infinite where
        the action costs more for each customer than it saves.

    Examples
    --------
    >>> break_even_base(fixed_cost=5_000, fewer_lost=0.001, worth_of_one=1_000)
    5000.0
    """
    saved = fewer_lost * worth_of_one - cost_per_customer
    return fixed_cost / saved if saved > 0 else math.inf


def _filled(
    first: np.ndarray,
    inflow: float,
    survival: np.ndarray,
    *,
    margin: float,
    acquisition_cost: float,
    keeping_cost: float,
) -> pd.DataFrame:
    """The starting customers, and above them a cohort for every period since."""
    won = inflow * np.concatenate([[0.0], np.cumsum(survival)])
    customers = first + won
    joined = np.full(len(customers), float(inflow))
    joined[0] = 0.0
    before = np.concatenate([[customers[0]], customers[:-1]])
    profit = (margin - keeping_cost) * before - acquisition_cost * joined
    profit[0] = 0.0
    return pd.DataFrame(
        {
            "period": np.arange(len(customers)),
            "customers": customers,
            "joined": joined,
            "left": before + joined - customers,
            "profit": profit,
        }
    )


def _checked(churn: float, start: float, inflow: float) -> None:
    if not 0 <= churn <= 1:
        raise ValueError(
            f"The churn is {churn:g}; it is a share of customers a period, from 0 to 1."
        )
    if start < 0 or inflow < 0:
        raise ValueError("Customers cannot be fewer than none.")
