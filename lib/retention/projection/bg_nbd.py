"""The beta-geometric/NBD model of customers who buy when they like and stop unseen."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.projection.bg_nbd_likelihood import Likelihood, natural
from retention.projection.buyers_fitting import (
    buyer_cells,
    by_mean_and_spread,
    maximum,
    parameter_table,
    undetermined,
)
from retention.projection.buyers_quadrature import beta_quadrature

# log(r / alpha), log r, logit of a / (a + b), log(a + b)
START = [-3.0, -0.5, -1.0, 0.5]
BOUNDS = [(-25.0, 15.0), (-7.0, 7.0), (-12.0, 12.0), (-7.0, 9.0)]
NAMES = ["r", "alpha", "a", "b", "orders_per_week", "stops_after_an_order"]


@dataclass(frozen=True, eq=False)
class BetaGeometricNBD:
    """Orders at random, at a rate of one's own, until one silently stops.

    While active a customer orders as a Poisson process; the rates are
    Gamma(r, alpha) across customers. After each repeat order a customer stops with a
    probability of their own, Beta(a, b) across customers. Time is in weeks.

    Attributes
    ----------
    r, alpha, a, b : float
        Mean rate r / alpha repeat orders a week, mean probability a / (a + b) of
        stopping after one; the larger r and a + b, the more alike are customers.
    covariance : array, shape (4, 4)
        Of log(r / alpha), log r, the logit of a / (a + b) and log(a + b), from the
        curvature of the likelihood; 0 where a parameter ran to its bound, missing
        values without a fit.
    log_likelihood : float
        At the maximum; missing without a fit.
    n : int
        Customers; 0 without a fit.

    References
    ----------
    Fader, Hardie & Lee (2005), "'Counting your customers' the easy way: an
    alternative to the Pareto/NBD model", Marketing Science 24, 275-284.

    Examples
    --------
    >>> model = BetaGeometricNBD(0.243, 4.414, 0.793, 2.426)
    >>> model.conditional_orders(2, 30.43, 38.86, 39).round(3).item()
    1.226
    >>> model.p_alive(2, 30.43, 38.86).round(3).item()
    0.727
    """

    r: float
    alpha: float
    a: float
    b: float
    covariance: np.ndarray = field(
        default_factory=lambda: np.full((4, 4), np.nan), repr=False
    )
    log_likelihood: float = np.nan
    n: int = 0

    @property
    def theta(self) -> np.ndarray:
        """Parameters on the scale of the covariance."""
        churn = np.log(self.a / self.b), np.log(self.a + self.b)
        return np.array([*by_mean_and_spread(self.r, self.alpha), *churn])

    def at(self, theta: np.ndarray) -> "BetaGeometricNBD":
        """The model at other parameters, given on the scale of the covariance."""
        return BetaGeometricNBD(*natural(theta), n=self.n)

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
            ``r``, ``alpha``, ``a``, ``b``, ``orders_per_week`` (mean rate while
            active) and ``stops_after_an_order`` (mean probability) as rows;
            ``value``, ``se``, ``lower``, ``upper``. Where the data leave a
            parameter open, as where customers do not differ, the bounds of its pair
            are 0 and infinity.
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
            1 for customers without a repeat order: in this model one stops only
            after one. That is an assumption, not a finding about them.
        """
        return 1 / (1 + np.exp(_stopped(self, *_arrays(x, t_x, T))))

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
        Fader, Hardie & Lee (2005), equation 10, here as an integral over the
        probability of stopping, which also holds at a = 1.
        """
        x, t_x, T, weeks = np.broadcast_arrays(*_arrays(x, t_x, T, weeks))
        active = np.empty(x.shape)
        for repeats in np.unique(x):
            here = x == repeats
            active[here] = _orders_while_active(self, repeats, T[here], weeks[here])
        return active * self.p_alive(x, t_x, T)

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
        x, t_x, T, weeks = _arrays(x, t_x, T, weeks)
        log_none = (self.r + x) * np.log((self.alpha + T) / (self.alpha + T + weeks))
        return self.p_alive(x, t_x, T) * -np.expm1(log_none)

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
        orders = _orders_while_active(self, 0.0, np.zeros(len(later)), later)
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

        References
        ----------
        Fader, Hardie & Lee (2005), equation 8.
        """
        from scipy.special import betainc, betaln, gammaln

        T, x = np.atleast_1d(np.asarray(T, float))[:, None], np.arange(largest + 1.0)
        share = T / (self.alpha + T)
        log_ways = gammaln(self.r + x) - gammaln(self.r) - gammaln(x + 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_run = np.where(x == 0, 0.0, x * np.log(share))
        exactly = np.exp(log_ways + self.r * np.log1p(-share) + log_run)
        whole = betaln(self.a, self.b)
        going = np.exp(betaln(self.a, self.b + x) - whole)
        ends = np.exp(betaln(self.a + 1, self.b + np.maximum(x, 1) - 1) - whole)
        at_least = betainc(np.maximum(x, 1), self.r, share)
        return exactly * going + np.where(x > 0, ends * at_least, 0.0)

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
        stops = np.maximum(rng.beta(self.a, self.b + x, size), 1e-12)
        orders = np.minimum(rng.poisson(rate * weeks), rng.geometric(stops))
        return np.where(alive, orders, 0)


def fit_bg_nbd(purchases: pd.DataFrame) -> BetaGeometricNBD:
    """Maximum-likelihood BG/NBD fit to counts of customers by x, t_x and T.

    Parameters
    ----------
    purchases : DataFrame
        From `retention.counts.purchases`, or any table with ``x`` (repeat orders),
        ``t_x`` and ``T`` (weeks from the first order to the last one and to the
        cut-off) and ``n`` (customers; 1 a row if it is not there).

    Returns
    -------
    BetaGeometricNBD
        Its cost grows with the cells, not with the customers. Standard errors come
        from the curvature of the likelihood at its maximum.

    Raises
    ------
    ValueError
        When a row is impossible, nobody bought again or the data cannot tell the
        parameters apart.

    References
    ----------
    Fader, Hardie & Lee (2005), Marketing Science 24, 275-284, equation 6.

    Examples
    --------
    >>> cells = pd.DataFrame(
    ...     [(0, 0, 700), (1, 4, 80), (1, 20, 60), (2, 12, 60), (4, 35, 100)],
    ...     columns=["x", "t_x", "n"],
    ... ).assign(T=39)
    >>> model = fit_bg_nbd(cells)
    >>> round(model.expected_orders([39]).item(), 2)
    0.68
    """
    cells = buyer_cells(purchases)
    best = maximum(Likelihood(cells), START, BOUNDS)
    return BetaGeometricNBD(
        *natural(best.parameters),
        best.covariance,
        best.log_likelihood,
        round(float(cells["n"].sum())),
    )


def _with_means(theta: np.ndarray) -> list[float]:
    r, alpha, a, b = natural(theta)
    return [r, alpha, a, b, r / alpha, a / (a + b)]


def _arrays(*values) -> list[np.ndarray]:
    return [np.asarray(value, float) for value in values]


def _stopped(model: BetaGeometricNBD, x, t_x, T) -> np.ndarray:
    """Log odds of having stopped after the last order; none without a repeat."""
    odds = np.log(model.a) - np.log(model.b + np.maximum(x, 1) - 1)
    odds = odds + (model.r + x) * np.log((model.alpha + T) / (model.alpha + t_x))
    return np.where(x > 0, np.minimum(odds, 700.0), -np.inf)


def _orders_while_active(model: BetaGeometricNBD, x: float, T, weeks) -> np.ndarray:
    """Mean of (1 - (1 + p t / (alpha + T))^-(r + x)) / p over p ~ Beta(a, b + x)."""
    stops, share = beta_quadrature(model.a, model.b + x)
    stops = np.maximum(stops, 1e-300)
    grows = np.log1p(stops * (weeks / (model.alpha + T))[..., None])
    return -np.expm1(-(model.r + x) * grows) / stops @ share
