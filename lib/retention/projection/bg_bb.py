"""The BG/BB model: repeat purchases when there is one occasion a period."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.projection.buyers_fitting import (
    beta_parameters,
    buyer_cells,
    maximum,
    parameter_table,
    undetermined,
    with_differences,
)

# logit of the mean and log of the sum, for buying and for stopping
START = [0.0, 0.5, -1.0, 0.5]
BOUNDS = [(-12.0, 12.0), (-7.0, 9.0), (-12.0, 12.0), (-7.0, 9.0)]
NAMES = ["alpha", "beta", "gamma", "delta", "buys_at_an_occasion", "stops_in_a_period"]


@dataclass(frozen=True, eq=False)
class BetaGeometricBetaBinomial:
    """At each occasion an active customer buys or not, and may stop before the next.

    The probability of buying is Beta(alpha, beta) across customers, that of stopping
    at the beginning of a period Beta(gamma, delta).

    Attributes
    ----------
    alpha, beta : float
        Mean probability of buying alpha / (alpha + beta) while active.
    gamma, delta : float
        Mean probability of stopping gamma / (gamma + delta) a period.
    covariance : array, shape (4, 4)
        Of the logits of the two means and the logs of the two sums, from the
        curvature of the likelihood; missing values without a fit.
    log_likelihood : float
        At the maximum; missing without a fit.
    n : int
        Customers; 0 without a fit.

    References
    ----------
    Fader, Hardie & Shang (2010), "Customer-base analysis in a discrete-time
    noncontractual setting", Marketing Science 29, 1086-1108.

    Examples
    --------
    >>> model = BetaGeometricBetaBinomial(1.204, 0.750, 0.657, 2.783)
    >>> model.conditional_orders([0, 6], [0, 6], 6, 5).round(2).tolist()
    [0.07, 3.75]
    """

    alpha: float
    beta: float
    gamma: float
    delta: float
    covariance: np.ndarray = field(
        default_factory=lambda: np.full((4, 4), np.nan), repr=False
    )
    log_likelihood: float = np.nan
    n: int = 0

    @property
    def theta(self) -> np.ndarray:
        """Parameters on the scale of the covariance."""
        pairs = (self.alpha, self.beta), (self.gamma, self.delta)
        return np.array([v for a, b in pairs for v in (np.log(a / b), np.log(a + b))])

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
            ``alpha``, ``beta``, ``gamma``, ``delta``, ``buys_at_an_occasion`` and
            ``stops_in_a_period`` (means) as rows; ``value``, ``se``, ``lower``,
            ``upper``.
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
        """Probability of being active in the period after the last one observed.

        Parameters
        ----------
        x, t_x, T : number or array
            Occasions with a purchase, the last of them (0 if none), and occasions so
            far.

        Returns
        -------
        array

        References
        ----------
        Fader, Hardie & Shang (2010).
        """
        x, t_x, T = _arrays(x, t_x, T)
        return np.exp(_active(self, x, T, 1) - _log_likelihood(self, x, t_x, T))

    def conditional_orders(self, x, t_x, T, periods: int) -> np.ndarray:
        """Purchases to expect in the next periods, given what a customer did so far.

        Parameters
        ----------
        x, t_x, T : number or array
            As in `p_alive`.
        periods : int
            Length of the future; at most one purchase a period.

        Returns
        -------
        array

        References
        ----------
        Fader, Hardie & Shang (2010), here as the sum over periods.
        """
        x, t_x, T = _arrays(x, t_x, T)
        buys = (self.alpha + x) / (self.alpha + self.beta + T)
        likelihood = _log_likelihood(self, x, t_x, T)
        ahead = [_active(self, x, T, k) - likelihood for k in range(1, periods + 1)]
        return buys * np.exp(ahead).sum(axis=0)

    def expected_orders(self, periods) -> pd.Series:
        """Repeat purchases to expect of a new customer by so many periods.

        Parameters
        ----------
        periods : iterable of int
            Occasions since the first purchase.

        Returns
        -------
        Series
            Indexed by the periods.
        """
        index = pd.Index(list(periods), name="periods")
        orders = [self.conditional_orders(0, 0, 0, k).item() for k in index]
        return pd.Series(orders, index, name="orders")


def fit_bg_bb(occasions: pd.DataFrame) -> BetaGeometricBetaBinomial:
    """Maximum-likelihood BG/BB fit to counts of customers by x, t_x and T.

    Parameters
    ----------
    occasions : DataFrame
        From `retention.counts.purchase_occasions`, or any table with ``x`` (occasions
        with a purchase), ``t_x`` (the last of them), ``T`` (occasions so far) and
        ``n`` (customers; 1 a row if it is not there). All whole numbers.

    Returns
    -------
    BetaGeometricBetaBinomial
        Standard errors come from the curvature of the likelihood at its maximum.

    Raises
    ------
    ValueError
        When a row is impossible, nobody bought again or the data cannot tell the
        parameters apart.

    References
    ----------
    Fader, Hardie & Shang (2010), Marketing Science 29, 1086-1108.

    Examples
    --------
    >>> cells = pd.DataFrame(
    ...     {
    ...         "x": [0, 1, 1, 2, 2, 3],
    ...         "t_x": [0, 1, 3, 2, 3, 3],
    ...         "T": 3,
    ...         "n": [500, 150, 60, 90, 80, 120],
    ...     }
    ... )
    >>> round(fit_bg_bb(cells).expected_orders([3]).item(), 2)
    0.92
    """
    cells = buyer_cells(occasions)
    x, t_x, T, n = (cells[name].to_numpy() for name in ("x", "t_x", "T", "n"))
    wrong = (t_x % 1 != 0) | (T % 1 != 0) | (x > t_x)
    if wrong.any():
        raise ValueError(
            f"{wrong.sum()} rows cannot be: with one occasion a period t_x and T are "
            "whole numbers and x is at most t_x. Count with purchase_occasions."
        )

    def log_likelihood(theta: np.ndarray) -> float:
        model = BetaGeometricBetaBinomial(*natural(theta))
        return float(n @ _log_likelihood(model, x, t_x, T))

    best = maximum(with_differences(log_likelihood), START, BOUNDS)
    return BetaGeometricBetaBinomial(
        *natural(best.parameters), best.covariance, best.log_likelihood, round(n.sum())
    )


def natural(theta: np.ndarray) -> tuple[float, float, float, float]:
    """Parameters alpha, beta, gamma, delta from the fit scale."""
    pair = beta_parameters(*theta[:2]), beta_parameters(*theta[2:])
    return tuple(float(value) for both in pair for value in both)


def _with_means(theta: np.ndarray) -> list[float]:
    a, b, c, d = natural(theta)
    return [a, b, c, d, a / (a + b), c / (c + d)]


def _arrays(*values) -> list[np.ndarray]:
    return np.broadcast_arrays(*(np.asarray(value, float) for value in values))


def _log_likelihood(model: BetaGeometricBetaBinomial, x, t_x, T) -> np.ndarray:
    """Log of the sum over the periods in which a customer may have stopped."""
    ways = _bought(model, x, T) + _stayed(model, T)
    for wait in range(int((T - t_x).max(initial=0))):
        stopped = t_x + wait
        way = _bought(model, x, stopped) + _ended(model, stopped)
        ways = np.where(stopped < T, np.logaddexp(ways, way), ways)
    return ways


def _bought(model: BetaGeometricBetaBinomial, x, occasions) -> np.ndarray:
    from scipy.special import betaln

    a, b = model.alpha, model.beta
    return betaln(a + x, b + np.maximum(occasions - x, 0)) - betaln(a, b)


def _stayed(model: BetaGeometricBetaBinomial, periods) -> np.ndarray:
    from scipy.special import betaln

    c, d = model.gamma, model.delta
    return betaln(c, d + periods) - betaln(c, d)


def _ended(model: BetaGeometricBetaBinomial, periods) -> np.ndarray:
    from scipy.special import betaln

    c, d = model.gamma, model.delta
    return betaln(c + 1, d + periods) - betaln(c, d)


def _active(model: BetaGeometricBetaBinomial, x, T, later: int) -> np.ndarray:
    return _bought(model, x, T) + _stayed(model, T + later)
