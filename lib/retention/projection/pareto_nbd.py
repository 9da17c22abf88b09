"""The Pareto/NBD model: customers may stop at any time, also before a repeat order."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.projection.buyers_fitting import (
    buyer_cells,
    by_mean_and_spread,
    maximum,
    parameter_table,
    undetermined,
)
from retention.projection.buyers_quadrature import steep_quadrature
from retention.projection.pareto_nbd_likelihood import (
    Likelihood,
    log_odds_of_being_gone,
    natural,
    order_counts,
    weeks_lived,
)

# log(r / alpha), log r, log(s / beta), log s
START = [-3.0, -0.5, -3.0, -0.5]
BOUNDS = [(-25.0, 15.0), (-7.0, 7.0), (-25.0, 15.0), (-7.0, 7.0)]
NAMES = ["r", "alpha", "s", "beta", "orders_per_week", "stops_per_week"]


@dataclass(frozen=True, eq=False)
class ParetoNBD:
    """Orders at random, at a rate of one's own, for a lifetime of one's own.

    While active a customer orders as a Poisson process with a rate that is
    Gamma(r, alpha) across customers; the lifetime is exponential with a rate that is
    Gamma(s, beta) across customers. Time is in weeks.

    Attributes
    ----------
    r, alpha : float
        Mean rate r / alpha repeat orders a week.
    s, beta : float
        Mean rate of stopping s / beta a week.
    covariance : array, shape (4, 4)
        Of log(r / alpha), log r, log(s / beta) and log s, from the curvature of the
        likelihood; 0 where a parameter ran to its bound, missing values without a
        fit.
    log_likelihood : float
        At the maximum; missing without a fit.
    n : int
        Customers; 0 without a fit.

    References
    ----------
    Schmittlein, Morrison & Colombo (1987), "Counting your customers: who are they
    and what will they do next?", Management Science 33, 1-24.

    Examples
    --------
    >>> model = ParetoNBD(0.553, 10.578, 0.606, 11.669)
    >>> model.expected_orders([52]).round(3).item()
    1.473
    """

    r: float
    alpha: float
    s: float
    beta: float
    covariance: np.ndarray = field(
        default_factory=lambda: np.full((4, 4), np.nan), repr=False
    )
    log_likelihood: float = np.nan
    n: int = 0

    @property
    def theta(self) -> np.ndarray:
        """Parameters on the scale of the covariance."""
        orders = by_mean_and_spread(self.r, self.alpha)
        return np.array([*orders, *by_mean_and_spread(self.s, self.beta)])

    def at(self, theta: np.ndarray) -> "ParetoNBD":
        """The model at other parameters, given on the scale of the covariance."""
        return ParetoNBD(*natural(theta), n=self.n)

    @property
    def aic(self) -> float:
        """Akaike's criterion: smaller is better."""
        return 8 - 2 * self.log_likelihood

    def parameters(self, *, confidence: float = 0.95) -> pd.DataFrame:
        """Parameters with intervals on the log scale.

        Parameters
        ----------
        confidence : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``r``, ``alpha``, ``s``, ``beta``, ``orders_per_week`` and
            ``stops_per_week`` (mean rates) as rows; ``value``, ``se``, ``lower``,
            ``upper``. Where the data leave a parameter open, as where customers
            do not differ, the bounds of its pair are 0 and infinity.
        """
        return parameter_table(
            NAMES,
            _with_means,
            self.theta,
            self.covariance,
            unbounded=undetermined(self.covariance),
            confidence=confidence,
        )

    def p_alive(self, x, t_x, T) -> np.ndarray:
        """Probability of not having stopped by the cut-off.

        Parameters
        ----------
        x, t_x, T : number or array
            Repeat orders, and weeks from the first order to the last one and to the
            cut-off.

        Returns
        -------
        array

        References
        ----------
        Schmittlein, Morrison & Colombo (1987), equations 11-13.
        """
        x, t_x, T = np.broadcast_arrays(*_arrays(x, t_x, T))
        gone = log_odds_of_being_gone(self.theta, x, t_x, T)
        return 1 / (1 + np.exp(np.minimum(gone, 700.0)))

    def conditional_orders(self, x, t_x, T, weeks) -> np.ndarray:
        """Orders to expect in the next weeks, given what a customer did so far.

        Parameters
        ----------
        x, t_x, T : number or array
            As in `p_alive`.
        weeks : number or array
            Length of the future.

        Returns
        -------
        array

        References
        ----------
        Schmittlein, Morrison & Colombo (1987), equation 22.
        """
        x, t_x, T, weeks = _arrays(x, t_x, T, weeks)
        lived = weeks_lived(self.s, self.beta + T, weeks)
        return (self.r + x) / (self.alpha + T) * lived * self.p_alive(x, t_x, T)

    def p_order(self, x, t_x, T, weeks) -> np.ndarray:
        """Probability of at least one order in the next weeks.

        Parameters
        ----------
        x, t_x, T, weeks
            As in `conditional_orders`.

        Returns
        -------
        array
        """
        x, t_x, T, weeks = np.broadcast_arrays(*_arrays(x, t_x, T, weeks))
        at, share = (part[:, *[None] * x.ndim] for part in steep_quadrature())
        rate, lived = self.alpha + T, self.beta + T
        first = (self.r + x) / rate * (1 + at * weeks / rate) ** -(self.r + x + 1)
        present = (1 + at * weeks / lived) ** -self.s
        return (share * first * present).sum(axis=0) * weeks * self.p_alive(x, t_x, T)

    def expected_orders(self, weeks: Iterable[float]) -> pd.Series:
        """Repeat orders to expect of a new customer by so many weeks.

        Parameters
        ----------
        weeks : iterable of number
            Weeks since the first order; none are expected before it.

        Returns
        -------
        Series
            Indexed by the weeks.
        """
        index = pd.Index(list(weeks), name="weeks")
        later = np.maximum(index.to_numpy(float), 0)
        orders = self.r / self.alpha * weeks_lived(self.s, self.beta, later)
        return pd.Series(orders, index, name="orders")

    def frequencies(self, T, largest: int) -> np.ndarray:
        """Probability of 0, 1, ... repeat orders within T weeks of the first.

        Parameters
        ----------
        T : number or array
            Weeks since the first order.
        largest : int
            Most repeat orders listed.

        Returns
        -------
        array, shape (values of T, largest + 1)
            An integral over the moment of stopping.
        """
        T, x = np.atleast_1d(np.asarray(T, float))[:, None], np.arange(largest + 1.0)
        at, share = steep_quadrature()
        ends = T * at
        hazard = self.s / self.beta * (1 + ends / self.beta) ** -(self.s + 1)
        stopped = (
            order_counts(self.r, self.alpha, x, ends) * (share * hazard * T)[..., None]
        )
        lasting = (1 + T / self.beta) ** -self.s * order_counts(
            self.r, self.alpha, x, T
        )[:, 0]
        return stopped.sum(axis=1) + lasting

    def simulated_orders(
        self, rng: np.random.Generator, x, t_x, T, weeks, *, draws: int = 1
    ) -> np.ndarray:
        """Draws of the orders in the next weeks, for each customer.

        Parameters
        ----------
        rng : Generator
        x, t_x, T, weeks
            As in `conditional_orders`.
        draws : int
            How many.

        Returns
        -------
        array of int, shape (draws, customers)
        """
        x, t_x, T = np.broadcast_arrays(*_arrays(x, t_x, T))
        size = (draws, *x.shape)
        alive = rng.random(size) < self.p_alive(x, t_x, T)
        rate = rng.gamma(self.r + x, 1 / (self.alpha + T), size)
        stopping = np.maximum(rng.gamma(self.s, 1 / (self.beta + T), size), 1e-300)
        lived = np.minimum(rng.standard_exponential(size) / stopping, weeks)
        return np.where(alive, rng.poisson(rate * lived), 0)


def fit_pareto_nbd(purchases: pd.DataFrame) -> ParetoNBD:
    """Maximum-likelihood Pareto/NBD fit to counts of customers by x, t_x and T.

    Parameters
    ----------
    purchases : DataFrame
        As in `fit_bg_nbd`.

    Returns
    -------
    ParetoNBD
        Standard errors come from the curvature of the likelihood at its maximum.

    Raises
    ------
    ValueError
        As in `fit_bg_nbd`.

    References
    ----------
    Schmittlein, Morrison & Colombo (1987), Management Science 33, 1-24; Fader, Hardie
    & Lee (2005), Marketing Science 24, 275-284, for the CDNOW estimates.

    Examples
    --------
    >>> cells = pd.DataFrame(
    ...     {
    ...         "x": [0, 1, 1, 2, 3, 5],
    ...         "t_x": [0, 4, 20, 12, 33, 38],
    ...         "T": 39,
    ...         "n": [700, 80, 60, 60, 40, 60],
    ...     }
    ... )
    >>> model = fit_pareto_nbd(cells)
    >>> round(model.expected_orders([39]).item(), 2)
    0.66
    """
    cells = buyer_cells(purchases)
    best = maximum(Likelihood(cells), START, BOUNDS)
    return ParetoNBD(
        *natural(best.parameters),
        best.covariance,
        best.log_likelihood,
        round(cells["n"].sum()),
    )


def _with_means(theta: np.ndarray) -> list[float]:
    r, alpha, s, beta = natural(theta)
    return [r, alpha, s, beta, r / alpha, s / beta]


def _arrays(*values) -> list[np.ndarray]:
    return [np.asarray(value, float) for value in values]
