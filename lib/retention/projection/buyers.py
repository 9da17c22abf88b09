"""What a customer base of repeat buyers will order, and what that is worth."""

from typing import Protocol

import numpy as np
import pandas as pd

from retention.intervals import Estimate, delta
from retention.intervals.formulas import critical
from retention.projection.buyers_fitting import weighted
from retention.projection.discounting import discount_per_period
from retention.projection.gamma_gamma import GammaGamma

STEP = 4  # weeks between the days on which future orders are discounted
DRAWS = 1_000_000


class OrdersModel(Protocol):
    """What the BG/NBD and the Pareto/NBD have in common."""

    n: int
    covariance: np.ndarray

    @property
    def theta(self) -> np.ndarray:
        """Parameters on the scale of the covariance."""

    def at(self, theta: np.ndarray) -> "OrdersModel":
        """The model at other parameters."""

    def conditional_orders(self, x, t_x, T, weeks) -> np.ndarray:
        """Orders to expect in the next weeks."""

    def p_alive(self, x, t_x, T) -> np.ndarray:
        """Probability of not having stopped."""

    def p_order(self, x, t_x, T, weeks) -> np.ndarray:
        """Probability of an order in the next weeks."""

    def expected_orders(self, weeks) -> pd.Series:
        """Repeat orders of a new customer."""

    def frequencies(self, T, largest: int) -> np.ndarray:
        """Probabilities of 0, 1, ... repeat orders."""

    def simulated_orders(
        self, rng: np.random.Generator, x, t_x, T, weeks, *, draws: int = 1
    ) -> np.ndarray:
        """Draws of the orders in the next weeks."""


def forecast(
    model: OrdersModel,
    purchases: pd.DataFrame,
    *,
    weeks: float,
    seed: int = 1,
    confidence: float = 0.95,
) -> Estimate:
    """Orders to expect of all these customers together, with a prediction interval.

    Parameters
    ----------
    model : BetaGeometricNBD or ParetoNBD
        Fitted.
    purchases : DataFrame
        ``x``, ``t_x``, ``T`` and ``n``.
    weeks : float
        Length of the future.
    seed : int
        Of the draws that give the spread of what chance will make of it.
    confidence : float
        Coverage of what will be counted, not only of its expectation.

    Returns
    -------
    Estimate
        ``se`` holds both parts: parameters not known exactly (delta method) and
        chance (draws from the model). The interval holds the model to be right.

    Examples
    --------
    >>> from retention.projection import fit_bg_nbd
    >>> cells = pd.DataFrame(
    ...     {"x": [0, 1, 2, 5], "t_x": [0, 9, 20, 36], "T": 39, "n": [700, 90, 90, 90]}
    ... )
    >>> forecast(fit_bg_nbd(cells), cells, weeks=39).unit
    'orders'
    """
    cells = weighted(purchases, ["x", "t_x", "T"])
    cells = cells.groupby(["x", "t_x", "T"], as_index=False)["n"].sum()
    past = [cells[name].to_numpy() for name in ("x", "t_x", "T")]
    people = cells["n"].to_numpy()
    found = delta(
        lambda theta: people @ model.at(theta).conditional_orders(*past, weeks),
        model.theta,
        model.covariance,
    ).iloc[0]
    variance = found["se"] ** 2 + people @ _chance(model, past, weeks, seed)
    value, se = float(found["value"]), float(np.sqrt(variance))
    reach = critical(confidence) * se
    method = "expected orders; interval from parameters and chance"
    low, high = max(value - reach, 0.0), value + reach
    return Estimate(
        value, low, high, int(people.sum()), method, "orders", se, confidence
    )


def _chance(model: OrdersModel, past: list[np.ndarray], weeks, seed: int) -> np.ndarray:
    """Variance of one customer's future orders, by cell."""
    rng = np.random.default_rng(seed)
    draws = int(np.clip(DRAWS // len(past[0]), 25, 1000))
    return model.simulated_orders(rng, *past, weeks, draws=draws).var(axis=0, ddof=1)


def expected_value(
    orders_model: OrdersModel,
    value_model: GammaGamma,
    table: pd.DataFrame,
    *,
    weeks: float,
    annual_discount_rate: float = 0.0,
) -> pd.Series:
    """What each customer's orders of the next weeks are worth today.

    Parameters
    ----------
    orders_model : BetaGeometricNBD or ParetoNBD
        Fitted.
    value_model : GammaGamma
        Fitted to the amounts, or to margins, of the same customers.
    table : DataFrame
        ``x``, ``t_x``, ``T`` and ``mean_amount`` (missing where x is 0), as
        `retention.counts.purchase_rows` gives them.
    weeks : float
        Length of the future.
    annual_discount_rate : float
        0.10 for 10 % a year; orders are discounted in steps of four weeks.

    Returns
    -------
    Series
        Expected orders times expected value of an order, indexed as the table, in
        the currency of the amounts; revenue unless these are margins.

    Examples
    --------
    >>> from retention.projection import BetaGeometricNBD, GammaGamma
    >>> customer = pd.DataFrame(
    ...     {"x": [2], "t_x": [30.43], "T": [38.86], "mean_amount": [22.35]}
    ... )
    >>> orders = BetaGeometricNBD(0.243, 4.414, 0.793, 2.426)
    >>> amounts = GammaGamma(6.25, 3.74, 15.44)
    >>> expected_value(orders, amounts, customer, weeks=39).round(2).item()
    30.24
    """
    past = weighted(table, ["x", "t_x", "T"])
    cells = past[["x", "t_x", "T"]].drop_duplicates(ignore_index=True)
    ends = np.append(np.arange(STEP, weeks, STEP), weeks)
    weekly = discount_per_period(annual_discount_rate, "week")
    worth = weekly ** ((ends + np.append(0, ends[:-1])) / 2)
    arrays = [cells[name].to_numpy()[:, None] for name in cells]
    by_then = orders_model.conditional_orders(*arrays, ends[None, :])
    cells["orders"] = np.diff(by_then, axis=1, prepend=0) @ worth
    orders = past.merge(cells, how="left", on=["x", "t_x", "T"])["orders"].to_numpy()
    amount = value_model.expected_value(table["x"], table["mean_amount"])
    return pd.Series(orders * amount, table.index, name="expected_value")
